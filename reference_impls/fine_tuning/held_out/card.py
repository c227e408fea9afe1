"""The model card of a version, in Markdown: every figure comes from a document, and what no document says is a comment.

After Mitchell, Wu, Zaldivar et al. (2019), Model cards for model reporting.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pydantic import ValidationError

from ..ladder.durations import duration
from ..ladder.ladder import LADDER, Ladder, Step
from ..ladder.scoring import SHOWN
from .card_figures import cell, figures, table
from .figures import interval_text, number
from .model_evaluation import ModelEvaluation

_TASKS = {
    "classification": "gives each text one label",
    "extraction": "finds spans in each text",
    "generation": "writes a response to each message",
}
_MEASURED: Mapping[str, Callable[[float], str]] = {
    "seconds": lambda seconds: f"{duration(seconds)} of training",
    "trained_parameters": "{:,.0f} trained parameters".format,
    "best_epoch": "best after {:.3g} passes".format,
    "peak_memory_mb": "{:,.0f} MB of memory at most".format,
}
_FEW = 30
_NAMED = 10


def model_card(found: ModelEvaluation, about: Mapping[str, object], ladder: Ladder | None = None) -> str:
    """The card as Markdown.

    Args:
        found: What the test data said.
        about: What the registry tells of the version.
        ladder: The climb that the version came from; None where it is not known.
    """
    sections = {
        f"# Model card of {found.version}": _summary(found, about),
        "## Intended use": _use(found),
        "## How it was chosen": _chosen(found, about, ladder),
        **figures(found),
        "## Limits": _limits(found),
        "## Findings that were overruled": iter([f"- {cell(each)}" for each in found.despite]),
        "## Training": _training(found, about),
    }
    written = [(title, list(lines)) for title, lines in sections.items()]
    return "\n\n".join("\n".join([title, "", *lines]) for title, lines in written if lines) + "\n"


def ladder_of(runs_folder: Path, found: ModelEvaluation, about: Mapping[str, object]) -> Ladder | None:
    """The climb that a version came from, or None where the last climb was another one."""
    try:
        ladder = Ladder.model_validate_json((runs_folder / LADDER).read_bytes())
    except (OSError, ValidationError):
        return None
    same = ladder.data == found.data and any(
        step.rung == found.rung and step.score is not None and step.score == about.get("score") for step in ladder.steps
    )
    return ladder if same else None


def _summary(found: ModelEvaluation, about: Mapping[str, object]) -> Iterator[str]:
    does = next((step for step in (about.get("does"),) if step), "")
    rows = {
        "task": f"{found.task}: {_TASKS[found.task]}",
        "made by": f"rung `{found.rung}`" + (f" ({cell(str(does))})" if does else "") + f", kind `{found.kind}`",
        "base model": f"`{found.base}`" if found.base else "none",
        "data": f"`{found.data_name}`, digest `{found.data}`",
        "trained on": f"{found.trained_on:,} examples",
        "judged by": f"{found.rows:,} held-out examples",
        SHOWN[found.metric]: f"**{found.score:.3f}** (95 % interval {interval_text(found.interval)})",
        "evaluated": found.when,
        "model.json": f"sha256 `{found.model_sha256}`",
    }
    yield from table(("", ""), rows.items())


def _use(found: ModelEvaluation) -> Iterator[str]:
    if found.task == "classification":
        yield f"It answers each text with one of {len(found.labels)} labels: {_names(found)}."
    elif found.task == "extraction":
        yield f"It marks pieces of each text with {len(found.labels)} labels: {_names(found)}."
    else:
        yield "It answers messages like those of its examples."
    yield "It was made for texts like those of its data, and judged by such texts alone."
    yield ""
    yield (
        "<!-- Not known to this project; write it here: who uses it and for which decision, for what it must not be "
        "used, what a wrong answer costs, who checks its answers. -->"
    )


def _names(found: ModelEvaluation) -> str:
    return ", ".join(cell(label) for label in found.labels)


def _chosen(found: ModelEvaluation, about: Mapping[str, object], ladder: Ladder | None) -> Iterator[str]:
    scored, score = about.get("scored_by"), about.get("score")
    if ladder is None:
        if isinstance(score, float) and scored:
            yield f"Before the test data was looked at, it scored {score:.3f} on {cell(str(scored))}."
            yield ""
        yield "<!-- Not known: which other models it was chosen among. No ladder.json of the same training stands. -->"
        return
    yield (
        f"Chosen among these by {ladder.judged:,} validation examples"
        + (f" in {ladder.folds} folds" if ladder.folds > 1 else "")
        + ", cheapest first: a dearer one is kept only where it is shown to be better."
    )
    yield ""
    columns = ("rung", "what is trained", SHOWN[ladder.metric], "95 % interval", "minus the kept one before", "outcome")
    yield from table(columns, (_step(step) for step in ladder.steps))


def _step(step: Step) -> tuple[str, ...]:
    if step.score is None or step.interval is None:
        return (f"`{step.rung}`", cell(step.does), "", "", "", f"{step.outcome}: {cell(step.why)}")
    told = ""
    if step.difference:
        told = f"{step.difference.difference:+.3f} ({interval_text(step.difference.interval, signed=True)})"
    return (f"`{step.rung}`", cell(step.does), number(step.score), interval_text(step.interval), told, step.outcome)


def _limits(found: ModelEvaluation) -> Iterator[str]:
    for note in found.notes:
        yield f"- {cell(note[:1].upper() + note[1:])}."
    if found.looks > 1:
        yield (
            f"- The test rows have judged {found.looks} versions by now; choosing among many by them flatters the "
            "chosen one."
        )
    if found.classes:
        rare = [each.label for each in found.classes.classes if 0 < each.support < _FEW]
        if rare:
            yield (
                f"- {len(rare)} of the labels ({', '.join(cell(label) for label in rare[:_NAMED])}"
                f"{' and others' if len(rare) > _NAMED else ''}) have fewer than {_FEW} test rows each: their figures "
                "are rough."
            )
        if found.classes.unknown_items:
            yield f"- {found.classes.unknown_items} test rows carry a label that it cannot give; they count as wrong."
    yield "- A text of a kind that its data lacks is answered all the same."
    yield (
        "<!-- Not known to this project; write it here: languages, groups of people and situations that the data does "
        "not cover, and what was found about fairness between groups. -->"
    )


def _training(found: ModelEvaluation, about: Mapping[str, object]) -> Iterator[str]:
    measured = about.get("measured")
    known = measured if isinstance(measured, Mapping) else {}
    told = [write(known[name]) for name, write in _MEASURED.items() if name in known]
    if told:
        yield f"In the mean of the trainings by which it was chosen: {', '.join(told)}."
    if found.seed is not None:
        yield f"Seed {found.seed}."
    if code := about.get("code"):
        yield f"Code of the rooms that train: digest `{cell(str(code))}`."
    yield ""
    if found.settings:
        yield "```json"
        yield from json.dumps(dict(found.settings), indent=2, ensure_ascii=False, sort_keys=True).splitlines()
        yield "```"
    else:
        yield "<!-- Not known: the settings of the training. -->"
    yield ""
    versions = ", ".join(f"{name} {version}" for name, version in sorted(found.made_with.items()))
    yield f"Made with {versions}." if versions else "<!-- Not known: the versions of the libraries. -->"
    yield ""
    yield "<!-- Not known to this project; write it here: licences of data and base model, and whom to ask. -->"
