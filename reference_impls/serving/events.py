"""Server-sent events (WHATWG HTML, section 9.2) from an iterator that blocks."""

import asyncio
import json
import logging
import threading
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import closing
from dataclasses import dataclass

import anyio
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from ..project_base.errors import UserError
from .problems import INTERNAL, Problem, problem_of

_LOG = logging.getLogger(__name__)
# A proxy that waits for the whole answer would undo the stream.
_HEADERS = {"X-Accel-Buffering": "no"}


@dataclass(frozen=True)
class Event:
    """A named event; `data` is JSON."""

    name: str
    data: str

    def encoded(self) -> str:
        """The event as it is sent; JSON has no bare line ends, so one data line holds it."""
        return f"event: {self.name}\ndata: {self.data}\n\n"


class EventStream(StreamingResponse):
    """Sends events as they come; a failure is the last event, `error`.

    One thread runs the iterator from its first step to its closing. When whoever asks has gone, or time is up, it stops
    at its next event; the response has ended only then, so it holds its place among the requests in work.

    Args:
        events: A generator of events.
        seconds: The longest time for all of them.
    """

    media_type = "text/event-stream"

    def __init__(self, events: Generator[Event, None, None], seconds: float) -> None:
        self._events = events
        self._seconds = seconds
        self._stopped = threading.Event()
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        super().__init__(self._written(), headers=_HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends the response."""
        loop = asyncio.get_running_loop()

        def put(event: Event | None) -> None:
            loop.call_soon_threadsafe(self._queue.put_nowait, event)

        producer = asyncio.create_task(run_in_threadpool(self._produce, put))
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stopped.set()
            with anyio.CancelScope(shield=True):
                await producer

    def _produce(self, put: Callable[[Event | None], object]) -> None:
        try:
            with closing(self._events) as events:
                for event in events:
                    if self._stopped.is_set():
                        break
                    put(event)
        except UserError as error:
            put(_failure(problem_of(error)[1]))
        except Exception:
            _LOG.exception("a stream of events failed")
            put(_failure(INTERNAL))
        put(None)

    async def _written(self) -> AsyncIterator[str]:
        end = anyio.current_time() + self._seconds
        while True:
            event: Event | None = _failure(
                Problem(error=f"the answer took longer than {self._seconds:g} seconds", next="ask something simpler")
            )
            with anyio.CancelScope(deadline=end) as waiting:
                event = await self._queue.get()
            if event is None:
                return
            yield event.encoded()
            if waiting.cancelled_caught:
                return


def _failure(problem: Problem) -> Event:
    return Event("error", json.dumps(problem.model_dump(), ensure_ascii=False))
