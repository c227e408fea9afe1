"""Turns the owner's examples into conversations as the model meets them in service: with what search returns now."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...evaluation.questions import Question, read_questions
from ...labelled_data.base import Example
from ...labelled_data.reading import read_examples
from ...language_models.base import Prompt
from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from ...rag.groundedness import Statement, statements, supported
from ...rag.passages import Evidence, found_passages
from ...rag.pipeline import Pipeline
from ...retrieval.access import NOBODY
from ..apart import met
from ..rows import Row, asked_in
from ..settings import ProjectSettings
from ..tuned_writer import turns_of

_NAMED = 5


@dataclass(frozen=True)
class Built:
    """Rows, and what could not become one.

    Attributes:
        rows: To train on.
        unsupported: Places of examples whose response no passage that was found supports.
    """

    rows: tuple[Row, ...]
    unsupported: tuple[str, ...]


def examples_of(settings: ProjectSettings) -> tuple[Example, ...]:
    """The requests with their responses.

    Raises:
        UserError: They cannot be read, or one of them is a question of `rag.questions`, which judge, or nearly so.
    """
    examples = read_examples(Path(settings.fine_tuning.examples), "generation", settings.labelled_data).examples
    questions = read_questions(Path(settings.rag.questions))
    least = settings.labelled_data.near_duplicate
    both = met([question.question for question in questions], [example.text for example in examples], least)
    if both:
        named = ", ".join(questions[place].id for place in both[:_NAMED])
        raise UserError(
            f"{len(both)} questions of rag.questions stand in fine_tuning.examples too, or nearly so: {named}",
            "take them out of the examples: what was trained on cannot judge",
        )
    return tuple(examples)


def check_apart(questions: Sequence[Question], known: Sequence[Example], least: float) -> None:
    """Makes sure that a version has not met the questions that are to judge it, whatever stands in the examples now.

    Args:
        questions: Of `rag.questions`, as they are now.
        known: The rows that the version was trained on and stopped by.
        least: The similarity from which questions count as nearly the same.

    Raises:
        UserError: It has.
    """
    learnt = met([question.question for question in questions], asked_in(known), least)
    if learnt:
        named = ", ".join(questions[place].id for place in learnt[:_NAMED])
        raise UserError(
            f"the version has learnt from {len(learnt)} questions of rag.questions, or from nearly the same: {named}",
            f"judge by other questions, or train anew without these: {command_line('train')}",
        )


def with_passages(
    examples: Sequence[Example],
    pipeline: Pipeline,
    passages: int,
    stopped: frozenset[str],
    advance: Callable[[int], object] = lambda _: None,
) -> Built:
    """Puts before each request the passages that are found for it, as in service, and cites them in the response.

    A response that no passage supports would teach the model to state what it does not read, and is left out. Only
    passages that everybody may read take part, since a model keeps traces of what it was trained on.

    Args:
        examples: Requests with their responses.
        pipeline: Of the open index.
        passages: How many are handed over.
        stopped: Stop words, which support nothing.
        advance: Hears how many more are done.
    """
    visible = pipeline.retriever.visible(NOBODY)
    rows, unsupported = [], []
    for example in examples:
        advance(1)
        vector = pipeline.retriever.embed(example.text)
        evidence = found_passages(pipeline.finder.find(example.text, vector, passages, visible).hits)
        response = cited(str(example.target), evidence, stopped)
        if response is None:
            unsupported.append(example.place)
            continue
        prompt = Prompt(example.text, tuple(each.passage() for each in evidence))
        rows.append(Row(turns_of(prompt), response, example.group))
    return Built(tuple(rows), tuple(unsupported))


def cited(response: str, evidence: Sequence[Evidence], stopped: frozenset[str]) -> str | None:
    """A response with a citation behind each sentence that a passage supports; None where none does.

    Marks that the owner wrote count passages of another search, and are left out.
    """
    texts = {number: f"{each.heading}\n{each.text}" for number, each in enumerate(evidence, start=1)}
    parts, known = [], False
    for said in statements(response):
        number = next((each for each in texts if supported(Statement(said.text, (each,)), texts, stopped)), None)
        known = known or number is not None
        parts.append(said.text if number is None else f"{said.text} [{number}]")
    return " ".join(parts) if known else None
