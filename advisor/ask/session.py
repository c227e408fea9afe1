"""One questionnaire: asks, keeps every answer at once, goes back, and stops by itself."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from advisor.ask.answers_file import as_yaml, keep_bytes, save_answers
from advisor.ask.order import Progress, Question, Until, next_question
from advisor.documents import Answers, Given
from advisor.knowledge import Ask, Knowledge

__all__ = ["BACK", "Asker", "Session"]

BACK = "back"
"""What an asker returns to go back one question."""


class Asker(Protocol):
    """Puts one question to a person."""

    def put(self, question: Question, progress: Progress, *, can_go_back: bool, knowledge: Knowledge) -> Given | str:
        """The answer, or BACK. Raises KeyboardInterrupt when the person wants to stop."""

    def note(self, ask: Ask, given: Given | None) -> None:
        """Shows the answer that was taken, or with None that it was taken back."""


class Session:
    """Runs a questionnaire. Every answer is on disk before the next question comes.

    Attributes:
        answers: what was said so far.
        until: how far it goes.
        spared: where the file as its owner wrote it was kept, once it had to be written over; None until then.
    """

    def __init__(self, answers: Answers, out: Path, knowledge: Knowledge, until: Until = Until.SETTLED) -> None:
        self.answers = answers
        self._out = out
        self._knowledge = knowledge
        self.until = until
        self._order: list[str] = []
        self.spared: Path | None = None
        self._made = False
        ours = as_yaml(answers, knowledge).encode()
        written = out.read_bytes() if out.is_file() else ours
        self._owners = None if written == ours else written

    def run(self, asker: Asker) -> Progress:
        """Asks as far as it was told to; returns how settled the advice is."""
        if not self._out.exists():
            self._save()  # whether it can be written is known before the first question
            self._made = True
        while True:
            question, progress = next_question(self.answers, self._knowledge, self.until)
            if question is None:
                return progress
            said = asker.put(question, progress, can_go_back=bool(self._order), knowledge=self._knowledge)
            if isinstance(said, Given):
                self._order.append(said.fact)
                self._keep([*self.answers.given, said])
                asker.note(question.ask, said)
            elif self._order:
                last = self._order.pop()
                self._keep([given for given in self.answers.given if given.fact != last])
                asker.note(self._knowledge.asks[last], None)

    def leave_nothing_empty(self) -> bool:
        """Takes away the file that this questionnaire made where no answer stands in it; whether it did."""
        if not self._made or self.answers != Answers():
            return False
        self._out.unlink(missing_ok=True)
        return True

    def _keep(self, given: list[Given]) -> None:
        self.answers = self.answers.model_copy(update={"given": tuple(sorted(given, key=lambda one: one.fact))})
        self._save()

    def _save(self) -> None:
        if self._owners is not None:
            # The owner's own remarks and order would be lost otherwise.
            self.spared = self._out.with_name(f"{self._out.name}.bak")
            keep_bytes(self._owners, self.spared)
            self._owners = None
        save_answers(self.answers, self._out, self._knowledge)
