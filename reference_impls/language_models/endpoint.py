"""One POST to an HTTP endpoint: attempts, pauses, one deadline over all, and errors that never show the key."""

import email.utils
import json
import os
import random
import ssl
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from functools import cache
from types import MappingProxyType
from typing import Any

import httpx

from ..project_base.errors import UserError
from .chat import RequestRefused, whole
from .settings import Settings
from .turns import Turns

_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_THIS_REQUEST = frozenset({400, 413, 422})
"""What is wrong with one request, and perhaps not with the next."""
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_LARGEST_ANSWER = 20_000_000
_SHOWN = 200
_CHANCE = random.SystemRandom().random


class Endpoint:
    """Posts JSON to `{base_url}/chat/completions`.

    A failing or busy endpoint is asked again after pauses that double and vary at random between half and the whole
    (so that many clients do not return together), or after as long as its `Retry-After` says. Redirects are refused:
    they would carry the question, and perhaps the key, to an address that nobody set.

    The key is read from the environment at each call and appears in no message; without the variable no key is sent,
    which is what servers on one's own machine expect.

    No more than `requests_per_minute` attempts begin in a minute, from all threads together; the time until the first
    may begin does not count as time of the answer.

    Args:
        settings: `base_url`, `api_key_variable`, `timeout_seconds`, `deadline_seconds`, `retries` and
            `requests_per_minute`.
        pause: Waits between attempts, in seconds.
        clock: Seconds from any start, never going back.
        chance: A number in [0, 1) for each pause.
    """

    def __init__(
        self,
        settings: Settings,
        pause: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = _CHANCE,
    ) -> None:
        self._settings = settings
        self._pause = pause
        self._clock = clock
        self._chance = chance
        self._turns = Turns(settings.requests_per_minute, pause, clock)
        self._address = settings.base_url.rstrip("/") + "/chat/completions"

    def post(
        self,
        body: dict[str, Any],
        headers: Mapping[str, str] = _NO_HEADERS,
        begins: Callable[[], object] = lambda: None,
    ) -> Iterator[bytes]:
        """The parts of a successful response as they arrive; a further attempt is made only before the first part.

        Args:
            body: Is sent as JSON.
            headers: Sent beside those of the endpoint.
            begins: Called at the beginning of each attempt.

        Raises:
            RequestRefused: The endpoint says that this request is wrong, or too long (400, 413 or 422).
            UserError: The endpoint cannot be reached, refuses, stays busy, redirects, breaks off, sends a web page or
                more than 20 MB, or the deadline has passed.
        """
        self._turns.take()
        deadline = self._clock() + self._settings.deadline_seconds
        wait = _FIRST_PAUSE
        for left in range(self._settings.retries, -1, -1):
            begins()
            with closing(self._attempt(body, headers, deadline)) as parts:
                first = next(parts)
                if isinstance(first, bytes):
                    yield first
                    yield from (part for part in parts if isinstance(part, bytes))
                    return
            asked, failure = first
            if asked is None or not left:
                raise failure
            # Never earlier than asked for: a client that is told to wait and does not is shut out for longer.
            length = max(asked, wait * (1 + self._chance()) / 2)
            if self._clock() + length >= deadline:
                raise UserError(
                    f"{failure.message}; another attempt in {length:.0f} s would pass "
                    f"language_models.deadline_seconds ({self._settings.deadline_seconds:g})",
                    "wait and ask again, or raise language_models.deadline_seconds",
                )
            self._pause(length)
            self._turns.take()
            wait = min(wait * 2, _LONGEST_PAUSE)

    def _attempt(
        self, body: dict[str, Any], headers: Mapping[str, str], deadline: float
    ) -> Generator[bytes | tuple[float | None, UserError]]:
        """Yields parts, or first and only a failure with the seconds to wait at least; None forbids another attempt."""
        started = False
        try:
            with (
                httpx.Client(timeout=self._timeout(deadline), follow_redirects=False, verify=_trusted()) as client,
                client.stream("POST", self._address, json=body, headers={**headers, **self._headers()}) as response,
            ):
                if not response.is_success:
                    asked = _retry_after(response) if response.status_code in _BUSY else None
                    yield asked, self._refused(response, self._within(response, deadline))
                    return
                if "html" in response.headers.get("content-type", ""):
                    raise self._web_page()
                for part in self._within(response, deadline):
                    started = True
                    yield part
            if not started:
                yield b""
        except httpx.InvalidURL as error:
            raise self.failure(f"cannot be called: {error}", "check language_models.base_url") from error
        except httpx.RequestError as error:
            if self._clock() >= deadline:
                raise self._late() from error
            kind = type(error).__name__
            if started:
                raise self.failure(f"broke off in the middle of an answer ({kind})", "ask again") from error
            yield (
                0.0,
                self.failure(
                    f"cannot be reached ({kind})",
                    "start the server, or check language_models.base_url and timeout_seconds",
                ),
            )

    def _timeout(self, deadline: float) -> float:
        return max(min(self._settings.timeout_seconds, deadline - self._clock()), 0.001)

    def _within(self, response: httpx.Response, deadline: float) -> Iterator[bytes]:
        """The body, as long as it is neither late nor endless: the timeout of the client counts for each read alone."""
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if self._clock() >= deadline:
                raise self._late()
            if size > _LARGEST_ANSWER:
                raise self.failure(f"sends more than {_LARGEST_ANSWER // 10**6} MB", "check language_models.base_url")
            yield part

    def _headers(self) -> dict[str, str]:
        key = self._key()
        if not key:
            return {}
        if not key.isascii() or not key.isprintable():
            raise self.failure(
                "cannot be called: the key holds characters that no key has",
                f"set the environment variable {self._settings.api_key_variable} again",
            )
        return {"Authorization": f"Bearer {key}"}

    def _key(self) -> str:
        name = self._settings.api_key_variable
        return os.environ.get(name, "").strip() if name else ""

    def _refused(self, response: httpx.Response, parts: Iterator[bytes]) -> UserError:
        status = response.status_code
        if response.is_redirect:
            return self.failure(
                f"sends elsewhere (status {status}), which is not followed: question and key would go along",
                f"if you trust {self.masked(response.headers['location'])}, set language_models.base_url to it",
            )
        if status in {401, 403}:
            name = self._settings.api_key_variable
            state = "is set, but refused" if self._key() else "is not set"
            return self.failure(f"refuses access (status {status})", f"the environment variable {name} {state}; set it")
        content = b"".join(parts)
        try:
            said = str(json.loads(content)["error"]["message"])
        except (ValueError, KeyError, TypeError):
            said = content.decode("utf-8", "replace")
        if "html" in response.headers.get("content-type", ""):
            said = "a web page; does base_url end with the path of the API, often /v1?"
        said = self.masked(said)
        next_step = "wait and ask again" if status in _BUSY else "check language_models.model and base_url"
        told = self.failure(f"answers with status {status}{': ' + said if said else ''}", next_step)
        return RequestRefused(told.message, told.next_step) if status in _THIS_REQUEST else told

    def _web_page(self) -> UserError:
        return self.failure(
            "answers with a web page (HTML) instead of JSON",
            "check that language_models.base_url ends with the path of the API (often /v1), and that no log-in page or "
            "proxy stands between",
        )

    def _late(self) -> UserError:
        return self.failure(
            f"did not finish within {self._settings.deadline_seconds:g} s (language_models.deadline_seconds)",
            "lower language_models.max_new_tokens, choose a smaller model, or raise language_models.deadline_seconds",
        )

    def masked(self, text: str) -> str:
        """The first 200 characters of a text, on one line, without the key."""
        key = self._key()
        return whole(" ".join((text.replace(key, "***") if key else text).split())[:_SHOWN])

    def failure(self, what: str, next_step: str) -> UserError:
        """An error about this endpoint."""
        return UserError(f"the endpoint {self._address} {what}", next_step)


@cache
def _trusted() -> ssl.SSLContext:
    """The authorities that are trusted; reading them takes tens of milliseconds, which no answer should wait for."""
    return httpx.create_ssl_context()


def _retry_after(response: httpx.Response) -> float:
    """Seconds that a response asks to wait; 0 without a readable `Retry-After`.

    The header holds seconds or a date: RFC 9110, section 10.2.3.
    """
    value = response.headers.get("retry-after", "")
    if value.isdecimal():
        return float(value)
    try:
        return max(email.utils.parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except ValueError:
        return 0.0
