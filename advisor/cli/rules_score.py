"""`advisor rules score`: how far the advice agrees with labelled cases."""

from __future__ import annotations

import contextlib
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from advisor.cli.options import rules_option

if TYPE_CHECKING:
    from advisor.documents.score import Disagreement, LeftOut, Reading, Score, Tally

_HARMFUL = 8
"""Facts that are listed of those whose loss hurts."""


@click.command("score")
@click.argument("cases", nargs=-1, type=click.Path(path_type=Path), metavar="[CASES]...")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--quick", is_flag=True, help="Without leaving out every fact in turn, which takes most of the time.")
@rules_option
def score(cases: tuple[Path, ...], form: str, quick: bool, rules: Path | None) -> None:
    """Compare the advice with labelled cases: those of rules/cases, or the files CASES.

    A file may hold `cases` alone, each with id, facts, inferred, expected and acceptable; more is left alone.
    """
    from advisor.cli.output import say
    from advisor.knowledge import load_knowledge
    from advisor.knowledge.case_files import read_cases
    from advisor.scoring import score as score_cases

    knowledge = load_knowledge(rules, with_cases=True)
    groups = [read_cases(path, knowledge) for path in cases] or knowledge.cases
    for path, how in knowledge.own:
        say(f"own rules: {path} {how}")
    with _progress(sum(len(group.cases) for group in groups)) as step:
        found = score_cases(groups, knowledge, leave_one_out=not quick, after_case=step)
    if form == "json":
        click.echo(found.model_dump_json(indent=1))
        return
    for line in _text(found):
        click.echo(line.rstrip())


@contextlib.contextmanager
def _progress(cases: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error where somebody looks; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=cases, label="cases", file=sys.stderr) as bar:
        yield lambda: bar.update(1)


def _text(found: Score) -> Iterator[str]:
    yield f"Agreement with {found.all_facts.total.cases} labelled cases"
    yield ""
    yield from _groups(found)
    yield from _confusion(found.all_facts)
    yield from _confidence(found)
    if found.left_out is not None:
        yield from _left_out(found.left_out)
    yield from _disagreements("with all facts", found.all_facts.disagreements)
    yield from _disagreements("with the stated facts alone", found.stated_facts.disagreements)


def _groups(found: Score) -> Iterator[str]:
    yield f"{'':<40}{'all facts':>19}{'stated facts alone':>20}"
    yield f"{'group':<34}{'cases':>6}" + 2 * f"{'exact':>6}{'accept.':>8}{'none':>6}"
    for group in found.groups:
        yield from _row(group.title, group.all_facts, group.stated_facts)
    if len(found.groups) > 1:
        yield from _row("all", found.all_facts.total, found.stated_facts.total)
    yield ""
    yield from _wrapped(
        "accept.: the verdict is one that the label accepts; none: no verdict was given. Stated facts alone: without "
        "those that are a reading of the source."
    )
    for group in found.groups:
        if group.note:
            yield from _wrapped(f"{group.title}: {group.note}")


def _row(title: str, whole: Tally, stated: Tally) -> Iterator[str]:
    *before, last = textwrap.wrap(title, 33) or [""]
    yield from before
    counts = "".join(f"{one.exact:>6}{one.acceptable:>8}{one.abstained:>6}" for one in (whole, stated))
    yield f"{last:<34}{whole.cases:>6}{counts}"


def _confusion(reading: Reading) -> Iterator[str]:
    from advisor.values import Approach

    got = (*Approach, None)
    cells = {(cell.expected, cell.got): cell.cases for cell in reading.confusion}
    yield ""
    yield "Labels (rows) and verdicts (columns), with all facts"
    yield f"{'':<13}" + "".join(f"{approach or 'none':>12}" for approach in got[:-1]) + f"{'none':>6}"
    for expected in Approach:
        counts = [cells.get((expected, approach), 0) for approach in got]
        yield f"{expected:<13}" + "".join(f"{cases or '.':>12}" for cases in counts[:-1]) + f"{counts[-1] or '.':>6}"


def _confidence(found: Score) -> Iterator[str]:
    yield ""
    yield "Confidence, of the verdicts given"
    for title, reading in (("all facts", found.all_facts), ("stated facts alone", found.stated_facts)):
        yield f"{title:<20}{'verdicts':>10}{'share':>8}{'acceptable':>14}{'exact':>13}{'mean conf.':>13}"
        given = reading.total.cases - reading.total.abstained
        for level in reading.levels:
            acceptable, exact = (_of(part, level.cases) for part in (level.acceptable, level.exact))
            mean = "-" if level.mean is None else f"{level.mean:.2f}"
            share = _percent(level.cases, given)
            yield f"  {level.level:<18}{level.cases:>10}{share:>8}{acceptable:>14}{exact:>13}{mean:>13}"
        brier = "-" if reading.brier is None else f"{reading.brier:.3f}"
        yield f"  Brier score {brier}"
    yield from _wrapped(
        "Brier score: the mean square of confidence minus outcome, 1 where the verdict is acceptable and 0 where not; "
        "0 is best."
    )


def _left_out(left: LeftOut) -> Iterator[str]:
    yield ""
    yield f"Each fact left out in turn: {_of(left.acceptable, left.verdicts)} of {left.verdicts:,} verdicts acceptable"
    harmful = [fact for fact in left.facts if fact.lost][:_HARMFUL]
    if harmful:
        yield f"  {'hurts most without':<24}{'left out':>10}{'lost':>6}{'gained':>8}"
    for fact in harmful:
        yield f"  {fact.fact:<24}{fact.cases:>10}{fact.lost:>6}{fact.gained:>8}"


def _disagreements(title: str, found: Sequence[Disagreement]) -> Iterator[str]:
    yield ""
    yield f"Where it disagrees {title}: {len(found)}"
    for one in found:
        got = one.got or f"none ({(one.undecided or '').replace('_', ' ')})"
        accepted = ", accepted too" if one.got in one.acceptable else ""
        text = (
            f"{one.case}: expected {one.expected}, got {got}, {one.level} ({one.confidence:.2f}){accepted}. {one.name}"
        )
        yield textwrap.fill(text, 80, initial_indent="  ", subsequent_indent="    ", break_on_hyphens=False)


def _wrapped(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, 80, subsequent_indent="  ")


def _of(part: int, whole: int) -> str:
    return f"{part:,} ({_percent(part, whole)})"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}%" if whole else "-"
