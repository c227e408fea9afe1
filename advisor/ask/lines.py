"""Asking line by line: for pipes, plain terminals and screen readers."""

from __future__ import annotations

import io
import sys
import textwrap

from advisor.ask.answers_file import as_written, read_given
from advisor.ask.order import CLOSER, Progress, Question, Until
from advisor.ask.session import BACK
from advisor.documents import Given
from advisor.errors import AnswersError
from advisor.knowledge import Ask, Knowledge
from advisor.values import DONT_KNOW

__all__ = ["LineAsker", "ended", "explanation", "in_words", "settled"]

WIDTH = 78


class LineAsker:
    """Prints the question on standard error and reads a line from standard input."""

    def __init__(self) -> None:
        if isinstance(sys.stdin, io.TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")  # bytes that are no text are refused like any other nonsense

    def put(self, question: Question, progress: Progress, *, can_go_back: bool, knowledge: Knowledge) -> Given | str:
        """Asks until a line can be used; see `Asker`."""
        ask = question.ask
        _print(f"\n{settled(progress, knowledge)}\n{textwrap.fill(ask.question, WIDTH)}")
        for number, option in enumerate(ask.options, 1):
            _print(textwrap.fill(f"{number:>3}  {option.code}: {option.means}", WIDTH, subsequent_indent=" " * 5))
        hint = "number or code" + (f", =NUMBER in {ask.unit}" if ask.unit else "")
        back = ", b back" if can_go_back else ""
        _print(textwrap.fill(f"[{hint}, d don't know, ? why{back}, q save and stop]", WIDTH))
        while True:
            _print(">", end=" ")
            line = sys.stdin.readline()
            word = line.strip()
            if not line or word == "q":
                raise KeyboardInterrupt
            if word == "?":
                _print(explanation(question))
            elif word == "b" and can_go_back:
                return BACK
            elif word:
                try:
                    return _understood(word, ask, knowledge)
                except AnswersError as fault:
                    _print("\n".join(textwrap.fill(problem, WIDTH) for problem in fault.problems))

    def note(self, ask: Ask, given: Given | None) -> None:
        """Shows the answer that was taken, or that it was taken back."""
        _print(f"{ask.fact}: {in_words(ask, given)}")


def _understood(word: str, ask: Ask, knowledge: Knowledge) -> Given:
    if word == "d":
        return Given(fact=ask.fact, code=DONT_KNOW)
    if word.isascii() and word.isdigit() and word not in ask.codes:
        if not 1 <= int(word[:9]) <= len(ask.options):
            raise AnswersError(f"there is no option {word[:20]}: 1 to {len(ask.options)}")
        return Given(fact=ask.fact, code=ask.options[int(word) - 1].code)
    return read_given(ask.fact, word[1:].strip() if word.startswith("=") else word, knowledge)


def in_words(ask: Ask, given: Given | None) -> str:
    """An answer as it is shown once it was given; None is one that was taken back."""
    if given is None:
        return "taken back"
    if given.code == DONT_KNOW:
        return "don't know"
    means = ask.option(given.code).means
    return means if given.number is None else f"{as_written(given.number)} {ask.unit} ({means})"


def explanation(question: Question) -> str:
    """Why the question is asked, what counts, and why now."""
    ask = question.ask
    return "\n".join(textwrap.fill(text, WIDTH) for text in (ask.why, ask.help or "", question.why_now) if text)


def settled(progress: Progress, knowledge: Knowledge) -> str:
    """How settled the verdict is, in words."""
    share = f"settled {int(progress.share * 100)}%"  # rounded down: 100% means that no way tried changes it
    if progress.leading is None:
        return f"{share}, with every approach ruled out"
    return f"{share}, leaning to {knowledge.approaches[progress.leading].title}"


def ended(progress: Progress, until: Until, could_change: int, resuming: str) -> str:
    """Why no further question comes, and what asks on.

    Args:
        progress: how settled the advice is.
        until: how far the questionnaire went.
        could_change: how many of the questions left are known to be able to change the advice.
        resuming: the command that goes on with the answers.
    """
    if not progress.unasked:
        return "Nothing is left to ask: what could still change the advice is only what you do not know."
    left = f"the {progress.unasked} questions left" if progress.unasked > 1 else "the question left"
    if until is not Until.SETTLED:
        return f"None of {CLOSER:,} ways to answer {left} changes the advice."
    said = f"Settled: {int(progress.share * 100)}% of the ways to answer {left} end in the same advice."
    if could_change == 0:
        return said
    some = "One" if could_change == 1 else f"At least {could_change}"
    return f"{said}\n{some} of them could still change it, alone or with others: {resuming} --until certain"


def _print(text: str, end: str = "\n") -> None:
    print(text, end=end, file=sys.stderr, flush=True)
