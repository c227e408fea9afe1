"""The outermost layer: which names are answered to, what every answer carries, and what is logged of it."""

import logging
import re
import time
import uuid
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .problems import INTERNAL, Problem, problem_response

_LOG = logging.getLogger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PORT = re.compile(r":[0-9]*$")

SECURITY_HEADERS = {
    # Scripts, styles and requests of the service's own pages alone; nothing inline, no frames, no forms elsewhere.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Envelope:
    """Checks the Host header, gives each request an id, adds the security headers, logs one line, hides tracebacks.

    A page of another origin whose name was made to point to this machine (DNS rebinding) still sends its own name as
    Host; that is what the check is for.

    Args:
        app: What answers.
        allowed_hosts: Names and addresses without port, IPv6 addresses in brackets.
        any_host: Paths that are answered under every name: probes know only the address of the machine.
    """

    def __init__(self, app: ASGIApp, allowed_hosts: Iterable[str], any_host: Iterable[str]) -> None:
        self._app = app
        self._allowed = {host.lower() for host in allowed_hosts}
        self._any_host = frozenset(any_host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = time.perf_counter(), 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                headers.setdefault("Cache-Control", "no-store")
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
            await send(message)

        try:
            await self._answer(scope, receive, send_on)
        except Exception:
            _LOG.exception("%s failed", request_id)
            if status == 0:
                await problem_response(HTTPStatus.INTERNAL_SERVER_ERROR, INTERNAL)(scope, receive, send_on)
        finally:
            seconds = time.perf_counter() - started
            # The path without the query: texts that somebody asks do not belong into a log.
            path = quote(scope["path"])
            _LOG.info("%s %s %s %s %.0f ms", request_id, scope["method"], path, status or "-", seconds * 1000)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = _PORT.sub("", Headers(scope=scope).get("host", "")).lower()
        if host in self._allowed or scope["path"] in self._any_host:
            await self._app(scope, receive, send)
            return
        problem = Problem(
            error="this service does not answer to that Host header",
            next="use the address that the service printed when it started; its owner sets serving.allowed_hosts",
        )
        await problem_response(HTTPStatus.BAD_REQUEST, problem)(scope, receive, send)


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
