import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ...project_base.errors import UserError
from ..declarations import HttpSource
from ..http_source import address_for, ask_http

KEY = "sk-very-secret"


class Server(ThreadingHTTPServer):
    """Gives one reply, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = 200
        self.body = b"{}"
        self.reply_headers: dict[str, str] = {}
        self.drip_seconds = 0.0
        self.paths: list[str] = []
        self.sent: list[dict[str, str]] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.paths.append(self.path)
        self.server.sent.append({name.lower(): value for name, value in self.headers.items()})
        self.send_response(self.server.status)
        for name, value in {"Content-Length": str(len(self.server.body)), **self.server.reply_headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            if not self.server.drip_seconds:
                self.wfile.write(self.server.body)
                return
            for byte in self.server.body:
                self.wfile.write(bytes([byte]))
                time.sleep(self.server.drip_seconds)
        except OSError:
            self.close_connection = True  # the client has gone, as it should

    def log_message(self, *args: object) -> None:
        del args


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("MY_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def source(server: Server, **changes: Any) -> HttpSource:
    given = {
        "url": f"http://127.0.0.1:{server.server_port}/orders/{{order}}?site={{site}}",
        "rows": "data.items",
        "columns": {"state": "shipping.state", "day": "day"},
        **changes,
    }
    return HttpSource.model_validate(given)


ROWS = {"data": {"items": [{"shipping": {"state": "sent"}, "day": None}, {"shipping": {}, "day": "2026-11-20"}]}}


def test_rows_are_read_from_where_they_are_declared(server: Server) -> None:
    server.body = json.dumps(ROWS).encode()
    found = ask_http(source(server), {"order": 12, "site": "a"}, 5, 5)
    assert (found.columns, found.rows, found.complete) == (
        ("state", "day"),
        (("sent", None), (None, "2026-11-20")),
        True,
    )
    assert server.paths == ["/orders/12?site=a"]
    assert "authorization" not in server.sent[0]
    assert ask_http(source(server), {"order": 12, "site": "a"}, 1, 5).complete is False


@pytest.mark.parametrize("value", ["a/../../admin", "a?x=1&y=2", "a#b", "é b", "@evil.example/", "%2e%2e", "//evil"])
def test_a_value_stays_one_part_of_the_address(server: Server, value: str) -> None:
    server.body = json.dumps(ROWS).encode()
    ask_http(source(server), {"order": value, "site": value}, 5, 5)
    path, _, asked = server.paths[0].partition("?")
    assert path.startswith("/orders/")
    assert path.count("/") == 2
    assert (asked.count("&"), asked.count("=")) == (0, 1)


@pytest.mark.parametrize("value", [".", ".."])
def test_a_step_out_of_the_path_is_refused(server: Server, value: str) -> None:
    with pytest.raises(UserError, match="cannot stand in a path"):
        address_for(source(server), {"order": value, "site": "a"})


def test_the_key_goes_into_its_header_and_into_no_message(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.body = json.dumps(ROWS).encode()
    ask_http(source(server, key_variable="MY_KEY"), {"order": 1, "site": "a"}, 5, 5)
    ask_http(source(server, key_variable="MY_KEY", key_header="X-Api-Key"), {"order": 1, "site": "a"}, 5, 5)
    assert server.sent[0]["authorization"] == f"Bearer {KEY}"
    assert server.sent[1]["x-api-key"] == KEY
    server.status, server.body = 401, KEY.encode()
    with pytest.raises(UserError, match="refuses access") as caught:
        ask_http(source(server, key_variable="MY_KEY"), {"order": 1, "site": "a"}, 5, 5)
    assert KEY not in caught.value.message + caught.value.next_step
    monkeypatch.delenv("MY_KEY")
    with pytest.raises(UserError, match="MY_KEY is not set"):
        ask_http(source(server, key_variable="MY_KEY"), {"order": 1, "site": "a"}, 5, 5)
    assert len(server.paths) == 3


def test_a_redirect_is_not_followed(server: Server) -> None:
    server.status, server.reply_headers = 302, {"Location": f"http://127.0.0.1:{server.server_port}/elsewhere"}
    with pytest.raises(UserError, match="sends elsewhere"):
        ask_http(source(server), {"order": 1, "site": "a"}, 5, 5)
    assert server.paths == ["/orders/1?site=a"]


def test_an_unknown_record_is_no_row(server: Server) -> None:
    server.status = 404
    assert ask_http(source(server), {"order": 1, "site": "a"}, 5, 5).rows == ()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"<html>", "does not answer with JSON"),
        (200, b"[" * 100_000, "does not answer with JSON"),
        (200, b"{}", "without rows at data.items"),
        (200, b'{"data": {"items": [3]}}', "without rows at"),
        (200, b'{"data": {"items": [{"other": 1}]}}', "without shipping.state, day"),
        (200, b" " * 1_000_001, "more than 1 MB"),
        (500, b"", "status 500"),
    ],
)
def test_an_answer_that_is_not_as_declared_is_told(server: Server, status: int, body: bytes, expected: str) -> None:
    server.status, server.body = status, body
    with pytest.raises(UserError) as caught:
        ask_http(source(server), {"order": 1, "site": "a"}, 5, 5)
    assert expected in caught.value.message


def test_a_service_that_drips_is_late(server: Server) -> None:
    server.body, server.drip_seconds = json.dumps(ROWS).encode() + b" " * 200, 0.05
    with pytest.raises(UserError, match=r"did not answer within 0\.3 s"):
        ask_http(source(server), {"order": 1, "site": "a"}, 5, 0.3)


def test_a_service_that_is_not_there_is_told(server: Server) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(UserError, match="cannot be reached"):
        ask_http(source(server), {"order": 1, "site": "a"}, 5, 5)
