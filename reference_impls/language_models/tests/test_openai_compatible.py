import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ...project_base.errors import UserError
from ..base import Generation, Passage, Prompt
from ..openai_compatible import OpenAICompatibleModel
from ..settings import Settings

PROMPT = Prompt("How long?", (Passage("a.md", "The warranty lasts two years."), Passage("b.md", "It is red.")))
KEY = "sk-very-secret"


def completion(text: object) -> tuple[int, dict[str, Any]]:
    return 200, {"choices": [{"message": {"role": "assistant", "content": text}}]}


class Endpoint(ThreadingHTTPServer):
    """Speaks the chat completions protocol: gives the planned replies in turn and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[tuple[int, object]] = []
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append({"path": self.path, **json.loads(body)})
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        status, reply = self.server.replies.pop(0)
        content = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        if status == 429:
            self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        del args


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setenv("MY_KEY", KEY)
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ask(server: Endpoint, pauses: list[float] | None = None, **changes: Any) -> Generation:
    values: dict[str, Any] = {
        "generator": "openai_compatible",
        "model": "m",
        "base_url": f"http://127.0.0.1:{server.server_port}/v1",
        "api_key_variable": "MY_KEY",
        "retries": 2,
        **changes,
    }
    return OpenAICompatibleModel(Settings(**values), (pauses if pauses is not None else []).append).generate(PROMPT)


def test_an_answer_with_citations(endpoint: Endpoint) -> None:
    endpoint.replies = [completion("The warranty lasts two years. [1] Also [9].")]
    made = ask(endpoint)
    assert made.text == "The warranty lasts two years. [1] Also."
    assert made.cited == (0,)
    assert [(quote.text, quote.passage) for quote in made.quotes] == [("The warranty lasts two years.", 0)]
    body = endpoint.bodies[0]
    assert (body["path"], body["model"], body["temperature"]) == ("/v1/chat/completions", "m", 0.0)
    assert "The warranty lasts two years." in body["messages"][1]["content"]
    assert endpoint.headers[0]["authorization"] == f"Bearer {KEY}"


def test_the_agreed_refusal_is_an_empty_answer(endpoint: Endpoint) -> None:
    endpoint.replies = [completion("NO ANSWER")]
    assert ask(endpoint).text == ""


def test_a_busy_endpoint_is_asked_again_with_growing_pauses(endpoint: Endpoint) -> None:
    endpoint.replies = [(503, {}), (429, {}), completion("Yes [1]")]
    pauses: list[float] = []
    assert ask(endpoint, pauses).text == "Yes [1]"
    assert pauses == [0.5, 7.0]


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ([(500, {})] * 3, "status 500"),
        ([(401, {"error": {"message": f"bad key {KEY}"}})], "refuses access"),
        ([(404, {"error": {"message": f"no model for {KEY}"}})], "no model for ***"),
        ([(200, b"<html>")], "chat completions format"),
        ([(200, {"choices": []})], "chat completions format"),
        ([completion(None)], "without text"),
    ],
)
def test_failures_say_what_happened_and_never_show_the_key(
    endpoint: Endpoint, replies: list[tuple[int, object]], expected: str
) -> None:
    endpoint.replies = list(replies)
    with pytest.raises(UserError) as caught:
        ask(endpoint)
    assert expected in caught.value.message
    assert KEY not in caught.value.message + caught.value.next_step
    assert endpoint.replies == []


def test_no_server_is_an_error(endpoint: Endpoint) -> None:
    with pytest.raises(UserError, match="cannot be reached"):
        ask(endpoint, base_url="http://127.0.0.1:9/v1", retries=0)


def test_without_the_variable_no_key_is_sent(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_KEY")
    endpoint.replies = [completion("Yes [1]")]
    ask(endpoint)
    assert "authorization" not in endpoint.headers[0]
