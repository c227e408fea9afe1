"""What became of one input, whoever answered."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ...language_models.chat import Usage
from ..prompts.declaration import Output
from .paying import Paid


@dataclass(frozen=True)
class Answered:
    """The output of one input.

    Attributes:
        output: What was read of the last answer.
        calls: All requests that it took: one, and a second one where the first answer was not as declared.
        seconds: What whoever waits would have waited, without pauses behind failed attempts.
        refused: Why the model does not take this input; empty where it answered.
    """

    output: Output
    calls: tuple[Paid, ...] = ()
    seconds: float = 0.0
    refused: str = ""

    @property
    def valid(self) -> bool:
        """Whether the output is as declared."""
        return not self.refused and not self.output.problems

    @property
    def repaired(self) -> bool:
        """Whether it was asked for once more."""
        return len(self.calls) > 1

    @property
    def usage(self) -> Usage:
        """Tokens of all its requests; what one of them does not tell is unknown."""
        found = [paid.call.reply.usage for paid in self.calls]
        if not found:
            return Usage()
        return Usage(
            _sum([each.prompt for each in found]),
            _sum([each.completion for each in found]),
            _sum([each.cached for each in found]),
        )


def _sum(counts: Sequence[int | None]) -> int | None:
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


class Answerer(Protocol):
    """Answers inputs: a prompted model, or what stands in for one."""

    @property
    def name(self) -> str:
        """What answers, for results: the model, or the stand-in."""
        ...

    @property
    def stand_in(self) -> bool:
        """Whether no language model answers, so that nothing is learnt about a prompt."""
        ...

    def answer_many(
        self, inputs: Sequence[str], advance: Callable[[int], object] = ...
    ) -> Iterator[tuple[int, Answered]]:
        """Answers inputs, each as soon as it is there.

        Yields:
            The number of an input, from 0, and its output.

        Raises:
            UserError: The model cannot be reached; what was yielded before stands in the journal.
        """
        ...
