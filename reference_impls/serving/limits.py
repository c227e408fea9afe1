"""Limits on what one request may bring and take, and on how many are in work."""

import asyncio
import logging
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus

import anyio
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import Problem, problem_response

_LOG = logging.getLogger(__name__)
_GRACE_SECONDS = 2.0
_CLOSE = {"Connection": "close"}
_DRAIN_SECONDS = 1.0
_DRAIN_BYTES = 1 << 20


class Limits:
    """Refuses bodies that are too long (413) and work beyond the number of places (503); ends what takes long (504).

    Nothing queues: a request is in work or refused. A thread cannot be ended from outside, so a request that ran out of
    time is answered at once and still holds its place until its thread has come back.

    Args:
        app: What answers.
        most_concurrent: Number of places.
        body_bytes: Longest body, told by Content-Length or counted while it is read.
        seconds: Longest time for one request. An answer that has begun by then gets a little longer to end by itself.
        free: Paths that need no place, since they do no work: health must answer when all places are taken.
    """

    def __init__(
        self, app: ASGIApp, *, most_concurrent: int, body_bytes: int, seconds: float, free: Iterable[str]
    ) -> None:
        self._app = app
        self._most_concurrent = most_concurrent
        self._body_bytes = body_bytes
        self._seconds = seconds
        self._free = frozenset(free)
        self._in_work: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif int(Headers(scope=scope).get("content-length", "0")) > self._body_bytes:
            too_long = Problem(error=self._too_long(), next="send less")
            refusal = problem_response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, too_long, _CLOSE)
            await refusal(scope, receive, partial(_send_and_drain, receive, send))
        elif scope["path"] in self._free:
            await self._app(scope, self._counted(receive), send)
        elif len(self._in_work) >= self._most_concurrent:
            busy = Problem(
                error=f"{self._most_concurrent} requests are in work, which is the most (serving.most_concurrent)",
                next="ask again in a moment",
            )
            await problem_response(HTTPStatus.SERVICE_UNAVAILABLE, busy)(scope, receive, send)
        else:
            await self._work(scope, self._counted(receive), send)

    async def _work(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = _Reply(send)
        # anyio's scope, not the task, is cancelled: it waits for threads, so the place stays taken while they run.
        cut = anyio.CancelScope()
        work = asyncio.create_task(self._answer(cut, scope, receive, reply))
        self._in_work.add(work)
        work.add_done_callback(partial(self._ended, reply))
        try:
            await asyncio.wait({work}, timeout=self._seconds)
            if not work.done() and reply.started:
                await asyncio.wait({work}, timeout=_GRACE_SECONDS)
        finally:
            if not work.done():
                reply.abandoned = True
                cut.cancel()
        if work.done():
            work.result()
        elif not reply.started:
            late = Problem(
                error=f"the answer took longer than {self._seconds:g} seconds (serving.timeout_seconds)",
                next="ask again later, or something simpler",
            )
            await problem_response(HTTPStatus.GATEWAY_TIMEOUT, late, _CLOSE)(scope, receive, send)

    async def _answer(self, cut: anyio.CancelScope, scope: Scope, receive: Receive, send: Send) -> None:
        with cut:
            await self._app(scope, receive, send)

    def _ended(self, reply: "_Reply", work: asyncio.Task[None]) -> None:
        self._in_work.discard(work)
        # Nobody awaits abandoned work, so its failure would be lost.
        if reply.abandoned and not work.cancelled() and (error := work.exception()) is not None:
            _LOG.error("a request that had run out of time failed", exc_info=error)

    def _counted(self, receive: Receive) -> Receive:
        read = 0

        async def receive_on() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._body_bytes:
                await _drain(receive)
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._too_long(), _CLOSE)
            return message

        return receive_on

    def _too_long(self) -> str:
        return f"the body is longer than {self._body_bytes:,} bytes (serving.body_kilobytes)"


class _Reply:
    """Passes an answer on until the request is abandoned; what comes later is dropped."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False
        self.abandoned = False

    async def __call__(self, message: Message) -> None:
        if self.abandoned:
            return
        self.started = True
        await self._send(message)


async def _send_and_drain(receive: Receive, send: Send, message: Message) -> None:
    """Sends a refusal and reads on before it ends; whoever waits for a go-ahead to send the body gets none."""
    if message["type"] == "http.response.body":
        await send({**message, "more_body": True})
        await _drain(receive)
        message = {"type": "http.response.body", "body": b""}
    await send(message)


async def _drain(receive: Receive) -> None:
    """Reads on for a moment: closing a connection with unread bytes resets it, and the answer would be lost."""
    read = 0
    with anyio.move_on_after(_DRAIN_SECONDS):
        while read < _DRAIN_BYTES:
            message = await receive()
            read += len(message.get("body", b""))
            if not message.get("more_body"):
                return
