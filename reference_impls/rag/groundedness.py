"""Judges whether the sentences of an answer are supported by the passages that they cite, without a model.

A quoted sentence is supported when it stands word for word in its passage. So is a written one, or else when

- every number in it occurs in the cited text (1,200 and 1200 are the same number), and
- at least 0.6 of its distinct content words do, the heading of the passage included.

A sentence that cites nothing is unsupported. On xquad, with each question and its answer put together as a statement,
0.6 supports 86.8 % of 1,190 by their own paragraph and 0.4 % by another paragraph of the same article, and of 354 with
digits 0.6 % after these are changed (0.5: 94.7 %, 2.1 % and 0.8 %; 0.7: 72.0 %, 0.2 % and 0.6 %).

The measure sees invented figures, names and topics. It does not see a
sentence that turns the words of its passage round: a negation, cause and effect exchanged, or a right figure said of
the wrong thing; and a paraphrase in quite other words, or in another language than its passage, counts as unsupported.
So it is a screen: read the unsupported sentences, and some of the others.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..texts.sentences import sentences
from ..texts.words import content_words, words_of
from .answer import QuotedSentence

LEAST_SHARE = 0.6
_MARKS = re.compile(r"\s*\[(\d{1,3})\]")
_MARKS_AFTER_END = re.compile(r"([.!?\u2026\u3002\uff01\uff1f]+[\"')\u201d\u2019]*)((?:\s*\[\d{1,3}\])+)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")


@dataclass(frozen=True)
class Statement:
    """A sentence of an answer without its marks, and the numbers of the passages that it cites, from 1."""

    text: str
    cited: tuple[int, ...]


def statements(text: str, quotes: Sequence[QuotedSentence] = ()) -> list[Statement]:
    """Cuts an answer into its sentences, each with its citations; a mark belongs to the sentence that it ends.

    Args:
        text: The answer with [n] citations.
        quotes: What it quotes; an answer of quotes alone is cut along them, since a row of a table ends in no full
            stop.
    """
    if quotes and text == " ".join(f"{' '.join(quote.text.split())} [{quote.source}]" for quote in quotes):
        return [Statement(quote.text, (quote.source,)) for quote in quotes]
    return list(_written(text))


def _written(text: str) -> Iterator[Statement]:
    # "It lasts a year. [1] Then" becomes "It lasts a year [1]. Then", so that the mark stays with its sentence.
    for sentence in sentences(_MARKS_AFTER_END.sub(r"\2\1", text)):
        plain = _MARKS.sub("", sentence).strip()
        if words_of(plain):
            yield Statement(plain, tuple(dict.fromkeys(int(number) for number in _MARKS.findall(sentence))))


def supported(statement: Statement, passages: Mapping[int, str], stopped: frozenset[str]) -> bool:
    """Whether a sentence is supported by the passages that it cites; see the module for how, and for the limits.

    Args:
        statement: The sentence.
        passages: Heading and text of the cited passages, by number.
        stopped: Stop words, which support nothing.
    """
    cited = "\n".join(passages[number] for number in statement.cited if number in passages)
    if not cited:
        return False
    if " ".join(statement.text.split()) in " ".join(cited.split()):
        return True
    if not numbers_of(statement.text) <= numbers_of(cited):
        return False
    wanted = set(content_words(statement.text, stopped)) or set(words_of(statement.text))
    return len(wanted.intersection(words_of(cited))) >= LEAST_SHARE * len(wanted)


def numbers_of(text: str) -> set[str]:
    """The numbers of a text as written in digits, without commas between thousands."""
    return set(_NUMBER.findall(_THOUSANDS.sub("", text)))
