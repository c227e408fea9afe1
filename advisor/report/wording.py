"""Words and figures that several sections share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from advisor.documents import Recommendation
from advisor.documents.recommendation import SourceNote, Veto
from advisor.documents.stability import Flip
from advisor.report.blocks import Source
from advisor.values import Approach

__all__ = [
    "ApproachNames",
    "capital",
    "count",
    "figure",
    "fixed",
    "listed",
    "percent",
    "removed",
    "sentence",
    "signed",
    "sources_of",
    "spoken",
    "way_in_words",
]

_STATUS = {
    "read": "read at the source",
    "second_hand": "read second-hand",
    "derived": "derived by our own arithmetic",
    "remembered": "from memory, not verified",
}


class ApproachNames:
    """The approaches as the recommendation names them, on their own and within a sentence."""

    def __init__(self, recommendation: Recommendation) -> None:
        self._titles = {rank.approach: rank.title for rank in recommendation.ranking}

    def title(self, approach: Approach | None) -> str:
        """As at the start of a sentence."""
        return "No verdict" if approach is None else self._titles.get(approach) or spoken(approach).capitalize()

    def inside(self, approach: Approach | None) -> str:
        """As within a sentence: lower case, but for abbreviations."""
        title = self.title(approach)
        return title if title[:2].isupper() else title[:1].lower() + title[1:]


def spoken(identifier: str) -> str:
    """An id as words."""
    return identifier.replace("_", " ")


def fixed(value: float, digits: int) -> str:
    """A number in a column: always `digits` digits behind the point, a true minus sign."""
    return f"{value:z,.{digits}f}".replace("-", "\N{MINUS SIGN}")


def figure(value: float, digits: int = 2) -> str:
    """A number in a sentence: as `fixed`, without trailing zeros."""
    text = fixed(value, digits)
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: float) -> str:
    """A number that is added or taken away."""
    return f"+{figure(value)}" if value > 0 else figure(value)


def percent(share: float) -> str:
    """A share in percent; what is not nothing never reads as 0%, what is not all never as 100%."""
    rounded = round(share * 100)
    if rounded == 0 and share > 0:
        return "<1%"
    if rounded == 100 and share < 1:
        return ">99%"
    return f"{rounded}%"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(words: Sequence[str], joint: str = "and") -> str:
    """Words as a list in a sentence."""
    return " ".join((", ".join(words[:-1]), joint, words[-1])) if len(words) > 1 else "".join(words)


def capital(text: str) -> str:
    """The text with a capital letter; the rest as it is."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with a capital letter and a full stop."""
    text = text.strip()
    return text and capital(text) + ("" if text[-1] in ".!?\N{RIGHT DOUBLE QUOTATION MARK}" else ".")


def _made(note: SourceNote) -> str:
    return ", ".join(part for part in (note.by, str(note.year or "")) if part)


def sources_of(notes: Iterable[SourceNote]) -> tuple[Source, ...]:
    """Sources with their status in words."""
    return tuple(
        Source(
            title=" ".join(part for part in (sentence(note.title), _made(note)) if part),
            status=_STATUS.get(note.status, spoken(note.status)),
            link=note.link,
            shows=note.shows or "",
        )
        for note in notes
    )


def way_in_words(flip: Flip, advice: Recommendation) -> str:
    """What has to change, all of it together, from which answer to which."""
    now = {fact.fact: fact.means or fact.code or "" for fact in advice.facts}
    changes = (
        f"{spoken(change.fact)} from \N{LEFT DOUBLE QUOTATION MARK}{now.get(change.fact) or change.now}"
        f"\N{RIGHT DOUBLE QUOTATION MARK} to \N{LEFT DOUBLE QUOTATION MARK}{change.says}\N{RIGHT DOUBLE QUOTATION MARK}"
        for change in (flip, *flip.also)
    )
    return capital(listed(list(changes)))


def removed(group: Iterable[Veto], names: ApproachNames, *, brief: bool = False) -> str:
    """What one rule removes, by how far it reaches."""
    group = tuple(group)
    wide = [names.inside(veto.approach) for veto in group if veto.reach == "any"]
    alone = [names.inside(veto.approach) for veto in group if veto.reach == "alone"]
    parts = [f"{listed(wide)} in any form"] if wide else []
    parts += [f"{listed(alone)} on {'its' if len(alone) == 1 else 'their'} own"] if alone else []
    patterns: dict[str, list[str]] = {}
    for veto in group:
        if veto.pattern is not None:
            patterns.setdefault(names.inside(veto.approach), []).append(spoken(veto.pattern))
    for approach, found in patterns.items():
        many = brief and len(found) > 1
        parts.append(f"{len(found)} patterns of {approach}" if many else f"{approach} as {listed(found, 'or')}")
    return capital("; ".join(parts))
