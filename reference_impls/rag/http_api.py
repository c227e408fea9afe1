"""Questions over HTTP: the routes, and the page to ask in."""

import json
import logging
from collections.abc import Callable, Generator
from contextlib import closing
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from ..retrieval.access import Reader
from ..serving.app import Health, Service
from ..serving.bodies import Text
from ..serving.events import Event, EventStream
from ..serving.identity import Caller, caller_of
from .answer import Answer
from .live import LivePipeline
from .pipeline import check_question
from .settings import ProjectSettings

_LOG = logging.getLogger(__name__)
_VERSION = "1"
_PAGES = Path(__file__).parent / "page"


class Question(BaseModel):
    """The body of a question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: Text = Field(description="in a sentence")
    where: dict[Text, Text] = Field(
        default_factory=dict, description="metadata that a document must have to take part, by name"
    )


def make_service(settings: ProjectSettings, load: Callable[[], LivePipeline]) -> Service:
    """The service of this project.

    Args:
        settings: The project's settings.
        load: Loads the models and opens the index; called once.
    """
    live = cache(load)
    router = APIRouter(tags=["questions"])

    def note(asked: Question, request: Request) -> None:
        if settings.serving.log_texts:
            # As JSON, so that a line break in a question begins no line of the log.
            _LOG.info("%s asks %s", request.state.request_id, json.dumps(asked.model_dump()))

    @router.post("/ask")
    def ask(asked: Question, request: Request, caller: Annotated[Caller, Depends(caller_of)]) -> Answer:
        """Answers one question from the documents that whoever asks may read, or refuses."""
        note(asked, request)
        return live().ask(asked.question, reader_of(caller), asked.where)

    @router.post("/ask/stream", response_class=EventStream, status_code=HTTPStatus.OK)
    def stream(asked: Question, request: Request, caller: Annotated[Caller, Depends(caller_of)]) -> EventStream:
        """Answers as server-sent events: `piece` ({text}) while it is written, then `answer`, or `error`.

        Only the event `answer` counts, which holds what POST /ask answers: an answer may be refused after its pieces
        were shown.
        """
        note(asked, request)
        # A question that is refused anyway gets its status; once a stream has begun, only an event can tell.
        check_question(asked.question, settings.rag.question_characters)
        steps = live().stream(asked.question, reader_of(caller), asked.where)
        return EventStream(_events(steps), settings.serving.timeout_seconds)

    def health() -> Health:
        opened = live().current()
        return Health(
            # Whoever may ask for health need not know when documents changed, or where models lie.
            loaded={"generator": settings.language_models.generator},
            since=opened.since,
        )

    return Service(
        title="Answers from the documents",
        version=_VERSION,
        description="Answers with quotes and their sources, or an honest refusal.",
        router=router,
        load=live,
        health=health,
        pages={"/": _PAGES / "ask.html", "/ask.js": _PAGES / "ask.js"},
    )


def reader_of(caller: Caller) -> Reader:
    """Whoever asks, as the documents name readers: a user and groups are names alike."""
    names = caller.groups if caller.user is None else caller.groups | {caller.user}
    return Reader(names, caller.tenant, caller.user)


def _events(steps: Generator[str | Answer, None, None]) -> Generator[Event, None, None]:
    with closing(steps):
        for step in steps:
            if isinstance(step, Answer):
                yield Event("answer", step.model_dump_json())
            else:
                yield Event("piece", json.dumps({"text": step}, ensure_ascii=False))
