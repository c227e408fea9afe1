"""Applies the prompt to one input, for `ask` and for `serve`."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ..language_models.chat import whole
from ..project_base.errors import QuestionError, UserError
from .asking.answered import Answered
from .asking.journal import Journal
from .asking.stand_in import NOTE
from .documents.tally import as_table
from .documents.wording import word_result
from .measuring.figures import cost_of
from .measuring.opening import Opened
from .measuring.shelf import find_trial
from .measuring.trial import PromptUsed
from .prompts.prompt_file import PromptFile
from .prompts.versions import keep_version


class Result(BaseModel):
    """The output of one input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    output: str = Field(description="the text, the label, or the fields as JSON")
    fields: dict[str, Any] | None = Field(default=None, description="the values, where fields are declared")
    valid: bool = Field(description="whether the output is as the prompt declares it")
    problems: tuple[str, ...] = Field(default=(), description="what is not as declared")
    refused: bool = Field(default=False, description="whether the model did not take the input")
    prompt: PromptUsed = Field(description="which prompt was sent")
    model: str = Field(description="what answered")
    stand_in: bool = Field(description="true: no language model answered, and nothing is said about the prompt")
    note: str = Field(default="", description="what whoever reads the output must know")
    tokens_read: int | None = None
    tokens_cached: int | None = None
    tokens_written: int | None = None
    cost: float | None = None


class Runner:
    """Prompt, model and documents, opened once.

    Args:
        opened: The project.
        journal: Keeps what is paid for; None keeps nothing, as for inputs of others.

    Raises:
        UserError: Something cannot be opened, the corpus does not fit, or the prompt has changed under its number.
    """

    def __init__(self, opened: Opened, journal: Journal | None = None) -> None:
        self._opened = opened
        self._paying = opened.paying(journal)
        keep_version(opened.runs_folder, opened.prompt)
        self._answerer = opened.answerer(self._paying)
        self._table = _kept_table(opened) if opened.own.method == "map_reduce" else ""

    @property
    def prompt(self) -> PromptFile:
        """The prompt."""
        return self._opened.prompt

    @property
    def stand_in(self) -> bool:
        """Whether no language model answers."""
        return self._answerer.stand_in

    def run(self, given: str) -> Result:
        """The output of one input.

        Raises:
            QuestionError: The input is too long, or is no text.
            UserError: The model cannot be reached.
        """
        most = self._opened.own.input_characters
        if len(given) > most:
            raise QuestionError(f"the input has {len(given):,} characters; allowed are {most:,}", "give less")
        if whole(given) != given:
            raise QuestionError("the input is no valid Unicode text", "give text in UTF-8")
        if self._opened.own.method == "map_reduce":
            return self._from_table(given)
        (_, answered), *_ = self._answerer.answer_many([given])
        return self._result(answered, NOTE if self.stand_in else "")

    def _from_table(self, question: str) -> Result:
        worded = word_result(self._opened.reduce_prompt, self._paying, self._table, question)
        told = NOTE if self.stand_in else ""
        if worded.answered is None:
            note = told or "the table alone, since prompting.reduce_prompt names no prompt that words it"
            return self._described(worded.text, note)
        if worded.unknown_figures:
            told = f"figures that do not stand in the table: {', '.join(worded.unknown_figures)}"
        return self._result(worded.answered, told)

    def _described(self, text: str, note: str) -> Result:
        return Result(
            output=text,
            valid=True,
            prompt=self._used(),
            model=self._answerer.name,
            stand_in=self.stand_in,
            note=note,
        )

    def _result(self, answered: Answered, note: str) -> Result:
        output = answered.output
        usage = answered.usage
        return Result(
            output=output.text,
            fields=output.fields,
            valid=answered.valid,
            problems=(answered.refused,) if answered.refused else output.problems,
            refused=bool(answered.refused),
            prompt=self._used(),
            model=self._answerer.name,
            stand_in=self.stand_in,
            note=note,
            tokens_read=usage.prompt,
            tokens_cached=usage.cached,
            tokens_written=usage.completion,
            cost=cost_of(usage, self._opened.own),
        )

    def _used(self) -> PromptUsed:
        prompt = self._opened.prompt
        return PromptUsed(name=prompt.name, version=prompt.version, sha256=prompt.sha256)


def _kept_table(opened: Opened) -> str:
    """The table of the latest trial: questions are answered from what was read, and nothing is read again."""
    trial = find_trial(opened.runs_folder, opened.prompt.label)
    if trial.reduced is None:
        raise UserError(f"the result of {trial.label} is of {trial.method}", "run `try` with method map_reduce first")
    return as_table(trial.reduced.tallies, trial.reduced.documents - len(trial.reduced.failed))
