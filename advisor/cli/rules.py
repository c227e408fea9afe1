"""`advisor rules`: reads and lints a rules folder."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli.options import rules_option
from advisor.cli.rules_score import score

if TYPE_CHECKING:
    from advisor.knowledge import Conflict, Knowledge, Pattern, SourceRef, Stage


@click.group("rules", short_help="List, show, check and score the rules.")
def command() -> None:
    """Read and check the built-in rules, and a folder of your own on top."""


command.add_command(score)


@command.command("list")
@click.option("--facts", "what", flag_value="facts", help="The facts and their codes instead.")
@click.option("--patterns", "what", flag_value="patterns", help="The patterns of every approach instead.")
@click.option("--figures", "what", flag_value="figures", help="The figures that costs are worked out from instead.")
@click.option("--claims", "what", flag_value="claims", help="Every claim and source, and the rules that rest on it.")
@rules_option
def list_rules(what: str | None, rules: Path | None) -> None:
    """List every rule by criterion; or the facts, the patterns, the figures, or the claims."""
    from advisor.cli.output import show
    from advisor.evaluate import effect_in_words
    from advisor.knowledge import load_knowledge

    knowledge = load_knowledge(rules)
    if what == "facts":
        for ask in sorted(knowledge.asks.values(), key=lambda ask: (ask.criterion, ask.fact)):
            unit = f" or a number ({ask.unit})" if ask.unit else ""
            show(f"{ask.fact}: {', '.join(ask.codes)}, dont_know{unit}")
        return
    if what == "patterns":
        for spec in knowledge.approaches.values():
            click.echo(spec.id)
            for pattern in spec.patterns:
                built = pattern.component or "not built yet"
                show(f"  {pattern.id:<26} {built:<14} {pattern.title}", " " * 44)
        return
    if what == "figures":
        for figure in knowledge.prices.figures.values():
            number = f"{figure.low:g}" if figure.low == figure.high else f"{figure.low:g} to {figure.high:g}"
            unit = f"{figure.currency} {figure.unit}" if figure.currency else figure.unit
            said = figure.evidence or figure.source
            show(
                f"{figure.id}: {number} {unit}, {figure.means}; {figure.as_of}, {figure.status}"
                + (f" ({said})" if said else "")
            )
        return
    if what == "claims":
        from advisor.checks import encoding, uses_of_sources

        uses = uses_of_sources(knowledge)
        for kind in ("claim", "evidence"):
            for source in (one for one in knowledge.sources.values() if one.kind == kind):
                status = f" ({source.status})" if kind == "evidence" else ""
                show(f"{source.id}: {source.title}{status}")
                click.echo(textwrap.fill(encoding(source, uses), 80, initial_indent="  ", subsequent_indent="    "))
        return
    for criterion, title in sorted(knowledge.criteria.items()):
        own = [rule for rule in knowledge.rules if rule.criterion == criterion]
        show(f"{criterion}: {title}")
        for rule in own:
            click.echo(f"  {rule.id}")
            click.echo(textwrap.fill(effect_in_words(rule), 80, initial_indent="    ", subsequent_indent="    "))


@command.command("show")
@click.argument("name", metavar="RULE|FACT|PATTERN|CONFLICT")
@rules_option
def show_one(name: str, rules: Path | None) -> None:
    """Show one rule, fact, pattern or conflict, whole."""
    from advisor.errors import UsageFault, allowed
    from advisor.evaluate import effect_in_words
    from advisor.knowledge import load_knowledge

    knowledge = load_knowledge(rules)
    if name in knowledge.asks:
        ask = knowledge.asks[name]
        _lines("fact", name)
        _lines("asks", ask.question)
        _lines("why", ask.why)
        _lines("help", ask.help or "")
        _lines("applies", ask.when.show())
        for option in ask.options:
            _lines("", f"{option.code}: {option.means}")
        reads = [rule.id for rule in knowledge.rules if name in rule.facts]
        _lines("read by", ", ".join(reads))
        return
    if name in knowledge.patterns:
        _show_pattern(knowledge.patterns[name], knowledge)
        return
    conflicts = {conflict.id: conflict for conflict in knowledge.conflicts}
    if name in conflicts:
        _show_conflict(conflicts[name], knowledge)
        return
    rule_ids = {rule.id for rule in knowledge.rules}
    if name not in rule_ids:
        hint = allowed(name, sorted({*knowledge.asks, *knowledge.patterns, *conflicts, *rule_ids})).split("allowed:")[0]
        raise UsageFault(
            f"neither a rule nor a fact, a pattern or a conflict: {name!r}; {hint}".rstrip("; "),
            "see: advisor rules list",
        )
    rule = knowledge.rule(name)
    _lines("rule", rule.id)
    _lines("says", rule.says)
    _lines("when", rule.when.show())
    _lines("effect", effect_in_words(rule))
    _lines("relax", rule.effect.relax or "")
    _lines("because", rule.because)
    _lines("strength", rule.strength)
    _sources(rule.sources, knowledge)
    _lines("stands", rule.where)


def _show_conflict(conflict: Conflict, knowledge: Knowledge) -> None:
    _lines("conflict", conflict.id)
    _lines("between", conflict.between)
    _lines("when", conflict.when.show())
    for side in conflict.sides:
        _lines("side", f"{side.says}: {side.holds_when.show() if side.holds_when else 'nowhere'}")
    _lines("settled", conflict.resolution)
    _lines("because", conflict.because)
    _sources(conflict.sources, knowledge)
    _lines("stands", conflict.where)


def _show_pattern(pattern: Pattern, knowledge: Knowledge) -> None:
    from advisor.values import as_written

    _lines("pattern", f"{pattern.id}, of {pattern.approach}: {pattern.title}")
    _lines("does", pattern.does)
    _lines("code", pattern.component or "not built yet")
    _lines("when", pattern.when.show())
    for label, rules in (
        ("chosen by", [rule.id for rule in knowledge.rules if pattern.id in rule.effect.prefer]),
        ("closed by", [rule.id for rule in knowledge.rules if pattern.id in rule.effect.veto]),
    ):
        _lines(label, ", ".join(rules))
    _lines("first", pattern.build_first or "")
    _lines("then, if", pattern.second_half_pays_when or "")
    for label, settings in (("defined by", pattern.defines), ("sets", pattern.settings)):
        for section, keys in settings.items():
            for key, value in keys.items():
                _lines(label, f"{section}.{key}: {as_written(value)}")
    for rule in knowledge.rules:
        for section in sorted(set(rule.effect.set).intersection(pattern.rooms)):
            for key, value in rule.effect.set[section].items():
                _lines("may set", f"{section}.{key}: {as_written(value)} (rule {rule.id})")
    _lines("plan", ", ".join(pattern.plan))
    experiment = pattern.first_experiment
    click.echo(f"\nFIRST EXPERIMENT, at most {experiment.days} days")
    _lines("", experiment.title)
    _lines("do", experiment.do)
    _lines("measure", experiment.measure)
    _lines("stop when", experiment.stop_when)
    _lines("figures", _named(experiment.sources))
    for number, stage in enumerate(pattern.stages, 1):
        click.echo(f"\nSTAGE {number}")
        _show_stage(stage)
    click.echo("\nRISKS")
    for risk in pattern.risks:
        _lines("", f"{knowledge.risks[risk].title}: {knowledge.risks[risk].mitigation}")
    click.echo("\nGROUNDS")
    _sources(pattern.sources, knowledge)


def _show_stage(stage: Stage) -> None:
    _lines("", f"{stage.title} (pattern {stage.pattern})" if stage.pattern else stage.title)
    _lines("do", stage.do)
    _lines("next when", stage.next_when or "")
    _lines("back when", stage.back_when or "")
    _lines("keep", stage.keeps)
    _lines("drop", stage.throws_away)
    _lines("figures", _named(stage.sources))


def _named(refs: Iterable[SourceRef]) -> str:
    return ", ".join(f"{ref.id} ({ref.status})" for ref in refs) or "our proposal"


def _sources(refs: Iterable[SourceRef], knowledge: Knowledge) -> None:
    for ref in refs:
        source = knowledge.sources[ref.id]
        about = f"{source.title.rstrip('.')}. {source.by.rstrip('.')}."
        _lines("source", f"{ref.id} ({ref.status}): {about} {source.link or ''}")


def _lines(label: str, text: str) -> None:
    if text:
        click.echo(textwrap.fill(f"{label:<9} {text}", 80, subsequent_indent=" " * 10, break_on_hyphens=False))


@command.command("check")
@rules_option
def check(rules: Path | None) -> None:
    """Find what is wrong in the rules: exit code 3 with every fault, its file and line.

    Warnings are printed and leave the exit code at 0.
    """
    from datetime import date

    from advisor.checks import check_knowledge
    from advisor.cli.output import remark
    from advisor.errors import RulesError
    from advisor.knowledge import load_knowledge

    knowledge = load_knowledge(rules, with_cases=True)
    checked = check_knowledge(knowledge, date.today())
    for warning in checked.warnings:
        remark(f"warning: {warning}")
    if checked.faults:
        raise RulesError(checked.faults, "mend these, then check again")
    cases = sum(len(listed) for rule in knowledge.rules for listed in rule.cases.values())
    click.echo(
        f"sound: {len(knowledge.rules)} rules, {len(knowledge.asks)} facts, {cases} cases, "
        f"{len(knowledge.patterns)} patterns, {len(knowledge.sources)} sources"
    )
