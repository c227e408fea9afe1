"""The writer: words stated facts in the house style, and is believed only where everything survived."""

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...generators.writer import CausalWriter
from ...labelled_data.base import Example, Turn
from .survival import lost

_PARTING = "\n\n"
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Worded:
    """A draft and what became of it.

    Attributes:
        draft: The stated facts with their citations.
        text: What goes out: the rewriting, or the draft where something did not survive.
        written: What the writer wrote.
        faults: What did not survive, one sentence each; empty where the rewriting goes out.
    """

    draft: str
    text: str
    written: str
    faults: tuple[str, ...]


class HouseWriter:
    """Rewrites drafts; several threads may ask, one after the other is answered.

    Args:
        current: The model to write with, asked before each answer.
        house: What every text of the house may add; see `survival.lost`.
    """

    def __init__(self, current: Callable[[], CausalWriter], house: str = "") -> None:
        self._current = current
        self._house = house
        self._turn = threading.Lock()

    def word(self, question: str, draft: str) -> Worded:
        """Words one draft.

        Raises:
            UserError: The chat template refuses the conversation.
        """
        return self.word_all([(question, draft)])[0]

    def word_all(
        self, drafts: Sequence[tuple[str, str]], advance: Callable[[int], object] = lambda _: None
    ) -> list[Worded]:
        """Words many drafts, each with its question.

        Raises:
            UserError: The chat template refuses a conversation.
        """
        with self._turn:
            turns = [(Turn("user", asked_of(question, draft)),) for question, draft in drafts]
            written = self._current().write(turns, advance)
        return [self._checked(draft, text) for (_, draft), text in zip(drafts, written, strict=True)]

    def from_memory(self, questions: Sequence[str]) -> list[str]:
        """What the model writes on questions alone, without facts: what it is worth without retrieval."""
        with self._turn:
            return self._current().write([(Turn("user", question),) for question in questions])

    def _checked(self, draft: str, written: str) -> Worded:
        faults = lost(draft, written, self._house)
        return Worded(draft, draft if faults else written, written, faults)


def asked_of(question: str, draft: str) -> str:
    """What the writer reads: the question, and the draft below it, as `labelled_data` puts instruction and input."""
    return f"{question}{_PARTING}{draft}"


def stated_in(example: Example) -> tuple[str, str]:
    """Question and draft of an example; the question is empty where there is no input column."""
    question, parting, draft = example.text.partition(_PARTING)
    return (question, draft) if parting else ("", example.text)


def house_words(examples: Sequence[Example]) -> str:
    """The lines that many texts of the house share, such as an opening and a closing line.

    Args:
        examples: Edited drafts to learn from; a line that a tenth of them have (three at least) is of the house.
    """
    counts: dict[str, int] = {}
    for example in examples:
        for line in dict.fromkeys(line.strip() for line in str(example.target).splitlines() if line.strip()):
            counts[line] = counts.get(line, 0) + 1
    least = max(3, len(examples) // 10)
    return "\n".join(line for line, count in counts.items() if count >= least)


def chrf(text: str, reference: str, longest: int = 6, beta: float = 2.0) -> float:
    """How near a text is to a reference, in [0, 1]: the F score of their runs of 1 to 6 characters, without spaces.

    Formula: Popovic (2015), chrF: character n-gram F-score for automatic MT evaluation, with recall counting beta times
    as much as precision.

    Args:
        text: What was written.
        reference: What was wanted.
        longest: Characters of the longest runs.
        beta: Weight of the recall.
    """
    one, other = _SPACES.sub("", text), _SPACES.sub("", reference)
    precisions, recalls = [], []
    for length in range(1, longest + 1):
        given, wanted = _runs(one, length), _runs(other, length)
        if not given or not wanted:
            continue
        shared = sum(min(count, wanted.get(run, 0)) for run, count in given.items())
        precisions.append(shared / sum(given.values()))
        recalls.append(shared / sum(wanted.values()))
    if not precisions:
        return float(one == other)
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    both = beta**2 * precision + recall
    return (1 + beta**2) * precision * recall / both if both else 0.0


def _runs(text: str, length: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(len(text) - length + 1):
        run = text[start : start + length]
        found[run] = found.get(run, 0) + 1
    return found
