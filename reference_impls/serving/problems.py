"""Errors of one shape, `{"error": ..., "next": ...}`, whatever went wrong and wherever."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from ..project_base.errors import UserError

_LOG = logging.getLogger(__name__)
_RETRY = {"Retry-After": "1"}
_SEE_LOG = "try again later; the log of the service says more, under the X-Request-ID of this answer"


class Problem(BaseModel):
    """The body of every answer that is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    error: str = Field(description="what is wrong, and what is allowed")
    next: str = Field(description="what to do now")


class Refused(UserError):
    """A request that is refused with a status of its own, one of 4xx."""

    def __init__(self, status: HTTPStatus, message: str, next_step: str) -> None:
        super().__init__(message, next_step)
        self.status = status


class Unavailable(UserError):
    """The service cannot do its work now, and whoever asks cannot mend it: 503.

    The message is for the owner and goes to the log: it may name paths and settings.
    """


NOT_NOW = Problem(error="the service cannot answer at the moment", next=_SEE_LOG)
INTERNAL = Problem(error="something went wrong in the service", next=_SEE_LOG)


def problem_response(status: int, problem: Problem, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error as JSON; 503 says when to come again."""
    further = _RETRY if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return JSONResponse(problem.model_dump(), status, headers={**further, **(headers or {})})


def problem_of(error: UserError) -> tuple[int, Problem]:
    """The status and the body for an error; what only the owner can mend is logged and not told."""
    if isinstance(error, Unavailable):
        _LOG.error("cannot answer: %s; next: %s", error.message, error.next_step)
        return HTTPStatus.SERVICE_UNAVAILABLE, NOT_NOW
    status = error.status if isinstance(error, Refused) else HTTPStatus.BAD_REQUEST
    return status, Problem(error=error.message, next=error.next_step)


def add_handlers(app: FastAPI) -> None:
    """Makes every error of the framework and of the routes one of this shape."""

    @app.exception_handler(UserError)
    async def on_user_error(_request: Request, error: UserError) -> JSONResponse:
        return problem_response(*problem_of(error))

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        # The input itself is not repeated: it may be long, secret, or no text that can be sent.
        found = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'] if part != 'body') or 'the body'}: {fault['msg']}"
            for fault in error.errors()
        )
        problem = Problem(error=found, next="send JSON (Content-Type: application/json) as /docs describes it")
        return problem_response(HTTPStatus.UNPROCESSABLE_ENTITY, problem)

    @app.exception_handler(HTTPException)
    async def on_http_error(_request: Request, error: HTTPException) -> JSONResponse:
        problem = Problem(error=str(error.detail), next="see /docs for what can be asked, and how")
        return problem_response(error.status_code, problem, error.headers)
