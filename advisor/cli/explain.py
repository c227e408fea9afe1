"""`advisor explain`: the whole trace, losers too."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli.options import rules_option, set_option

if TYPE_CHECKING:
    from advisor.documents import Facts, Finding, Findings, Recommendation


@click.command("explain", short_help="The whole trace: every rule, every point, the losers too.")
@click.argument("file", metavar="FILE")
@click.argument("subject", metavar="[APPROACH|RULE]", required=False)
@set_option
@rules_option
def command(file: str, subject: str | None, settings: tuple[str, ...], rules: Path | None) -> None:
    """Show how the verdict on FILE came about: all of it, or one APPROACH's score, or one RULE's trace."""
    from advisor.ask.answers_file import read_answers, with_answers
    from advisor.cli.output import audit
    from advisor.derive import derive
    from advisor.errors import UsageFault, allowed
    from advisor.evaluate import evaluate
    from advisor.knowledge import load_knowledge
    from advisor.pipeline import advise
    from advisor.values import Approach

    knowledge = load_knowledge(rules)
    answers = with_answers(read_answers(file, knowledge), settings, knowledge)
    recommendation = advise(answers, knowledge)
    audit(recommendation)
    facts = derive(answers, knowledge)
    findings = evaluate(facts, knowledge)
    by_id = {finding.rule: finding for finding in findings.findings}
    if subject is None:
        lines = _everything(recommendation, facts, findings)
    elif subject in set(Approach):
        lines = _approach(subject, recommendation, findings)
    elif subject in by_id:
        lines = _rule(by_id[subject])
    else:
        known = [*Approach, *sorted(by_id)]
        hint = allowed(subject, known).split("allowed:")[0]
        raise UsageFault(
            f"neither an approach nor a rule: {subject!r}; {hint}approaches: {', '.join(Approach)}",
            "all rules: advisor rules list",
        )
    for line in lines:
        click.echo(line)


def _everything(recommendation: Recommendation, facts: Facts, findings: Findings) -> Iterator[str]:
    from advisor.ask.answers_file import as_written

    yield recommendation.headline
    yield ""
    yield "FACTS"
    for fact in facts.facts:
        if not fact.applies:
            yield f"  {fact.fact:<20} does not apply"
        else:
            number = f" ({as_written(fact.number)} {fact.unit})" if fact.number is not None else ""
            yield f"  {fact.fact:<20} {fact.code or '-'}{number}  [{fact.origin}]"
    for rank in recommendation.ranking:
        yield ""
        yield from _approach(rank.approach, recommendation, findings)
    for outcome, title in (
        ("unknown", "OPEN: these rules wait for a fact"),
        ("false", "SILENT: these rules do not hold"),
    ):
        yield ""
        yield title
        for finding in findings.findings:
            if finding.outcome == outcome:
                waits = [step.fact for step in finding.steps if step.outcome == "unknown"]
                yield f"  {finding.rule}" + (f"  (waits for {', '.join(dict.fromkeys(waits))})" if waits else "")


def _approach(approach: str, recommendation: Recommendation, findings: Findings) -> Iterator[str]:
    rank = next(rank for rank in recommendation.ranking if rank.approach == approach)
    yield f"{approach.upper()}  {rank.score:+g}" + (
        "  vetoed" if rank.vetoed else "  closed: its two needs are not both real" if rank.closed else ""
    )
    lines = [line for line in findings.contributions if line.approach == approach]
    prior = rank.score - sum(line.points for line in lines)
    if abs(prior) > 0.005:
        yield f"  {prior:+6.2f}  to begin with"
    says = {finding.rule: finding.says for finding in findings.findings}
    for line in sorted(lines, key=lambda line: -line.points):
        via = f" (need: {line.via})" if line.via != "direct" else ""
        yield f"  {line.points:+6.2f}  {line.rule}{via}"
        yield textwrap.fill(says[line.rule], 80, initial_indent=" " * 10, subsequent_indent=" " * 10)
    for veto in findings.vetoes:
        if veto.approach == approach or (approach == "hybrid" and veto.reach == "any"):
            target = f"pattern {veto.pattern}" if veto.pattern else f"{veto.reach}"
            yield f"    veto  {veto.rule} ({target})"
            text = f"brought back if: {veto.relax}"
            yield textwrap.fill(text, 80, initial_indent=" " * 10, subsequent_indent=" " * 10)


def _rule(finding: Finding) -> Iterator[str]:
    yield f"{finding.rule}: {finding.outcome}"
    for label, text in (("says", finding.says), ("because", finding.because), ("effect", finding.effect)):
        yield textwrap.fill(f"{label:<8} {text}", 80, subsequent_indent=" " * 9)
    yield f"{'strength':<8} {finding.strength}"
    yield f"{'sources':<8} {', '.join(finding.sources)}"
    yield f"{'stands':<8} {finding.where}"
    yield "looked at"
    for step in finding.steps:
        text = f"  {step.outcome:<8} {step.fact}: wanted {step.wanted}, found {step.found}"
        yield textwrap.fill(text, 80, subsequent_indent=" " * 11)
