"""Predictions over HTTP: the routes, and the page to try a text on."""

import json
import logging
from collections.abc import Callable, Sequence
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, Self

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...labelled_data.base import Example, Task
from ...project_base.errors import QuestionError, UserError
from ...serving.app import Health, Service
from ...serving.bodies import Text
from ...serving.problems import Refused, Unavailable
from ..settings import ProjectSettings
from .answering import Answer
from .live import LiveModel, Opened
from .predict_text import check_text, example_of

_LOG = logging.getLogger(__name__)
_VERSION = "1"
_PAGES = Path(__file__).parent / "page"
_MOST_TEXTS = 100
_RANKED = 3


class _Body(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Asked(_Body):
    """The body of a request: one text, or several."""

    text: Text | None = Field(default=None, description="one text")
    texts: Annotated[list[Text], Field(min_length=1, max_length=_MOST_TEXTS)] | None = Field(
        default=None, description=f"several texts, at most {_MOST_TEXTS}"
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.texts is None):
            raise ValueError("give either text or texts")
        return self


class Ranked(_Body):
    """A label with its probability."""

    label: str
    probability: float


class Label(_Body):
    """What a classifier says of one text."""

    label: str = Field(description="the likeliest label, also where the model abstains")
    probability: float = Field(description="its calibrated probability")
    abstained: bool = Field(description="whether the model is too unsure to answer")
    ranked: list[Ranked] = Field(description=f"the {_RANKED} likeliest labels")


class FoundSpan(_Body):
    """A labelled piece of a text; characters are counted from 0, the end is exclusive."""

    start: int
    end: int
    label: str
    text: str


class Spans(_Body):
    """What a tagger finds in one text."""

    spans: list[FoundSpan]


class Response(_Body):
    """What a language model writes in answer to one text."""

    response: str


class Labels(_Body):
    """The answer to a request: one prediction for each text, in order."""

    version: str = Field(description="the model that answered")
    predictions: list[Label]


class SpansOfTexts(_Body):
    """The answer to a request: one prediction for each text, in order."""

    version: str = Field(description="the model that answered")
    predictions: list[Spans]


class Responses(_Body):
    """The answer to a request: one prediction for each text, in order."""

    version: str = Field(description="the model that answered")
    predictions: list[Response]


_SHAPES: dict[Task, type[BaseModel]] = {
    "classification": Labels,
    "extraction": SpansOfTexts,
    "generation": Responses,
}


def make_service(settings: ProjectSettings, load: Callable[[], LiveModel]) -> Service:
    """The service of this project.

    Args:
        settings: The project's settings.
        load: Opens the model in service; called once.
    """
    live = cache(load)
    task = settings.fine_tuning.task
    router = APIRouter(tags=["predictions"])

    @router.post("/predict", response_model=_SHAPES[task])
    def predict(asked: Asked, request: Request) -> Any:
        """Predicts one text, or several at once, with the model in service."""
        if settings.serving.log_texts:
            # As JSON, so that a line break in a text begins no line of the log.
            _LOG.info("%s asks %s", request.state.request_id, json.dumps(asked.model_dump(exclude_none=True)))
        texts = [asked.text] if asked.text is not None else asked.texts or []
        for number, text in enumerate(texts):
            _check(text, settings, "" if asked.text is not None else f"texts.{number}: ")
        opened = live().current()
        answers = _answers(opened, [example_of(text) for text in texts])
        predictions = [_prediction(task, answer, text) for answer, text in zip(answers, texts, strict=True)]
        return {"version": opened.answering.name, "predictions": predictions}

    def health() -> Health:
        opened = live().current()
        told = {"version": opened.answering.name, "task": task, "score": opened.score}
        if waiting := live().waiting:
            # Why stands in the log: whoever may ask for health need not know where models lie.
            told["waiting"] = f"{waiting}; see the log"
        return Health(loaded=told, since=opened.since)

    return Service(
        title="Predictions",
        version=_VERSION,
        description="Predicts texts with the model in service.",
        router=router,
        load=live,
        health=health,
        pages={"/": _PAGES / "predict.html", "/predict.js": _PAGES / "predict.js"},
    )


def _check(text: str, settings: ProjectSettings, place: str) -> None:
    try:
        check_text(text, settings.labelled_data)
    except QuestionError as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"{place}{error.message}", error.next_step) from error


def _answers(opened: Opened, examples: Sequence[Example]) -> list[Answer]:
    try:
        return opened.answers(examples)
    except UserError as error:
        # Short memory and the like: whoever asks cannot mend it, and should not read of settings and paths.
        raise Unavailable(error.message, error.next_step) from error


def _prediction(task: Task, answer: Answer, text: str) -> BaseModel:
    if task == "classification":
        return Label(
            label=answer.label,
            probability=answer.confidence or 0.0,
            abstained=answer.abstained,
            ranked=[Ranked(label=label, probability=share) for label, share in answer.ranked[:_RANKED]],
        )
    if task == "extraction":
        return Spans(
            spans=[
                FoundSpan(start=span.start, end=span.end, label=span.label, text=text[span.start : span.end])
                for span in answer.spans
            ]
        )
    return Response(response=answer.text)
