"""The smoke run: whether the generated project works, and what it measured."""

from __future__ import annotations

from advisor.documents import Dossier, SmokeResult
from advisor.report.blocks import Block, Callout, Item, Items, Section, Table
from advisor.report.wording import count, figure, spoken

__all__ = ["build"]


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None while there is neither a project nor a run of one."""
    result = dossier.smoke
    title = "Does it run?"
    if result is None:
        if dossier.manifest is None:
            return None
        waiting = Callout(
            title="Changed since it last ran" if dossier.changed_since_smoke else "Not tried yet",
            text="Files of the project changed after its checks last ran, so what they said no longer counts. "
            "`advisor smoke` runs them again, offline."
            if dossier.changed_since_smoke
            else "The project was written, but its checks have not been run. `advisor smoke` runs them, offline.",
            tone="alarm",
        )
        return Section(id="smoke", title=title, blocks=(waiting,))
    blocks: list[Block] = [_outcome(result)]
    failed = tuple(
        Item(title=spoken(check.name), text=check.message or "It gave no message.")
        for check in result.checks
        if not check.passed
    )
    if failed:
        blocks.append(Items(title="What failed", items=failed))
    if result.checks:
        rows = tuple(
            (spoken(check.name), "passed" if check.passed else "failed", figure(check.seconds), check.message)
            for check in result.checks
        )
        blocks.append(
            Table(caption="Checks", columns=("Check", "Outcome", "Seconds", "What it says"), rows=rows, numbers=(2,))
        )
    measured = tuple(
        (spoken(check.name), spoken(name), figure(value, 4))
        for check in result.checks
        for name, value in check.measured.items()
    )
    if measured:
        columns = ("Check", "Figure", "Value")
        blocks.append(Table(caption="Measured on the project's own data", columns=columns, rows=measured, numbers=(2,)))
    return Section(id="smoke", title=title, blocks=tuple(blocks))


def _outcome(result: SmokeResult) -> Callout:
    failed = sum(not check.passed for check in result.checks)
    seconds = f"{figure(result.seconds, 1)} s"
    if result.passed:
        return Callout(title="It runs", text=f"{_all(len(result.checks))} passed, in {seconds}.", tone="good")
    ended = "The run ended without a result"
    if failed:
        ended = f"{failed} of {count(len(result.checks), 'check')} failed"
    text = f"{ended}, after {seconds}. The advice above stands; the code does not yet."
    return Callout(title="It does not run as it is", text=text, tone="alarm")


def _all(number: int) -> str:
    return "The only check" if number == 1 else f"All {number} checks"
