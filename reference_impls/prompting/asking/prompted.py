"""A language model that answers by a prompt."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any

from ...language_models.chat import Message
from ...project_base.errors import UserError
from ..prompts.declaration import Output
from ..prompts.prompt_file import PromptFile
from ..settings import Settings
from .answered import Answered
from .messages import conversation
from .paying import Paid, PayingModel
from .shots import Shots
from .tokens import tokens_of

_MOST_REFUSED = 3
"""So many refusals at the beginning, and no answer: something is wrong with all requests."""
_SLACK = 1.1
"""An estimate of tokens that is above the limit by so much counts as too long."""


class PromptedModel:
    """Sends each input with the prompt, its examples and the corpus, and asks once more where it must.

    Args:
        prompt: What is sent.
        model: What is asked, with its journal.
        name: Of the model.
        settings: `response_format`, `repair`, `concurrent` and `window_tokens`.
        shots: Worked examples; None sends none.
        corpus: All documents, fenced; empty without any.
        tag: What an input is called in the conversation.
        max_new_tokens: What the answer may take of the window.
    """

    def __init__(
        self,
        prompt: PromptFile,
        model: PayingModel,
        name: str,
        settings: Settings,
        shots: Shots | None = None,
        corpus: str = "",
        tag: str = "input",
        max_new_tokens: int = 0,
    ) -> None:
        self._prompt = prompt
        self._model = model
        self._name = name
        self._settings = settings
        self._shots = shots
        self._corpus = corpus
        self._tag = tag
        self._room = settings.window_tokens - max_new_tokens

    @property
    def name(self) -> str:
        """The model."""
        return self._name

    @property
    def stand_in(self) -> bool:
        """False: a model answers."""
        return False

    def conversations(self, inputs: Sequence[str]) -> list[list[Message]]:
        """What would be sent, without sending it."""
        chosen = self._shots.of(inputs) if self._shots else [()] * len(inputs)
        return [
            conversation(self._prompt, given, examples, self._corpus, self._tag)
            for given, examples in zip(inputs, chosen, strict=True)
        ]

    def answer_many(
        self, inputs: Sequence[str], advance: Callable[[int], object] = lambda _: None
    ) -> Iterator[tuple[int, Answered]]:
        """Answers inputs, each as soon as it is there.

        Raises:
            UserError: The model cannot be reached, or takes no request at all.
        """
        conversations = self.conversations(inputs)
        refused = answers = 0
        for number, answered in self._each(conversations):
            refused, answers = refused + bool(answered.refused), answers + (not answered.refused)
            if refused >= _MOST_REFUSED and not answers:
                raise UserError(
                    f"the first {refused} requests were refused: {answered.refused}",
                    "mend what the model says is wrong, then run the command again",
                )
            advance(1)
            yield number, answered

    def _each(self, conversations: Sequence[Sequence[Message]]) -> Iterator[tuple[int, Answered]]:
        if self._settings.concurrent == 1:
            for number, messages in enumerate(conversations):
                yield number, self._answer(messages)
            return
        with ThreadPoolExecutor(self._settings.concurrent) as pool:
            # Few are handed over at a time: after a failure nothing more should be sent, and paid for.
            waiting = iter(enumerate(conversations))
            running: dict[Future[Answered], int] = {}
            while True:
                while len(running) < self._settings.concurrent and (given := next(waiting, None)):
                    running[pool.submit(self._answer, given[1])] = given[0]
                if not running:
                    return
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield running.pop(future), future.result()

    def _answer(self, messages: Sequence[Message]) -> Answered:
        tokens, counted = tokens_of(self._model.model, messages)
        if tokens > self._room * (1 if counted else _SLACK):
            about = "" if counted else "about "
            told = f"{about}{tokens:,} tokens are more than the {self._room:,} of prompting.window_tokens"
            return Answered(Output(""), refused=f"{told} beside the answer")
        form = self._format()
        first = self._model.ask(messages, form)
        if first.call.refused:
            return Answered(Output(""), (first,), first.call.reply.seconds, first.call.refused)
        output = self._read(first)
        if not output.problems or not self._settings.repair:
            return Answered(output, (first,), first.call.reply.seconds)
        second = self._model.ask(self._again(messages, first, output), form)
        seconds = first.call.reply.seconds + second.call.reply.seconds
        # Where the second request is refused, the first answer stands, as it is.
        return Answered(output if second.call.refused else self._read(second), (first, second), seconds)

    def _read(self, paid: Paid) -> Output:
        output = self._prompt.declaration.read(paid.call.reply.text)
        if output.problems and paid.call.reply.cut:
            cut = "it was cut off: raise language_models.max_new_tokens"
            return Output(output.text, output.fields, output.quotes, (*output.problems, cut))
        return output

    def _again(self, messages: Sequence[Message], first: Paid, output: Output) -> list[Message]:
        declared = self._prompt.declaration.instruction()
        told = f"That is not as declared: {'; '.join(output.problems)}. {declared}".strip()
        return [
            *messages,
            {"role": "assistant", "content": first.call.reply.text},
            {"role": "user", "content": told},
        ]

    def _format(self) -> Mapping[str, Any] | None:
        wanted = self._settings.response_format
        if wanted == "none" or self._prompt.declaration.shape != "fields":
            return None
        if wanted == "json_object":
            return {"type": "json_object"}
        schema = {"name": self._prompt.name, "strict": True, "schema": self._prompt.declaration.schema()}
        return {"type": "json_schema", "json_schema": schema}
