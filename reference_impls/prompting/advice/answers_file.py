"""Writes what was measured as an answers file for `advisor recommend`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from ...project_base.config import parse_mapping
from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from ..items.reading import read_text
from ..measuring.trial import Trial
from ..reviewing.heaps import Verdicts
from ..settings import Settings
from .findings import Measured, baseline_codes, interval_codes, measured, mode_codes, over_limits

_NUMBER = re.compile(r"\d+(\.\d+)?")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
_WORDS_OF_YAML = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
_NOT_TRIED = "not_tried"
_LATENCY = "latency_p95"
_TASKS = {"label": "classification", "fields": "extraction"}


@dataclass(frozen=True)
class Fact:
    """One line of the file: a code or a number, and where it comes from."""

    value: str
    because: str


@dataclass(frozen=True)
class Advice:
    """What the file will say.

    Attributes:
        facts: Measured, by fact.
        suggested: What a trial makes likely; it gives way to what the team has answered.
        figures: Token counts by their names in advisor's price list.
        missing: What keeps a fact unknown, and what to do about it.
    """

    facts: Mapping[str, Fact]
    suggested: Mapping[str, Fact]
    figures: Mapping[str, Fact]
    missing: tuple[str, ...]


def advise(trial: Trial, verdicts: Verdicts, settings: Settings, shape: str, labelled: int) -> Advice:
    """What a trial says.

    Args:
        trial: The result.
        verdicts: What people said of its outputs.
        settings: Target and limits.
        shape: Of the outputs: text, label or fields.
        labelled: How many inputs have a wanted output, items and examples together.
    """
    facts: dict[str, Fact] = {}
    missing: list[str] = []
    if trial.stand_in:
        told = "a stand-in answered, so no prompt was tried"
        facts["baseline_quality"] = facts["failure_mode"] = Fact(_NOT_TRIED, told)
        missing.append(f"{told}: set language_models.generator to a model, then {command_line('try')}")
    else:
        _measured(measured(trial, verdicts), trial, settings, facts, missing)
    if trial.effort.corpus_tokens:
        how = "counted by the model's tokenizer" if trial.effort.corpus_counted else "estimated from characters"
        facts["corpus_size"] = Fact(str(trial.effort.corpus_tokens), how)
    suggested = {"labelled_examples": Fact(str(labelled), "items and worked examples with a wanted output")}
    if settings.most_ms:
        suggested[_LATENCY] = Fact(
            _number(settings.most_ms),
            f"what is wanted (prompting.most_ms); the trial took {trial.effort.ms_p95:,.0f} ms in 95 of 100 calls",
        )
    if not trial.stand_in:
        suggested["model_kind"] = Fact("llm", "a language model was prompted")
    if trial.method == "map_reduce":
        suggested["reasoning_scope"] = Fact("whole_corpus", "every document is read for each result")
    task = "research_synthesis" if trial.method == "map_reduce" else _TASKS.get(shape)
    task = "grounded_qa" if trial.method == "whole_corpus" else task
    if task:
        suggested["task_type"] = Fact(task, "by what the prompt declares")
    return Advice(facts, suggested, _figures(trial), tuple(missing))


def conflicts(advice: Advice, answers: Mapping[str, str]) -> list[str]:
    """What the settings want otherwise than the team has answered, whose answer stands.

    Args:
        advice: What the trial says.
        answers: What the team has answered.
    """
    wanted, stated = advice.suggested.get(_LATENCY), answers.get(_LATENCY)
    if wanted is None or stated is None or stated == wanted.value:
        return []
    return [
        f"{_LATENCY}: the team has answered {stated}, which stands, and prompting.most_ms is {wanted.value}; the trial "
        "was judged by the latter: make both the same"
    ]


def _measured(found: Measured, trial: Trial, settings: Settings, facts: dict[str, Fact], missing: list[str]) -> None:
    review = command_line(f"review {trial.label}")
    target = settings.target
    qualities = baseline_codes(found, target)
    low, high = found.interval
    told = f"{found.good} of {found.judged} good, 95 % interval {low:.2f} to {high:.2f}, target {target:g}"
    if len(qualities) == 1:
        reached = [code for code in interval_codes(found, target) if code not in qualities]
        doubt = f"; the interval also reaches {' and '.join(reached)}" if reached else ""
        facts["baseline_quality"] = Fact(next(iter(qualities)), told + doubt)
    else:
        missing.append(f"baseline_quality: {found.unjudged} outputs are not judged yet ({review})")
    modes = mode_codes(found, trial, settings)
    heaps = f"{found.did_not_know} did not know, {found.behaved_wrongly} behaved wrongly, {found.unsorted} not sorted"
    if len(modes) == 1:
        mode = next(iter(modes))
        why = over_limits(trial, settings) if mode == "cost_latency" else heaps
        facts["failure_mode"] = Fact(mode, f"good enough, and no limit is passed; {heaps}" if mode == "none" else why)
    else:
        waiting = found.unsorted + found.unjudged
        missing.append(f"failure_mode: {waiting} outputs are not sorted yet ({review})")


def _figures(trial: Trial) -> dict[str, Fact]:
    """Token counts, in proportion to what the provider counted where it did."""
    effort = trial.effort
    parts = {
        "instruction_tokens": effort.instruction_tokens,
        "example_tokens": effort.example_tokens,
        "input_tokens": effort.input_tokens,
    }
    estimated = sum(parts.values()) + (effort.corpus_tokens if trial.method == "whole_corpus" else 0)
    counted = effort.read is not None and not trial.quality.repaired and estimated > 0
    factor = (effort.read or 0) / estimated if counted else 1.0
    how = "in proportion to what the provider counted" if counted else "estimated from characters"
    found = {name: Fact(str(round(value * factor)), how) for name, value in parts.items() if value * factor >= 1}
    if effort.written is not None and effort.written >= 1:
        found["output_tokens"] = Fact(str(round(effort.written)), "counted by the provider or the tokenizer")
    return found


def as_yaml(advice: Advice, trial: Trial, answers: Mapping[str, str], figures: Mapping[str, str]) -> str:
    """The answers file.

    Args:
        advice: What was measured.
        trial: The result that it comes from.
        answers: What the team has answered before; it gives way to what was measured.
        figures: Likewise.
    """
    # What was tried is tried, also where nobody has sorted its failures yet.
    kept = {name: value for name, value in answers.items() if trial.stand_in or value != _NOT_TRIED}
    facts = {name: fact for name, fact in advice.suggested.items() if name not in kept} | dict(advice.facts)
    lines = [
        f"# Measured with {trial.label} (sha256 {trial.prompt.sha256}), {trial.model}, {trial.when}.",
        *(f"# unknown: {each}" for each in advice.missing),
        "answers:",
    ]
    for name in sorted(kept.keys() | facts.keys()):
        if name in facts:
            lines.append(f"  {name}: {_scalar(facts[name].value)}  # {_comment(facts[name].because)}")
        else:
            lines.append(f"  {name}: {_scalar(kept[name])}")
    shown = {name: (value, "") for name, value in figures.items()}
    shown |= {name: (fact.value, f"  # {_comment(fact.because)}") for name, fact in advice.figures.items()}
    if shown:
        lines += ["figures:", *(f"  {name}: {value}{told}" for name, (value, told) in sorted(shown.items()))]
    return "\n".join(lines) + "\n"


def read_answers(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Answers and figures of a file, as they are written there.

    Raises:
        UserError: It is no answers file.
    """
    text = read_text(path, "give --with the path of the answers that the team gave, such as answers.yaml")
    parse_mapping(text, path)
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise UserError(f"{path} is no answers file", "give the answers.yaml of the project")
    sections = {str(key.value): node for key, node in root.value}
    return _scalars(path, "answers", sections), _scalars(path, "figures", sections)


def _scalars(path: Path, name: str, sections: Mapping[str, yaml.Node]) -> dict[str, str]:
    node = sections.get(name)
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise UserError(f"{path}: {name} is no mapping", "write one fact a line, below answers:")
    found = {}
    for key, value in node.value:
        if not isinstance(value, yaml.ScalarNode):
            raise UserError(f"{path}: {key.value} is no single value", "write one code or number for each fact")
        found[str(key.value)] = str(value.value)
    return found


def _scalar(value: str) -> str:
    if _NUMBER.fullmatch(value) or (_PLAIN.fullmatch(value) and value.casefold() not in _WORDS_OF_YAML):
        return value
    return "'" + value.replace("'", "''") + "'"


def _comment(text: str) -> str:
    return " ".join(text.split())


def _number(value: float) -> str:
    return f"{value:g}" if value < 1e5 else f"{value:.0f}"
