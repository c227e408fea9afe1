"""Words the result of a tally; a figure that the table does not hold is told."""

import re
from dataclasses import dataclass

from ...language_models.chat import Message
from ..asking.answered import Answered
from ..asking.messages import fenced, system_message
from ..asking.paying import PayingModel
from ..prompts.prompt_file import PromptFile

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Wording:
    """A result in words.

    Attributes:
        text: The words; the table itself where no model words it.
        unknown_figures: Figures in it that stand neither in the table nor in the question.
        answered: The request; None where no model was asked.
    """

    text: str
    unknown_figures: tuple[str, ...] = ()
    answered: Answered | None = None


def word_result(prompt: PromptFile | None, model: PayingModel | None, table: str, question: str) -> Wording:
    """Has a prompt word the result.

    Args:
        prompt: Says how; None gives the table as it is.
        model: What is asked; None likewise.
        table: What was counted.
        question: What is to be answered.

    Raises:
        UserError: The model cannot be reached.
    """
    if prompt is None or model is None or not question:
        return Wording(table)
    asked = f"{fenced(table, 'table')}\n\n{fenced(question, 'input')}"
    messages: list[Message] = [system_message(prompt, tag="table"), {"role": "user", "content": asked}]
    paid = model.ask(messages, None)
    if paid.call.refused:
        return Wording(table)
    output = prompt.declaration.read(paid.call.reply.text)
    text = output.text or table
    answered = Answered(output, (paid,), paid.call.reply.seconds)
    return Wording(text, unknown_figures(text, f"{table}\n{question}"), answered)


def unknown_figures(text: str, known: str) -> tuple[str, ...]:
    """Figures of a text that do not stand in what is known, each once, in order; 1,200 is the same as 1200."""
    held = {_value(figure) for figure in _FIGURE.findall(known)}
    return tuple(dict.fromkeys(figure for figure in _FIGURE.findall(text) if _value(figure) not in held))


def _value(figure: str) -> str:
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", figure)
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
