"""Compares two results item by item."""

from dataclasses import dataclass

from ...evaluation.paired import Difference, compare, in_words
from ...project_base.errors import UserError
from ...project_base.terminal import printable
from ..asking.stand_in import NOTE
from ..reviewing.heaps import Verdict, Verdicts, is_good
from .trial import Row, Trial

_SHOWN = 10


@dataclass(frozen=True)
class Comparison:
    """Two prompts on the same items.

    Attributes:
        first: The newer one, whose difference to the other is told.
        second: The other.
        difference: Of the shares of good outputs.
        only_first: Ids of the items that only the first has right.
        only_second: Ids of those that only the second has right.
        left_out: Items that only one of them has, or that were changed between.
        wrong_items: Items left out since somebody has said that what they want is wrong.
    """

    first: Trial
    second: Trial
    difference: Difference
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]
    left_out: int
    wrong_items: int = 0


def compare_trials(
    first: Trial, second: Trial, first_verdicts: Verdicts | None = None, second_verdicts: Verdicts | None = None
) -> Comparison:
    """Compares in pairs: only items that both have, with the same input and the same wanted output.

    As for `answers`, an output is good by measure or by what was said of it, and an item that is said to be wrong does
    not count. What was said of an output holds for the same output of the other result.

    Args:
        first: The one that is asked about.
        second: What it is compared with.
        first_verdicts: What people said of its outputs.
        second_verdicts: Likewise.

    Raises:
        UserError: They have no item in common that counts, or outputs that nobody has judged.
    """
    one = {row.item_sha256: row for row in first.rows}
    other = {row.item_sha256: row for row in second.rows}
    shared = [digest for digest in one if digest in other]
    if not shared:
        raise UserError(
            f"{first.label} and {second.label} were tried on different items", "try both on the same evaluation set"
        )
    said = {digest: _said(one[digest], other[digest], first_verdicts, second_verdicts) for digest in shared}
    right = [digest for digest in shared if "item_is_wrong" not in said[digest]]
    if not right:
        raise UserError(
            f"every item that {first.label} and {second.label} share is said to be wrong in `review`",
            "mend what these items want, then try both again",
        )
    scores = [_score(first, one[digest], said[digest][0]) for digest in right]
    others = [_score(second, other[digest], said[digest][1]) for digest in right]
    ids = [one[digest].id for digest in right]
    pairs = list(zip(ids, scores, others, strict=True))
    return Comparison(
        first,
        second,
        compare("share of good outputs", scores, others),
        tuple(name for name, won, lost in pairs if won > lost),
        tuple(name for name, won, lost in pairs if lost > won),
        len(one) + len(other) - 2 * len(shared),
        len(shared) - len(right),
    )


def _said(
    one: Row, other: Row, first: Verdicts | None, second: Verdicts | None
) -> tuple[Verdict | None, Verdict | None]:
    mine = first.of(one.id) if first else None
    theirs = second.of(other.id) if second else None
    return (mine or theirs, theirs or mine) if one.output == other.output else (mine, theirs)


def _score(trial: Trial, row: Row, said: Verdict | None) -> float:
    good = is_good(row, said)
    if good is None:
        raise UserError(f"nobody has judged the item {row.id} of {trial.label} yet", "judge its outputs with `review`")
    return float(good)


def comparison_table(found: Comparison) -> str:
    """The comparison in words, with the items that changed sides."""
    told = in_words(found.difference, found.second.label)
    p = "" if found.difference.p is None else f" McNemar's exact test: p = {found.difference.p:.3f}."
    lines = [f"{found.first.label}: {told}{p}"]
    lines.append(_changed(f"right with {found.first.label} alone", found.only_first))
    lines.append(_changed(f"right with {found.second.label} alone", found.only_second))
    for name, one, other in (
        ("p95 in ms", found.first.effort.ms_p95, found.second.effort.ms_p95),
        ("tokens read", found.first.effort.read, found.second.effort.read),
        ("cost an item", found.first.effort.cost_per_item, found.second.effort.cost_per_item),
    ):
        if one is not None and other is not None:
            lines.append(f"{name}: {one:.6g} against {other:.6g}")
    if found.left_out:
        lines.append(f"note: {found.left_out} items stand in one of both alone, or were changed, and were left out")
    if found.wrong_items:
        lines.append(f"note: {found.wrong_items} items are said to be wrong in `review`, and were left out")
    if found.first.model != found.second.model:
        lines.append(f"note: different models answered: {found.first.model}; {found.second.model}")
    if found.first.stand_in or found.second.stand_in:
        lines.append(f"note: {NOTE}")
    return printable("\n".join(lines))


def _changed(what: str, ids: tuple[str, ...]) -> str:
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return f"{what}: {len(ids)}{' (' + ', '.join(ids[:_SHOWN]) + more + ')' if ids else ''}"
