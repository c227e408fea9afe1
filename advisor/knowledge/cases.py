"""Links labelled cases: their facts and codes against the vocabulary, their documents against the sources."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath

from advisor.knowledge.asked import Ask, read_codes
from advisor.knowledge.case_text import CasesFile, CaseText, LabelsFile, LabelText
from advisor.knowledge.faults import Faults, Where
from advisor.knowledge.labelled import Case, CaseGroup, CaseSource
from advisor.strict_yaml import Loaded

__all__ = ["link_cases", "link_labels"]


def link_cases(
    read: Sequence[tuple[CasesFile, Loaded]], asks: Mapping[str, Ask], documents: Collection[str], faults: Faults
) -> tuple[CaseGroup, ...]:
    """The groups, one for each file, named after it; complains of an id that stands twice in any of them."""
    groups = []
    seen: dict[str, str] = {}
    for file, loaded in read:
        cases = []
        for index, text in enumerate(file.cases):
            where = (loaded, ("cases", index))
            _tells_enough(text, file.kind, where, faults)
            faults.known((loaded, (*where[1], "documents")), "document", text.documents, documents)
            cases.append(_case(text, where, asks, seen, faults))
        groups.append(CaseGroup(PurePath(loaded.name).stem, file.title, file.kind, file.note, tuple(cases)))
    return tuple(groups)


def link_labels(file: LabelsFile, loaded: Loaded, asks: Mapping[str, Ask], faults: Faults) -> CaseGroup:
    """The cases of a file that says no more than facts and labels."""
    seen: dict[str, str] = {}
    cases = (_case(text, (loaded, ("cases", index)), asks, seen, faults) for index, text in enumerate(file.cases))
    stem = PurePath(loaded.name).stem
    return CaseGroup(stem, stem.replace("_", " ").capitalize(), "invented", "", tuple(cases))


def _case(text: LabelText, where: Where, asks: Mapping[str, Ask], seen: dict[str, str], faults: Faults) -> Case:
    loaded, path = where
    if text.id in seen:
        faults.complain(where, f"case {text.id!r} stands twice (first at {seen[text.id]})")
    seen.setdefault(text.id, loaded.where(path))
    faults.known((loaded, (*path, "inferred")), "fact of this case", text.inferred, text.facts)
    if text.expected not in text.acceptable:
        faults.complain((loaded, (*path, "acceptable")), f"{text.expected} is expected and must be acceptable too")
    full = text if isinstance(text, CaseText) else None
    return Case(
        id=text.id,
        name=text.name or text.id,
        organisation=full.organisation if full else None,
        year=full.year if full else None,
        documents=full.documents if full else (),
        description=(full.description if full else None) or "",
        choice=full.choice if full else None,
        variant=full.variant if full else None,
        reasons=full.reasons if full else (),
        facts=_codes(text.facts, (loaded, (*path, "facts")), asks, faults),
        inferred=text.inferred,
        expected=text.expected,
        acceptable=text.acceptable,
        note=(full.note if full else None) or "",
        sources=tuple(CaseSource(one.title, one.link, one.status) for one in full.sources) if full else (),
        where=loaded.where(path),
    )


def _codes(
    written: Mapping[str, str | int | float], where: Where, asks: Mapping[str, Ask], faults: Faults
) -> dict[str, str]:
    codes, wrong = read_codes(written, asks)
    for fact, fault in wrong.items():
        faults.complain((where[0], (*where[1], fact)), fault)
    return codes


def _tells_enough(text: CaseText, kind: str, where: Where, faults: Faults) -> None:
    """A case that may be shown as a precedent must say what was chosen, why, and where that stands."""
    if kind == "invented":
        return
    wanted = ("description", "choice", "reasons", "sources" if kind == "practice" else "documents")
    missing = [name for name in wanted if not getattr(text, name)]
    if missing:
        faults.complain(where, f"a case of the kind {kind!r} is shown as a precedent, so it needs {', '.join(missing)}")
