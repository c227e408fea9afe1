"""The prompt over HTTP: one route, and a page to try it."""

import json
import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from ..project_base.errors import UserError
from ..serving.app import Health, Service
from ..serving.bodies import Text
from ..serving.problems import Refused, Unavailable
from .running import Result, Runner
from .settings import ProjectSettings

_LOG = logging.getLogger(__name__)
_VERSION = "1"
_NOT_TAKEN = "the model does not take this input: it may be too long, or stopped by a filter"
_PAGES = Path(__file__).parent / "page"


class Asked(BaseModel):
    """The body of a request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Text = Field(description="what the prompt is applied to; for map_reduce a question about all documents")


def for_callers(found: Result, model: str) -> Result:
    """The result without what is for the owner of the project: addresses, paths, and what an endpoint says of itself.

    Args:
        found: The result, as the owner's terminal shows it.
        model: What callers are told of it.
    """
    told: dict[str, object] = {} if found.stand_in else {"model": model}
    if found.refused:
        told["problems"] = (_NOT_TAKEN,)
    return found.model_copy(update=told)


def make_service(settings: ProjectSettings, load: Callable[[], Runner]) -> Service:
    """The service of this project.

    Args:
        settings: The project's settings.
        load: Opens prompt, model and documents; called once.
    """
    runner = cache(load)
    since = datetime.now(UTC)
    # A model on this machine, and the stand-ins, answer one after the other; an endpoint takes several at once.
    alone = settings.language_models.generator != "openai_compatible"
    name = Path(settings.language_models.model).name if alone else settings.language_models.model
    turn = threading.Lock()
    router = APIRouter(tags=["prompting"])

    @router.post("/run")
    def run(asked: Asked, request: Request) -> Result:
        """Applies the prompt to one input."""
        if settings.serving.log_texts:
            # As JSON, so that a line break in an input begins no line of the log.
            _LOG.info("%s asks %s", request.state.request_id, json.dumps(asked.model_dump()))
        most = settings.prompting.input_characters
        if not asked.input.strip():
            raise Refused(HTTPStatus.BAD_REQUEST, "the input is empty", "send a text")
        if len(asked.input) > most:
            told = f"the input has {len(asked.input):,} characters; allowed are {most:,}"
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, told, "send less")
        try:
            if alone:
                with turn:
                    found = runner().run(asked.input)
            else:
                found = runner().run(asked.input)
        except UserError as error:
            # An endpoint that is down, and the like: whoever asks cannot mend it, and should not read of settings.
            raise Unavailable(error.message, error.next_step) from error
        if found.refused:
            _LOG.warning("%s is refused: %s", request.state.request_id, json.dumps(found.problems))
        return for_callers(found, name)

    def health() -> Health:
        opened = runner()
        told = {"prompt": opened.prompt.label, "stand_in": "yes" if opened.stand_in else "no"}
        return Health(loaded=told, since=since)

    return Service(
        title="A prompt",
        version=_VERSION,
        description="Applies a versioned prompt to an input.",
        router=router,
        load=runner,
        health=health,
        pages={"/": _PAGES / "run.html", "/run.js": _PAGES / "run.js"},
    )
