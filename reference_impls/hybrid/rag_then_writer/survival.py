"""Whether everything that must not change survives a rewriting: figures, names, quotes, citations and negations."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ...rag.groundedness import statements
from ..tuned_helper.facts import tokens_of

_NUMBER = re.compile(r"-?\d+(?:[.,:]\d+)*")
_MARK = re.compile(r"\[(\d{1,3})\]")
_QUOTE = re.compile(r"[\"\u201c\u201e\u00ab]([^\"\u201c\u201d\u201e\u00ab\u00bb]{2,400})[\"\u201d\u201c\u00bb]")
_WORD = re.compile(r"[^\W_](?:[\w.'\u2019/-]*\w)?")
_SENTENCE_START = re.compile(r"(?:^|[.!?:\u2026]\s+|\n\s*|[-*\u2022]\s+|[\"\u201c(]\s*)$")
_NEGATIONS: Final = frozenset(
    re.findall(r"\w+", "no not never neither nor none nothing nobody without cannot hardly kein keine nicht nie ohne")
)
_CONTRACTED = re.compile(r"\b\w+n['\u2019]t\b", re.IGNORECASE)
_UNITS: Final = frozenset(
    re.findall(
        r"\w+",
        "second minute hour day week month year euro dollar pound percent degree metre meter centimetre millimetre "
        "kilometre mile foot inch gram kilogram milligram tonne litre millilitre volt watt ampere hertz khz mhz ghz "
        "bit byte kb mb gb tb km m cm mm kg g mg l ml v w a h s ms page tag user time reading",
    )
)


@dataclass(frozen=True)
class Facts:
    """What a text states that no rewording may change.

    Attributes:
        figures: Numbers as digits, each with its unit where one of the known ones follows.
        names: Words that are names by their look: capitals within a sentence, letters with digits, whole capitals.
        quotes: What stands between quotation marks, word for word.
        marks: Numbers of the cited passages.
        negated: Whether anything is denied.
        cited: By figure: all passages that are cited beside it.
    """

    figures: frozenset[str]
    names: frozenset[str]
    quotes: frozenset[str]
    marks: frozenset[int]
    negated: bool
    cited: Mapping[str, frozenset[int]]


def facts_of(text: str) -> Facts:
    """The facts of a text with [n] citations."""
    plain = _MARK.sub("", text)
    cited: dict[str, frozenset[int]] = {}
    for said in statements(text):
        for figure in _figures(said.text):
            cited[figure] = cited.get(figure, frozenset()) | frozenset(said.cited)
    return Facts(
        figures=frozenset(_figures(plain)),
        names=frozenset(_names(plain)),
        quotes=frozenset(" ".join(each.split()).strip(" .,") for each in _QUOTE.findall(plain)),
        marks=frozenset(int(number) for number in _MARK.findall(text)),
        negated=bool(_NEGATIONS.intersection(tokens_of(plain)) or _CONTRACTED.search(plain)),
        cited=cited,
    )


def lost(draft: str, styled: str, house: str = "") -> tuple[str, ...]:
    """What a rewriting lost, changed or added, one sentence each; empty where everything survived.

    What is not seen: a verb turned round, cause and effect exchanged, or a condition left out. It is a screen against
    changed facts, and no proof of the same meaning.

    Args:
        draft: The stated facts with their citations.
        styled: The rewriting.
        house: Texts of the house whose names and figures a rewriting may add, such as a closing line.
    """
    if not styled.strip():
        return ("the rewriting is empty",)
    before, after, own = facts_of(draft), facts_of(styled), facts_of(house)
    said = " ".join(_MARK.sub("", styled).split())
    found = [f"figure lost: {each}" for each in sorted(before.figures - after.figures)]
    found += [f"figure added: {each}" for each in sorted(after.figures - before.figures - own.figures)]
    # A name of the draft may stand at the start of a sentence of the rewriting, where it does not look like one.
    words = {word.lower() for word in _WORD.findall(said)}
    found += [f"name lost: {each}" for each in sorted(before.names) if each.lower() not in words]
    known = {word.lower() for word in _WORD.findall(draft)} | {each.lower() for each in own.names}
    found += [f"name added: {each}" for each in sorted(after.names) if each.lower() not in known]
    found += [f"quote lost: {each}" for each in sorted(before.quotes) if each not in said]
    found += [f"quote added: {each}" for each in sorted(after.quotes) if each not in " ".join(draft.split())]
    found += [f"citation lost: [{each}]" for each in sorted(before.marks - after.marks)]
    found += [f"citation added: [{each}]" for each in sorted(after.marks - before.marks)]
    for figure in sorted(before.figures & after.figures):
        wanted, given = before.cited.get(figure, frozenset()), after.cited.get(figure, frozenset())
        if given - wanted or (wanted and not given):
            found.append(f"figure under another citation: {figure}")
    if before.negated != after.negated:
        found.append("a denial was lost" if before.negated else "a denial was added")
    return tuple(found)


def _figures(text: str) -> Iterator[str]:
    tokens = [*tokens_of(text), ""]
    for token, behind in pairwise(tokens):
        if _NUMBER.fullmatch(token):
            yield f"{token} {behind}" if behind in _UNITS else token


def _names(text: str) -> Iterator[str]:
    for found in _WORD.finditer(text):
        word = found[0]
        mixed = any(letter.isdigit() for letter in word) and any(letter.isalpha() for letter in word)
        capitals = len(word) > 1 and word.isupper() and word.isalpha()
        inner = word[0].isupper() and word != "I" and not _SENTENCE_START.search(text[: found.start()])
        if mixed or capitals or inner or any(letter.isupper() for letter in word[1:]):
            yield word
