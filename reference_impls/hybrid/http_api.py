"""Questions over HTTP: the route, and the page to ask in."""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Request

from ..project_base.errors import QuestionError, UserError
from ..rag.http_api import Question, reader_of
from ..serving.app import Health, Service
from ..serving.identity import Caller, caller_of
from ..serving.problems import Unavailable
from .base import Answerer, Reply
from .patterns import PATTERNS
from .settings import ProjectSettings

_LOG = logging.getLogger(__name__)
_VERSION = "1"
_PAGES = Path(__file__).parent / "page"


def make_service(settings: ProjectSettings, load: Callable[[], Answerer]) -> Service:
    """The service of this project.

    Args:
        settings: The project's settings.
        load: Opens index and models; called once.
    """
    live = cache(load)
    words = PATTERNS[settings.hybrid.pattern]
    router = APIRouter(tags=["questions"])
    since = datetime.now(UTC)

    @router.post("/ask")
    def ask(asked: Question, request: Request, caller: Annotated[Caller, Depends(caller_of)]) -> Reply:
        """Answers one question from what whoever asks may read, says which way it took, or refuses."""
        if settings.serving.log_texts:
            # As JSON, so that a line break in a question begins no line of the log.
            _LOG.info("%s asks %s", request.state.request_id, json.dumps(asked.model_dump()))
        try:
            reply = live().ask(asked.question, reader_of(caller), asked.where)
        except (QuestionError, Unavailable):
            raise
        except UserError as error:
            # Whoever asks cannot mend it and should not read it: paths, versions, addresses.
            raise Unavailable(error.message, error.next_step) from error
        _LOG.info("%s goes to %s", request.state.request_id, reply.way)
        if reply.kept_back and settings.serving.log_texts:
            _LOG.info("%s kept back %s", request.state.request_id, json.dumps(reply.kept_back))
        return reply.for_callers()

    def health() -> Health:
        live()
        return Health(loaded={"pattern": settings.hybrid.pattern}, since=since)

    return Service(
        title=words.title,
        version=_VERSION,
        description=words.does,
        router=router,
        load=live,
        health=health,
        pages={"/": _PAGES / "ask.html", "/ask.js": _PAGES / "ask.js"},
    )
