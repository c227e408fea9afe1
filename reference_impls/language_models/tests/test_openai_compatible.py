import json
import logging
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import ValidationError

from ...project_base.errors import UserError
from ..base import Generation, Passage, Prompt
from ..endpoint import Endpoint
from ..openai_compatible import OpenAICompatibleModel
from ..settings import Settings

PROMPT = Prompt("How long?", (Passage("a.md", "The warranty lasts two years."), Passage("b.md", "It is red.")))
KEY = "sk-very-secret"


def completion(text: object) -> tuple[int, dict[str, Any]]:
    return 200, {"choices": [{"message": {"role": "assistant", "content": text}}]}


def events(*data: object, end: str = "data: [DONE]\n\n") -> tuple[int, bytes]:
    return 200, ("".join(f"data: {json.dumps(each, ensure_ascii=False)}\n\n" for each in data) + end).encode()


def delta(text: str | None, finished: str | None = None) -> dict[str, Any]:
    return {"choices": [{"delta": {} if text is None else {"content": text}, "finish_reason": finished}]}


class Server(ThreadingHTTPServer):
    """Speaks the chat completions protocol: gives the planned replies in turn and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[tuple[int, object]] = []
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.reply_headers: dict[str, str] = {}
        self.drip_seconds = 0.0


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.bodies.append({"path": self.path, **json.loads(body)})
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        status, reply = self.server.replies.pop(0)
        content = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **self.server.reply_headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if not self.server.drip_seconds:
            self.wfile.write(content)
            return
        try:
            for byte in content:
                self.wfile.write(bytes([byte]))
                time.sleep(self.server.drip_seconds)
        except OSError:
            self.close_connection = True  # the client has gone, as it should

    def log_message(self, *args: object) -> None:
        del args


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("MY_KEY", KEY)
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def model(server: Server, pauses: list[float] | None = None, **changes: Any) -> OpenAICompatibleModel:
    """The model with its pauses noted instead of waited, and without chance: each pause is the longest of its range."""
    values: dict[str, Any] = {
        "generator": "openai_compatible",
        "model": "m",
        "base_url": f"http://127.0.0.1:{server.server_port}/v1",
        "api_key_variable": "MY_KEY",
        "retries": 2,
        **changes,
    }
    noted = pauses if pauses is not None else []
    settings = Settings(**values)
    return OpenAICompatibleModel(
        settings, Endpoint(settings, noted.append, lambda: time.monotonic() + sum(noted), lambda: 1.0)
    )


def ask(server: Server, pauses: list[float] | None = None, **changes: Any) -> Generation:
    return model(server, pauses, **changes).generate(PROMPT)


def streamed(server: Server, **changes: Any) -> tuple[list[str], Generation]:
    *pieces, generation = model(server, **changes).stream(PROMPT)
    assert isinstance(generation, Generation)
    return [str(piece) for piece in pieces], generation


def test_an_answer_with_citations(endpoint: Server) -> None:
    endpoint.replies = [completion("The warranty lasts two years. [1] Also [9].")]
    made = ask(endpoint)
    assert made.text == "The warranty lasts two years. [1] Also."
    assert made.cited == (0,)
    assert [(quote.text, quote.passage) for quote in made.quotes] == [("The warranty lasts two years.", 0)]
    body = endpoint.bodies[0]
    assert (body["path"], body["model"], body["temperature"]) == ("/v1/chat/completions", "m", 0.0)
    assert "stream" not in body
    assert "The warranty lasts two years." in body["messages"][1]["content"]
    assert endpoint.headers[0]["authorization"] == f"Bearer {KEY}"


def test_the_agreed_refusal_is_an_empty_answer(endpoint: Server) -> None:
    endpoint.replies = [completion("NO ANSWER")]
    assert ask(endpoint).text == ""


def test_a_busy_endpoint_is_asked_again_with_growing_pauses(endpoint: Server) -> None:
    endpoint.replies = [(503, {}), (500, {}), completion("Yes [1]")]
    pauses: list[float] = []
    assert ask(endpoint, pauses).text == "Yes [1]"
    assert pauses == [0.5, 1.0]


@pytest.mark.parametrize("chance", [0.0, 0.5, 0.999])
def test_pauses_vary_between_half_and_the_whole(endpoint: Server, chance: float) -> None:
    endpoint.replies = [(503, {}), completion("Yes [1]")]
    pauses: list[float] = []
    settings = model(endpoint)._settings
    OpenAICompatibleModel(settings, Endpoint(settings, pauses.append, chance=lambda: chance)).generate(PROMPT)
    assert pauses == [pytest.approx(0.25 * (1 + chance))]


@pytest.mark.parametrize(("asked", "expected"), [("7", 7.0), ("soon", 0.5), ("-3", 0.5), ("0", 0.5)])
def test_an_endpoint_is_left_alone_for_as_long_as_it_asks(endpoint: Server, asked: str, expected: float) -> None:
    endpoint.replies = [(429, {}), completion("Yes [1]")]
    endpoint.reply_headers = {"Retry-After": asked}
    pauses: list[float] = []
    ask(endpoint, pauses)
    assert pauses == [expected]


def test_an_endpoint_may_ask_by_a_date(endpoint: Server) -> None:
    endpoint.replies = [(503, {}), completion("Yes [1]")]
    endpoint.reply_headers = {"Retry-After": formatdate(time.time() + 3600, usegmt=True)}
    pauses: list[float] = []
    ask(endpoint, pauses, deadline_seconds=7200.0)
    assert 3000 < pauses[0] <= 3600


def test_a_longer_wait_than_the_deadline_is_not_begun(endpoint: Server) -> None:
    endpoint.replies = [(429, {})]
    endpoint.reply_headers = {"Retry-After": "600"}
    pauses: list[float] = []
    with pytest.raises(UserError, match="600 s would pass"):
        ask(endpoint, pauses)
    assert pauses == []


@pytest.mark.parametrize("streaming", [False, True])
def test_an_endpoint_that_drips_is_left_at_the_deadline(endpoint: Server, streaming: bool) -> None:
    endpoint.replies = [events(*[delta("word ")] * 50) if streaming else completion("word " * 500)]
    endpoint.drip_seconds = 0.02
    with pytest.raises(UserError, match=r"did not finish within 0\.3 s"):
        list(model(endpoint, deadline_seconds=0.3).stream(PROMPT)) if streaming else ask(endpoint, deadline_seconds=0.3)


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        ([(500, {})] * 3, "status 500"),
        ([(401, {"error": {"message": f"bad key {KEY}"}})], "refuses access"),
        ([(404, {"error": {"message": f"no model for {KEY}"}})], "no model for ***"),
        ([(200, b"<html>")], "not JSON, but: <html>"),
        ([(200, b"")], "not JSON, but: nothing"),
        ([(200, f"oops {KEY}".encode())], "not JSON, but: oops ***"),
        ([(200, b"[" * 100_000)], "not JSON"),
        ([(200, {"choices": []})], "chat completions format"),
        ([completion(None)], "without text"),
        ([(200, b"x" * 20_000_001)], "more than 20 MB"),
    ],
)
def test_failures_say_what_happened_and_never_show_the_key(
    endpoint: Server, replies: list[tuple[int, object]], expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.replies = list(replies)
    with caplog.at_level(logging.DEBUG), pytest.raises(UserError) as caught:
        ask(endpoint)
    assert expected in caught.value.message
    assert KEY not in caught.value.message + caught.value.next_step
    assert caplog.records
    assert KEY not in caplog.text
    assert endpoint.replies == []


@pytest.mark.parametrize(("status", "expected"), [(200, "web page"), (404, "a web page; does base_url end")])
def test_a_web_page_is_explained(endpoint: Server, status: int, expected: str) -> None:
    endpoint.replies = [(status, b"<!doctype html><title>Log in</title>")]
    endpoint.reply_headers = {"Content-Type": "text/html; charset=utf-8"}
    with pytest.raises(UserError, match=expected):
        ask(endpoint)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_refused(endpoint: Server, status: int) -> None:
    endpoint.replies = [(status, {}), completion("Yes [1]")]
    endpoint.reply_headers = {"Location": f"http://127.0.0.1:{endpoint.server_port}/v2?key={KEY}"}
    with pytest.raises(UserError, match="is not followed") as caught:
        ask(endpoint)
    assert "/v2?key=***" in caught.value.next_step
    assert len(endpoint.bodies) == 1


def test_no_server_is_an_error(endpoint: Server) -> None:
    with pytest.raises(UserError, match="cannot be reached"):
        ask(endpoint, base_url="http://127.0.0.1:9/v1", retries=0)


def test_without_the_variable_no_key_is_sent(endpoint: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_KEY")
    endpoint.replies = [completion("Yes [1]")]
    ask(endpoint)
    assert "authorization" not in endpoint.headers[0]


def test_pieces_are_read_as_they_come(endpoint: Server) -> None:
    # The line separator U+2028 is part of the text; a reader of lines that knows Unicode would cut there.
    sent = ["The warranty lasts", " two\u2028years.", " [1]", " [9]"]
    endpoint.replies = [events(delta(None), *map(delta, sent), delta(None, "stop"), {"choices": [], "usage": {}})]
    pieces, generation = streamed(endpoint)
    assert pieces == ["The warranty lasts", " two\u2028years.", " [1]"]
    assert generation.text == "".join(pieces)
    assert generation.cited == (0,)
    assert endpoint.bodies[0]["stream"] is True


@pytest.mark.parametrize("drip", [0.0, 0.0005])
def test_a_stream_may_end_without_a_mark_when_the_last_event_says_so(endpoint: Server, drip: float) -> None:
    endpoint.drip_seconds = drip
    endpoint.replies = [events(delta("Yes, it does so [1]"), delta(None, "length"), end=": bye\n\n")]
    assert streamed(endpoint)[1].text == "Yes, it does so [1]"


def test_an_endpoint_that_knows_no_streams_is_understood(endpoint: Server) -> None:
    status, reply = completion("Yes, two years [1]")
    endpoint.replies = [(status, json.dumps(reply, indent=2).encode())]
    assert streamed(endpoint) == (["Yes, two years [1]"], Generation("Yes, two years [1]"))


def test_a_busy_endpoint_is_asked_again_before_the_first_piece(endpoint: Server) -> None:
    endpoint.replies = [(503, {}), events(delta("Yes [1]"))]
    assert streamed(endpoint)[1].text == "Yes [1]"


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (events(delta("The warranty lasts"), end=""), "broke off"),
        (events(delta("The warranty lasts"), {"error": {"message": f"out of memory {KEY}"}}), r"out of memory \*\*\*"),
        (events("nonsense"), "chat completions format"),
        ((200, b"data: {\n\n"), "not JSON"),
    ],
)
def test_a_stream_that_breaks_off_is_an_error_and_not_asked_again(
    endpoint: Server, reply: tuple[int, object], expected: str
) -> None:
    endpoint.replies = [reply]
    with pytest.raises(UserError, match=expected) as caught:
        streamed(endpoint)
    assert KEY not in caught.value.message + caught.value.next_step


@pytest.mark.parametrize(
    ("base_url", "expected"),
    [
        ("http://me:secret@host/v1", "without a user name"),
        ("http://host/v1?key=secret", "question mark"),
        ("http://host:99999/v1", "out of range"),
        ("http://host:0/v1", "port 0"),
        ("ftp://host/v1", "http or https"),
    ],
)
def test_an_address_that_holds_a_secret_or_leads_nowhere_is_refused(base_url: str, expected: str) -> None:
    with pytest.raises(ValidationError, match=expected) as caught:
        Settings(generator="openai_compatible", model="m", base_url=base_url)
    assert "secret" not in str(caught.value.errors()[0]["msg"])
