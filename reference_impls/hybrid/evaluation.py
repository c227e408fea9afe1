"""The 2 x 2 table {base, tuned} x {without, with retrieval}, and whether the second half pays."""

import hashlib
from collections.abc import Mapping, Sequence

from ..evaluation.holm import holm
from ..evaluation.metrics import mean
from ..evaluation.paired import MARGIN
from .form import CELLS, SCHEMA, Against, Cell, Item, Table, TwoByTwo, read_table
from .judging import Verdict, idle_words, judged_words, no_gain_of, verdict_of
from .patterns import PATTERNS, CellName, PatternName
from .significance import interval_of, paired

__all__ = ["CELLS", "SCHEMA", "Against", "Cell", "Item", "Table", "TwoByTwo", "read_table", "two_by_two"]


def two_by_two(
    pattern: PatternName,
    measure: str,
    ids: Sequence[str],
    scores: Mapping[CellName, Sequence[float]],
    *,
    systems: Mapping[CellName, str],
    why_not: Mapping[CellName, str] | None = None,
    groups: Sequence[str] = (),
    graded: bool = False,
    equal_suffices: Mapping[CellName, str] | None = None,
    least_gain: float = MARGIN,
    version: str = "",
    model_sha256: str = "",
    index: str = "",
    choice: str = "",
    measured: Mapping[str, float] | None = None,
    tables: Sequence[Table] = (),
    notes: Sequence[str] = (),
    item_notes: Sequence[str] = (),
    contents: Sequence[str] = (),
    no_gain: str | None = None,
    idle: str = "",
) -> TwoByTwo:
    """Makes the table of the scores of each item.

    Args:
        pattern: Which.
        measure: What a score is, in a few words.
        ids: Of the items, none twice.
        scores: By cell, one in [0, 1] for each item in the order of `ids`, higher is better; `tuned_retrieval` is the
            hybrid and must be there, and at least one half alone.
        systems: What stands in each of the four cells, in a few words.
        why_not: Of each cell that has no scores: why.
        groups: One for each item where items hang together: whole groups are drawn then, so that ten questions on one
            document do not pass for ten documents. Empty where each item stands alone.
        graded: Whether scores are likelihoods or the like, and not right or wrong.
        equal_suffices: Halves beside which being as good is enough, with the reason (a call saved, a time limit).
        least_gain: A gain below this does not pay for a second half.
        version: The tuned part in the registry.
        model_sha256: sha256 of its model.json.
        index: Generation of the index.
        choice: What was chosen after the training; see `choice.choice_of`.
        measured: Further figures.
        tables: Further tables.
        notes: What limits the result.
        item_notes: One for each item, or none at all.
        contents: What is asked and wanted of each item, or none at all.
        no_gain: Why nothing is seen to be gained by the tuned part; by default where the hybrid scores no higher than
            `base_retrieval`, or lower by more than 0.02 where being as good suffices.
        idle: Why the tuned part does nothing at all, so that it does not pay whatever these items say; else empty.

    Raises:
        ValueError: Scores are missing, not in [0, 1] or not one for each item, or a cell has neither scores nor reason.
    """
    why_not, equal_suffices = dict(why_not or {}), dict(equal_suffices or {})
    _demand(ids, scores, why_not, (groups, item_notes, contents))
    spec = PATTERNS[pattern]
    hybrid = scores["tuned_retrieval"]
    others = [name for name in spec.halves_first if name in scores]
    pairs = [paired(measure, hybrid, scores[name], groups, graded=graded) for name in others]
    corrected = holm([p for _, p in pairs])
    against = tuple(
        Against(
            cell=name,
            half=name != "base",
            difference=difference,
            p=p,
            p_holm=adjusted,
            equal_suffices=equal_suffices.get(name, ""),
        )
        for name, (difference, p), adjusted in zip(others, pairs, corrected, strict=True)
    )
    halves = [(systems[each.cell], each.difference, each.p_holm, each.equal_suffices) for each in against if each.half]
    verdict: Verdict = "does_not_pay" if idle else verdict_of(halves, least_gain)
    return TwoByTwo(
        pattern=pattern,
        version=version,
        model_sha256=model_sha256,
        index=index,
        choice=choice,
        measure=measure,
        items=len(ids),
        groups=len(set(groups)) if groups else len(ids),
        cells=tuple(_cell(name, scores, systems, why_not, groups) for name in CELLS),
        against=against,
        verdict=verdict,
        why=idle_words(idle, halves) if idle else judged_words(verdict, halves, least_gain),
        no_gain=idle
        if idle
        else no_gain_of(halves[0])
        if no_gain is None and "base_retrieval" in scores
        else no_gain or "",
        dropping=spec.dropping,
        measured=dict(measured or {}),
        tables=tuple(tables),
        notes=tuple(notes),
        outcomes=tuple(
            Item(
                id=name,
                group=groups[place] if groups else "",
                scores={cell: scores[cell][place] for cell in CELLS if cell in scores},
                note=item_notes[place] if item_notes else "",
                sha256=hashlib.sha256(contents[place].encode("utf-8", "surrogatepass")).hexdigest() if contents else "",
            )
            for place, name in enumerate(ids)
        ),
    )


def _cell(
    name: CellName,
    scores: Mapping[CellName, Sequence[float]],
    systems: Mapping[CellName, str],
    why_not: Mapping[CellName, str],
    groups: Sequence[str],
) -> Cell:
    found = scores.get(name)
    return Cell(
        name=name,
        tuned=name.startswith("tuned"),
        retrieval=name.endswith("retrieval"),
        system=systems[name],
        score=None if found is None else mean(found),
        interval=None if found is None else interval_of(found, groups),
        why_not="" if found is not None else why_not[name],
    )


def _demand(
    ids: Sequence[str],
    scores: Mapping[CellName, Sequence[float]],
    why_not: Mapping[CellName, str],
    for_each: Sequence[Sequence[str]],
) -> None:
    if not ids or len(set(ids)) < len(ids):
        raise ValueError("a table needs items, each with an id of its own")
    if "tuned_retrieval" not in scores or not {"tuned", "base_retrieval"} & scores.keys():
        raise ValueError("a table needs scores of the hybrid and of at least one half alone")
    for name in CELLS:
        if (name in scores) == bool(why_not.get(name)):
            raise ValueError(f"the cell {name} needs either scores or a reason why it has none")
    for name, values in scores.items():
        if len(values) != len(ids) or not all(0 <= value <= 1 for value in values):
            raise ValueError(f"the cell {name} needs one score in [0, 1] for each of {len(ids)} items")
    if any(each and len(each) != len(ids) for each in for_each):
        raise ValueError("groups, notes and contents are given for all items or for none")
