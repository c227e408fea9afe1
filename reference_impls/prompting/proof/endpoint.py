"""A real HTTP server on this machine that speaks the chat completions protocol and stands for an endpoint.

No model runs in it: it answers by a function. It counts requests, can be busy or slow, and tells tokens as an endpoint
does, those that a cache of beginnings would give among them.
"""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ..asking.messages import shared_characters

Conversation = Sequence[dict[str, str]]
Answer = Callable[[Conversation], str]

_CHARACTERS_IN_TOKEN = 4


class LocalEndpoint(ThreadingHTTPServer):
    """The server.

    Attributes:
        answer: From the messages of a request to the text of its answer.
        busy: Status codes with which the next requests are refused, each with `Retry-After`.
        retry_after: Its value.
        seconds: How long each answer takes.
        asked: How often each conversation came, by its JSON.
        answered: How often each was answered.
        bodies: All bodies that were answered, in order.
    """

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.busy: list[int] = []
        self.retry_after = "0"
        self.seconds = 0.0
        self.asked: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.turn = threading.Lock()

    @property
    def base_url(self) -> str:
        """What `language_models.base_url` is set to."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: LocalEndpoint

    def do_POST(self) -> None:
        """Answers one request."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        key = json.dumps(body["messages"], sort_keys=True)
        with self.server.turn:
            self.server.asked[key] += 1
            status = self.server.busy.pop(0) if self.server.busy else 200
        if status != 200:
            self._send(status, {"error": {"message": "too many requests"}}, {"Retry-After": self.server.retry_after})
            return
        time.sleep(self.server.seconds)
        with self.server.turn:
            content = _completion(body["messages"], self.server)
            self.server.answered[key] += 1
            self.server.bodies.append(body)
        self._send(200, content, {})

    def _send(self, status: int, content: object, headers: dict[str, str]) -> None:
        told = json.dumps(content).encode()
        try:
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(told)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told)
        except OSError:
            # Whoever asked was killed.
            self.close_connection = True

    def log_message(self, *args: object) -> None:
        """Says nothing."""
        del args


def _completion(messages: Any, server: LocalEndpoint) -> dict[str, Any]:
    text = server.answer(messages)
    read = sum(len(turn["content"]) for turn in messages) // _CHARACTERS_IN_TOKEN
    cached = max((shared_characters(messages, body["messages"]) for body in server.bodies), default=0)
    return {
        "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": max(1, len(text) // _CHARACTERS_IN_TOKEN),
            "prompt_tokens_details": {"cached_tokens": min(read, cached // _CHARACTERS_IN_TOKEN)},
        },
    }


@contextmanager
def running(answer: Answer) -> Iterator[LocalEndpoint]:
    """Serves on a free port until the block ends."""
    with LocalEndpoint(answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
