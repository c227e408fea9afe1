"""Makes the application: the routes of a component inside the limits, errors, health and pages that all share."""

import logging
import mimetypes
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

import anyio
from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, Depends, FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.middleware import Middleware

from ..project_base.errors import UserError
from .envelope import Envelope
from .identity import Identify, is_loopback
from .limits import Limits
from .problems import Problem, Unavailable, add_handlers
from .settings import Settings

_LOG = logging.getLogger(__name__)
_PAGES = Path(__file__).parent / "page"
_OWN_PAGES = {
    "/docs": _PAGES / "docs.html",
    "/docs.js": _PAGES / "docs.js",
    "/form.js": _PAGES / "form.js",
    "/page.css": _PAGES / "page.css",
}
_HEALTH = "/health"
_OPENAPI = "/openapi.json"
_SPARE_THREADS = 8
_THIS_MACHINE = ("localhost", "127.0.0.1", "[::1]")


class Health(BaseModel):
    """That the service is ready, and what it answers with.

    Attributes:
        ok: True.
        loaded: What is loaded, by kind.
        since: When the newest of it was loaded, in UTC.
    """

    ok: bool = Field(default=True)
    loaded: dict[str, str]
    since: datetime


@dataclass(frozen=True)
class Service:
    """What a component brings.

    Attributes:
        title: Its name in the documentation.
        version: Of its HTTP interface.
        description: What it does, in a sentence.
        router: Its routes. They run only after `load`.
        load: Loads what they need; called once, in a thread, at the start.
        health: What is loaded; called in a thread. Raises `Unavailable` where nothing can be answered.
        pages: Files by the path at which they are read, kept in memory; `form.js` and `page.css` are there for them.
    """

    title: str
    version: str
    description: str
    router: APIRouter
    load: Callable[[], object]
    health: Callable[[], Health]
    pages: Mapping[str, Path] = field(default_factory=dict)


class Readiness:
    """Whether the service has loaded what it needs.

    Attributes:
        ready: True from then on.
        failure: Why it could not.
        stop: Called then; whoever runs the application ends it.
    """

    def __init__(self) -> None:
        self.ready = False
        self.failure: BaseException | None = None
        self.stop: Callable[[], object] = lambda: None

    async def load(self, load: Callable[[], object]) -> None:
        """Loads in a thread, so that the service listens meanwhile and says that it is not ready."""
        try:
            await run_in_threadpool(load)
        except Exception as error:  # raised again by whoever runs the application
            self.failure = error
            self.stop()
        else:
            self.ready = True

    async def check(self) -> None:
        """A dependency of every route that does work.

        Raises:
            Unavailable: Not yet, or never.
        """
        if not self.ready:
            raise Unavailable(
                "still loading" if self.failure is None else f"loading failed: {self.failure}", "wait, or see the log"
            )


def make_app(service: Service, settings: Settings) -> FastAPI:
    """The application, for any ASGI server; `app.state.readiness` tells whether it has loaded.

    Raises:
        UserError: The settings expose it to everybody without saying so.
    """
    readiness = Readiness()
    pages = {**_OWN_PAGES, **service.pages}
    free = (_HEALTH, _OPENAPI, *pages)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        # One thread for each place, and some for health: without them a request that has a place would queue again.
        current_default_thread_limiter().total_tokens = settings.most_concurrent + _SPARE_THREADS
        async with anyio.create_task_group() as loading:
            loading.start_soon(readiness.load, service.load)
            yield

    app = FastAPI(
        title=service.title,
        version=service.version,
        description=service.description,
        lifespan=lifespan,
        openapi_url=_OPENAPI,
        # The framework's own pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        middleware=[
            Middleware(Envelope, allowed_hosts=allowed_hosts(settings), any_host=[_HEALTH]),
            Middleware(
                Limits,
                most_concurrent=settings.most_concurrent,
                body_bytes=settings.body_kilobytes * 1024,
                seconds=settings.timeout_seconds,
                free=free,
            ),
        ],
    )
    app.state.readiness = readiness
    add_handlers(app)
    app.include_router(
        service.router,
        dependencies=[Depends(readiness.check), Depends(Identify(settings))],
        responses={status: {"model": Problem} for status in _PROBLEMS},
    )

    @app.get(_HEALTH, responses={HTTPStatus.SERVICE_UNAVAILABLE: {"model": Problem}}, tags=["service"])
    async def health() -> Health:
        """Whether questions can be answered now: 200, or 503 while loading and where something is broken."""
        await readiness.check()
        return await run_in_threadpool(service.health)

    for path, file in pages.items():
        _add_page(app, path, file)
    return app


_PROBLEMS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


def allowed_hosts(settings: Settings) -> frozenset[str]:
    """The names that the service answers to.

    Raises:
        UserError: It listens on every address of the machine, and no name is given.
    """
    named = frozenset(filter(None, (host.strip() for host in settings.allowed_hosts.split(","))))
    if named:
        return named
    if settings.host in ("0.0.0.0", "::"):  # noqa: S104 -- refused, not bound
        raise UserError(
            f"serving.host {settings.host} is every address of this machine, and serving.allowed_hosts names none",
            "set serving.allowed_hosts to the names under which people reach it, for example: answers.example.org",
        )
    own = f"[{settings.host}]" if ":" in settings.host else settings.host
    return frozenset({own, *_THIS_MACHINE}) if is_loopback(settings.host) else frozenset({own})


def _add_page(app: FastAPI, path: str, file: Path) -> None:
    content = file.read_bytes()
    media = mimetypes.guess_type(file.name)[0]

    @app.get(path, include_in_schema=False)
    async def page() -> Response:
        return Response(content, media_type=media, headers={"Cache-Control": "no-cache"})
