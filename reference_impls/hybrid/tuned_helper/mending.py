"""Mends what a model says: facts that no passage states are replaced where one other fits, or kept back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ...labelled_data.base import Span
from ...rag.groundedness import Statement, statements
from ...texts.sentences import sentence_spans
from ...texts.words import content_words
from .facts import Fact, Stated, facts_in, same_number, same_unit

Outcome = Literal["kept", "repaired", "withheld"]

LEAST_OVERLAP = 0.5
"""Share of a sentence's other content words that a sentence of the passages must hold to lend it a fact."""


@dataclass(frozen=True)
class Mended:
    """What became of one sentence.

    Attributes:
        before: As the model wrote it, without its marks.
        after: As it goes out; empty where it is kept back.
        outcome: What happened.
        faults: The facts that no passage states.
        why: In one sentence; empty where it is kept as it is.
    """

    before: str
    after: str
    outcome: Outcome
    faults: tuple[Fact, ...] = ()
    why: str = ""


class Helper:
    """Checks and mends sentences.

    Args:
        spans: Marks facts: gives the spans of each text.
        stopped: Stop words, which support nothing.
    """

    def __init__(self, spans: Callable[[Sequence[str]], Sequence[Sequence[Span]]], stopped: frozenset[str]) -> None:
        self._spans = spans
        self._stopped = stopped

    def mend(self, text: str, passages: Mapping[int, str]) -> tuple[str, list[Mended]]:
        """Mends an answer.

        Args:
            text: With its [n] citations.
            passages: Heading and text of the cited passages, by number.

        Returns:
            The text that goes out, empty where nothing is left of it, and what became of each sentence.
        """
        said = statements(text)
        mended = [self.mend_sentence(each, _evidence(each, passages)) for each in said]
        if all(each.outcome == "kept" for each in mended):
            return text, mended
        parts = [
            " ".join([each.after, *(f"[{number}]" for number in statement.cited)])
            for each, statement in zip(mended, said, strict=True)
            if each.after
        ]
        return " ".join(parts), mended

    def mend_sentence(self, said: Statement, evidence: str) -> Mended:
        """Mends one sentence by the text of the passages that it rests on."""
        stated = Stated(evidence)
        (spans,) = self._spans([said.text])
        facts = facts_in(said.text, spans)
        faults = [fact for fact in facts if not stated.holds(fact)]
        if not faults:
            return Mended(said.text, said.text, "kept")
        source = self._nearest(said.text, faults, evidence)
        named = ", ".join(f"'{fact.text}'" for fact in faults)
        if source is None:
            return Mended(said.text, "", "withheld", tuple(faults), f"no passage states {named}, and none is near")
        (offered,) = self._spans([source])
        known = {fact.text for fact in facts} - {fact.text for fact in faults}
        after, changes = said.text, []
        # From the end on, so that the places of the others stay right.
        for fault in reversed(faults):
            chosen = _replacement(fault, [each for each in facts_in(source, offered) if each.text not in known])
            if chosen is None:
                why = f"no passage states {named}, and what should stand there cannot be told"
                return Mended(said.text, "", "withheld", tuple(faults), why)
            after = after[: fault.start] + chosen.text + after[fault.end :]
            changes.append(f"'{fault.text}' became '{chosen.text}'")
        return Mended(said.text, after, "repaired", tuple(faults), f"{'; '.join(reversed(changes))}, as a passage says")

    def _nearest(self, said: str, faults: Sequence[Fact], evidence: str) -> str | None:
        """The one sentence of the passages that says most of the same, the doubtful facts left aside."""
        rest = said
        for fault in reversed(faults):
            rest = rest[: fault.start] + rest[fault.end :]
        wanted = set(content_words(rest, self._stopped))
        if not wanted:
            return None
        found = [evidence[start:end] for start, end in sentence_spans(evidence)]
        shares = {each: len(wanted.intersection(content_words(each, self._stopped))) / len(wanted) for each in found}
        ranked = sorted(((share, each) for each, share in shares.items()), reverse=True)
        if not ranked or ranked[0][0] < LEAST_OVERLAP:
            return None
        if len(ranked) > 1 and ranked[1][0] == ranked[0][0]:
            return None
        return ranked[0][1]


def _replacement(fault: Fact, offered: Sequence[Fact]) -> Fact | None:
    """The one fact that can stand in the place of a fault: of its kind, and of its unit or its number where several."""
    alike = list({each.text: each for each in offered if each.label == fault.label}.values())
    for narrowed in (
        alike,
        [each for each in alike if same_unit(each, fault)],
        [each for each in alike if same_number(each, fault)],
    ):
        if len(narrowed) == 1:
            return narrowed[0]
    return None


def _evidence(said: Statement, passages: Mapping[int, str]) -> str:
    """The passages that a sentence cites; where it cites none, all that the answer cites."""
    cited = [passages[number] for number in said.cited if number in passages]
    return "\n\n".join(cited or passages.values())
