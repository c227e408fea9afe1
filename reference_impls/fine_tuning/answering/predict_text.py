"""Predicts one text, for people or as a row."""

from collections.abc import Iterator

import click

from ...labelled_data.base import Example, Turn
from ...labelled_data.reading import Input
from ...labelled_data.settings import Settings as DataSettings
from ...project_base.errors import QuestionError
from ...project_base.terminal import printable
from ..settings import ProjectSettings
from .answering import Answer, Answering, open_answering
from .predict_file import note
from .predicting import row_of
from .rows_out import Form, Table

_RANKED = 3


def predict_text(settings: ProjectSettings, text: str, model: str, form: Form | None) -> None:
    """Prints what a model says of a text.

    Args:
        settings: Of the project.
        text: What is asked.
        model: A version or a folder; empty for the one in service.
        form: A row of this format; None writes for people.

    Raises:
        UserError: The text or the model cannot be used.
    """
    check_text(text, settings.labelled_data)
    answering = open_answering(settings, model, note)
    example = example_of(text)
    (answer,) = answering.answers([example])
    if form is None:
        click.echo(printable("\n".join(_lines(answering, answer, text))))
        return
    name = "instruction" if answering.task == "generation" else "text"
    table = Table(form, [name], answering.task)
    added = row_of(answering.task, Input(example, {}, example.place), answer)
    click.echo((table.head() + table.row({name: text}, added)).decode(), nl=False)


def check_text(text: str, settings: DataSettings) -> None:
    """Makes sure that a model can read a text.

    Raises:
        QuestionError: It is empty, or longer than the longest that the settings allow.
    """
    if not text.strip():
        raise QuestionError("the text is empty", "give a text with at least one word")
    if len(text) > settings.largest_text:
        raise QuestionError(
            f"the text has {len(text):,} characters, more than labelled_data.largest_text ({settings.largest_text:,})",
            "give a shorter text",
        )


def example_of(text: str) -> Example:
    """A text as something to predict: what one user says, without a target."""
    return Example(text, "", "the text", turns=(Turn("user", text),))


def _lines(answering: Answering, answer: Answer, text: str) -> Iterator[str]:
    if answering.task == "generation":
        yield answer.text
        if not answer.text.strip():
            note("the model wrote nothing")
        return
    if answering.task == "extraction":
        for span in answer.spans:
            yield f"{span.label}: {text[span.start : span.end]} ({span.start}-{span.end})"
        if not answer.spans:
            yield "nothing found"
        return
    yield f"{answer.label} (probability {answer.confidence:.3f})"
    if answer.abstained:
        least = answering.rules.threshold
        why = "no probability promises the wanted accuracy" if least is None else f"it answers from {least:.3f} on"
        yield f"the model abstains: this label is the likeliest, but {why}"
    for label, probability in answer.ranked[1:_RANKED]:
        yield f"  then {label} ({probability:.3f})"
