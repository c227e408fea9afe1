"""What was known: every fact with its answer and where that comes from."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.documents import Dossier, Fact
from advisor.report.blocks import Block, Fold, Paragraph, Section, Table
from advisor.report.wording import count, figure, listed, sentence

__all__ = ["build"]


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None when the recommendation carries no facts."""
    facts = dossier.recommendation.facts
    if not facts:
        return None
    applying = [fact for fact in facts if fact.applies]
    known = [fact for fact in applying if fact.code is not None]
    unknown = [fact for fact in applying if fact.code is None]
    idle = [fact for fact in facts if not fact.applies]
    answered = sum(fact.origin == "answered" for fact in known)
    parts = [f"{answered} answered", f"{len(known) - answered} derived from those", f"{len(unknown)} unknown"]
    parts += [f"{len(idle)} without meaning here"] if idle else []
    text = f"Of {count(len(facts), 'fact')}: {listed(parts)}. Unknown is never read as a no."
    blocks: list[Block] = [Paragraph(text=text)]
    if known:
        blocks.append(Fold(summary=f"What is known ({len(known)})", blocks=(_known(known),)))
    if unknown:
        blocks.append(Fold(summary=f"What is unknown ({len(unknown)})", blocks=(_open("Unknown", unknown),)))
    if idle:
        blocks.append(Fold(summary=f"What has no meaning here ({len(idle)})", blocks=(_open("Without meaning", idle),)))
    return Section(id="facts", title="What we knew", blocks=tuple(blocks))


def _known(facts: Sequence[Fact]) -> Table:
    ordered = sorted(facts, key=lambda fact: (fact.origin != "answered", fact.fact))
    rows = tuple((fact.question, _answer(fact), _origin(fact)) for fact in ordered)
    return Table(caption="Known facts", columns=("Question", "Answer", "Where it comes from"), rows=rows)


def _open(caption: str, facts: Sequence[Fact]) -> Table:
    rows = tuple((fact.question, fact.fact) for fact in facts)
    return Table(caption=caption, columns=("Question", "Name in the answers"), rows=rows)


def _answer(fact: Fact) -> str:
    meaning = fact.means or fact.code or ""
    if fact.number is None:
        return meaning
    return f"{figure(fact.number, 6)} {fact.unit or ''}".strip() + f" ({meaning})"


def _origin(fact: Fact) -> str:
    if fact.origin == "derived":
        return sentence(f"derived: {fact.because}" if fact.because else "derived")
    return fact.origin.capitalize()
