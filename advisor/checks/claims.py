"""What became of each claim and each piece of evidence: the rules it stands behind, or why it stands behind none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from advisor.checks.flaw import Flaw
from advisor.knowledge import Knowledge, Rule, Source, SourceRef

__all__ = ["encoding", "lost_claims", "uses_of_sources"]

_NUMBERED = re.compile(r"^([A-Zx])(\d+)(?![a-z0-9])")
_ERROR = re.compile(r"\bT(\d+)\b")


def uses_of_sources(knowledge: Knowledge) -> dict[str, list[str]]:
    """For each source that something rests on, what does.

    `rule x`; `gate x` for a rule that vetoes or stops; `hybrid gate`; `pattern x`; `figure x` of the prices;
    `conflict x`; for a document, `claim x`.
    """
    uses: dict[str, list[str]] = {}

    def note(what: str, refs: Iterable[SourceRef]) -> None:
        for key in dict.fromkeys(ref.id for ref in refs):
            uses.setdefault(key, []).append(what)

    for rule in knowledge.rules:
        note(f"{'gate' if _closes(rule) else 'rule'} {rule.id}", rule.sources)
    note("hybrid gate", knowledge.hybrid.sources)
    for pattern in knowledge.patterns.values():
        stages = (ref for stage in pattern.stages for ref in stage.sources)
        note(f"pattern {pattern.id}", (*pattern.sources, *pattern.first_experiment.sources, *stages))
    for figure in knowledge.prices.figures.values():
        if figure.evidence is not None:
            uses.setdefault(figure.evidence, []).append(f"figure {figure.id}")
    for conflict in knowledge.conflicts:
        note(f"conflict {conflict.id}", conflict.sources)
    for source in knowledge.sources.values():
        for document in source.documents:
            uses.setdefault(document, []).append(f"claim {source.id}")
    return uses


def _closes(rule: Rule) -> bool:
    return bool(rule.effect.veto or rule.effect.stop)


def encoding(source: Source, uses: Mapping[str, Sequence[str]]) -> str:
    """In one line, what became of a source."""
    used = ", ".join(uses.get(source.id, ()))
    if source.not_encoded is None:
        return used or "lost"
    return f"not encoded: {source.not_encoded}" + (f" (named in {used})" if used else "")


def lost_claims(knowledge: Knowledge) -> Iterator[Flaw]:
    """Sources that nothing uses and nobody gave up; those given up and used all the same; gaps in the numbering.

    A claim that was given up may still be one side of a conflict: there it is named so that it can lose.
    """
    uses = uses_of_sources(knowledge)
    for source in knowledge.sources.values():
        used = uses.get(source.id, [])
        deciding = [use for use in used if not use.startswith("conflict ")]
        if source.not_encoded is None and not used:
            reason = "; use it, or write 'not_encoded' with the reason" if source.kind != "document" else ""
            yield Flaw(source.where, f"{source.kind} {source.id}: nothing rests on it{reason}")
        if source.not_encoded is not None and deciding:
            yield Flaw(source.where, f"{source.kind} {source.id}: 'not_encoded', and yet used by {', '.join(deciding)}")
    yield from _gaps(knowledge)
    yield from _errors_without_a_note(knowledge)


def _gaps(knowledge: Knowledge) -> Iterator[Flaw]:
    """Numbers left out among claims (C), evidence (E) and the contradictions of the documents (x)."""
    places = {key: source.where for key, source in knowledge.sources.items() if source.kind != "document"}
    places |= {conflict.id: conflict.where for conflict in knowledge.conflicts}
    found: dict[str, dict[int, str]] = {}
    for name, where in places.items():
        match = _NUMBERED.match(name.partition("_")[0])
        if match:
            found.setdefault(match[1], {})[int(match[2])] = where
    for letter, numbers in sorted(found.items()):
        for missing in sorted(set(range(1, max(numbers))) - set(numbers)):
            yield Flaw(
                numbers[max(numbers)], f"the numbers of {letter} run up to {max(numbers)}, and {missing} is missing"
            )


def _errors_without_a_note(knowledge: Knowledge) -> Iterator[Flaw]:
    """Numbers left out among the technical errors (T) that the notes on the documents name."""
    documents = [source for source in knowledge.sources.values() if source.kind == "document"]
    named = {int(number) for document in documents for number in _ERROR.findall(document.shows or "")}
    for missing in sorted(set(range(1, max(named, default=0))) - named):
        yield Flaw(documents[0].where, f"no document's note names the technical error T{missing}")
