"""All exceptions of advisor.

AdvisorError
├── AnswersError     1  an answers file that cannot be read as answers
├── CasesError       1  a file of labelled cases that cannot be scored
├── DataError        1  a saved document (manifest, smoke result, ...) that is missing or damaged
├── ScaffoldError    1  nothing can be written, or nothing stands to be written
├── UsageFault       2  a command called with words it does not know
├── RulesError       3  a fault in a rules folder
└── SmokeFailed      4  the generated project did not pass its own checks

Each knows the exit code of the command line and the next step to print. A message says where, what is wrong and what
is allowed; several problems found in one pass travel together.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

__all__ = [
    "AdvisorError",
    "AnswersError",
    "CasesError",
    "DataError",
    "RulesError",
    "ScaffoldError",
    "SmokeFailed",
    "UsageFault",
    "allowed",
    "nearest",
]


class AdvisorError(Exception):
    """Base of everything that advisor raises on purpose.

    Args:
        problems: one sentence, or several found in one pass, each naming where and what.
        next_step: what the user can do now, as an imperative sentence; may be empty.
    """

    exit_code = 1

    def __init__(self, problems: str | Iterable[str], next_step: str = "") -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        self.next_step = next_step
        super().__init__("\n".join(self.problems))


class AnswersError(AdvisorError):
    """An answers file, or an answer given on the command line, cannot be used."""


class CasesError(AdvisorError):
    """A file of labelled cases cannot be scored."""


class DataError(AdvisorError):
    """A saved document is missing, damaged or of another kind."""


class ScaffoldError(AdvisorError):
    """A project cannot be written, or nothing stands yet that could be written."""


class UsageFault(AdvisorError):
    """A command was called with a word it does not know."""

    exit_code = 2


class RulesError(AdvisorError):
    """A rules folder has faults."""

    exit_code = 3


class SmokeFailed(AdvisorError):
    """A generated project did not pass its own checks."""

    exit_code = 4


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The word of `words` that `word` most likely stands for, or None when nothing is close."""
    close = difflib.get_close_matches(word.lower(), list(words), n=1, cutoff=0.55)
    return close[0] if close else None


def allowed(word: str, words: Sequence[str]) -> str:
    """The tail of a message about an unknown word: what is allowed, and the nearest match where there is one."""
    guess = nearest(word, words)
    hint = f"did you mean {guess}? " if guess else ""
    return f"{hint}allowed: {', '.join(words)}"
