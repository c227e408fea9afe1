import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ...project_base.errors import UserError
from ..chat import Message, Reply, RequestRefused, Usage
from ..choose import make_chat_model
from ..endpoint import Endpoint
from ..openai_compatible import OpenAICompatibleModel
from ..settings import Settings
from ..turns import Turns

ASKED: list[Message] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "How long?"}]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[tuple[int, object, dict[str, str]]] = []
        self.bodies: list[dict[str, Any]] = []
        self.keys: list[str | None] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.server.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.server.keys.append(self.headers.get("Idempotency-Key"))
        status, reply, headers = self.server.replies.pop(0)
        content = json.dumps(reply).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        del args


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def completion(text: str, usage: object = None, finished: str = "stop") -> tuple[int, object, dict[str, str]]:
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": finished}
    return 200, {"choices": [choice]} | ({} if usage is None else {"usage": usage}), {}


def model(server: Server, pauses: list[float], **changes: Any) -> OpenAICompatibleModel:
    given = {
        "generator": "openai_compatible",
        "model": "m",
        "base_url": f"http://127.0.0.1:{server.server_address[1]}/v1",
    }
    settings = Settings.model_validate(given | changes)
    return OpenAICompatibleModel(settings, Endpoint(settings, pauses.append, chance=lambda: 1.0))


def test_half_a_surrogate_pair_and_absurd_counts_reach_nobody(server: Server) -> None:
    server.replies = [
        completion("a\ud83d \U0001f600", {"prompt_tokens": 10**400, "completion_tokens": 3}),
        (400, {"error": {"message": "no \ud83d"}}, {}),
        completion("a\ud83d"),
    ]
    asked = model(server, [])
    found = asked.chat(ASKED)
    assert (found.text, found.usage) == ("a\ufffd \U0001f600", Usage(None, 3, None))
    assert Reply("\ud83d").text == "\ufffd"
    with pytest.raises(RequestRefused, match="no \ufffd"):
        asked.chat(ASKED)
    assert asked.complete("Be brief.", "How long?") == "a\ufffd"


def test_a_conversation_is_answered_with_its_tokens(server: Server) -> None:
    told = {"prompt_tokens": 90, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 64}}
    server.replies = [completion("Two years.", told)]
    wanted = {"type": "json_object"}
    reply = model(server, []).chat(ASKED, wanted, "abc")
    assert (reply.text, reply.usage, reply.attempts, reply.cut) == ("Two years.", Usage(90, 7, 64), 1, False)
    assert server.bodies[0]["messages"] == ASKED
    assert server.bodies[0]["response_format"] == wanted
    assert server.keys == ["abc"]


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        (None, Usage()),
        ("many", Usage()),
        ({"prompt_tokens": 5}, Usage(5)),
        ({"prompt_tokens": True, "completion_tokens": -1}, Usage()),
        ({"prompt_tokens": 5, "prompt_tokens_details": None}, Usage(5)),
        ({"prompt_tokens": 5, "completion_tokens": 1, "prompt_cache_hit_tokens": 4}, Usage(5, 1, 4)),
    ],
)
def test_tokens_that_are_not_told_are_unknown(server: Server, told: object, usage: Usage) -> None:
    server.replies = [completion("x", told)]
    assert model(server, []).chat(ASKED).usage == usage
    assert "response_format" not in server.bodies[0]
    assert server.keys == [None]


def test_a_busy_endpoint_is_asked_again_and_the_attempts_are_counted(server: Server) -> None:
    server.replies = [(429, {}, {"Retry-After": "7"}), (503, {}, {}), completion("Yes", finished="length")]
    pauses: list[float] = []
    reply = model(server, pauses).chat(ASKED)
    assert (reply.text, reply.attempts, reply.cut) == ("Yes", 3, True)
    assert pauses == [7.0, 1.0]
    assert reply.seconds > 0
    assert reply.waited > 0


def test_a_request_that_is_refused_is_told_from_an_endpoint_that_is_down(server: Server) -> None:
    server.replies = [(400, {"error": {"message": "filtered"}}, {}), (404, {}, {})]
    with pytest.raises(RequestRefused, match="filtered"):
        model(server, []).chat(ASKED)
    with pytest.raises(UserError) as down:
        model(server, []).chat(ASKED)
    assert not isinstance(down.value, RequestRefused)


def test_no_more_attempts_begin_in_a_minute_than_are_allowed(server: Server) -> None:
    server.replies = [completion("a"), (503, {}, {}), completion("b")]
    pauses: list[float] = []
    asked = model(server, pauses, requests_per_minute=2)
    asked.chat(ASKED)
    asked.chat(ASKED)
    # The clock runs on while nobody waits in truth: a turn every 30 s, and the pause after the busy answer.
    assert [round(pause) for pause in pauses] == [30, 0, 60]


def test_turns_are_shared_by_threads() -> None:
    waits: list[float] = []
    turns = Turns(60, waits.append, lambda: 100.0)
    threads = [threading.Thread(target=turns.take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == [1.0, 2.0, 3.0, 4.0]
    Turns(0, waits.append).take()
    assert len(waits) == 4


def test_without_a_model_there_is_nothing_to_converse_with() -> None:
    assert make_chat_model(Settings()) is None
    assert Reply("x").usage == Usage()
