"""A service that echoes, sleeps, fails and streams: what the tests ask, in a process or a thread."""

import json
import sys
import threading
import time
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from ...project_base.errors import UserError
from ..app import Health, Service
from ..bodies import Text
from ..events import Event, EventStream
from ..identity import Caller, caller_of
from ..problems import Unavailable
from ..server import run_service
from ..settings import Settings


class Body(BaseModel):
    text: Text


class Sample:
    """The service, with what happened in it."""

    def __init__(self, *, load: Callable[[], object] = lambda: None, stream_seconds: float = 5.0) -> None:
        self.gate = threading.Event()
        self.closed = threading.Event()
        self.healthy = True
        self._stream_seconds = stream_seconds
        self.service = Service("Echo", "1", "Echoes.", self._router(), load, self._health)

    def _health(self) -> Health:
        if not self.healthy:
            raise Unavailable("/secret/path is broken", "mend it")
        return Health(loaded={"echo": "loud"}, since=datetime(2026, 1, 2, tzinfo=UTC))

    def _router(self) -> APIRouter:
        router = APIRouter()

        @router.post("/echo")
        def echo(body: Body) -> dict[str, str]:
            """Says the same."""
            return {"text": body.text}

        @router.post("/wait")
        def wait() -> dict[str, bool]:
            return {"opened": self.gate.wait(20)}

        @router.post("/sleep")
        def sleep() -> dict[str, str]:
            print("asleep", flush=True)
            time.sleep(1.0)
            return {"text": "slept"}

        @router.post("/fail/{how}")
        def fail(how: str) -> None:
            if how == "user":
                raise UserError("the text is green", "send a blue one")
            if how == "unavailable":
                raise Unavailable("/secret/path is broken", "mend it")
            raise RuntimeError("secret detail")

        @router.get("/who")
        async def who(caller: Annotated[Caller, Depends(caller_of)]) -> dict[str, object]:
            return {"user": caller.user, "groups": sorted(caller.groups), "tenant": caller.tenant}

        @router.post("/stream/{how}")
        def stream(how: str) -> EventStream:
            return EventStream(self._events(how), self._stream_seconds)

        return router

    def _events(self, how: str) -> Generator[Event, None, None]:
        try:
            yield Event("piece", json.dumps({"text": "erste\n\nZeile"}))
            if how == "hang":
                self.gate.wait(20)
            while how == "endless":
                time.sleep(0.01)
                yield Event("piece", "{}")
            if how == "crash":
                raise RuntimeError("secret detail")
            if how == "refuse":
                raise UserError("it broke off", "ask again")
            yield Event("answer", json.dumps({"text": "done"}))
        finally:
            self.closed.set()


def main() -> None:
    """Runs it as a component's command does; the first argument is the time to load."""
    run_service(Sample(load=lambda: time.sleep(float(sys.argv[1]))).service, Settings(port=0))


if __name__ == "__main__":
    main()
