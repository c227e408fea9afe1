from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from ...serving.app import make_app
from ...serving.tests.in_thread import running as served
from ..proof.endpoint import running
from ..running import Runner
from ..service import make_service
from .projects import open_project


@contextmanager
def client(folder: Path, base_url: str = "", **changes: object) -> Iterator[httpx.Client]:
    opened = open_project(folder, "few_shot", base_url, serving__port=0, **changes)
    app = make_app(make_service(opened.settings, lambda: Runner(opened)), opened.settings.serving)
    with served(app) as asked:
        for _ in range(200):
            if asked.get("/health").status_code == 200:
                break
        yield asked


def test_an_input_is_answered_and_kept_nowhere(tmp_path: Path) -> None:
    with running(lambda _messages: "loss") as server, client(tmp_path, server.base_url) as asked:
        for _ in range(2):
            found = asked.post("/run", json={"input": "My key is gone."})
            assert found.status_code == 200
        told = found.json()
        assert (told["output"], told["valid"], told["stand_in"]) == ("loss", True, False)
        assert told["prompt"]["version"] == 1
        assert told["tokens_read"] > 0
        assert sum(server.asked.values()) == 2
        assert told["model"] == "m"
    assert not (tmp_path / "runs" / "calls.jsonl").exists()


def test_what_the_endpoint_refuses_is_logged_and_callers_read_no_address(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running(lambda _messages: "loss") as server, client(tmp_path, server.base_url) as asked:
        server.busy = [400]
        found = asked.post("/run", json={"input": "My key is gone."})
    told = found.json()
    assert (told["valid"], told["refused"]) == (False, True)
    assert told["problems"] == ["the model does not take this input: it may be too long, or stopped by a filter"]
    assert "127.0.0.1" not in found.text
    assert f"{server.base_url}/chat/completions answers with status 400" in caplog.text


def test_a_stand_in_says_so_in_every_output(tmp_path: Path) -> None:
    with client(tmp_path) as asked:
        told = asked.post("/run", json={"input": "My key is gone."}).json()
        assert told["stand_in"] is True
        assert "a stand-in answered" in told["note"]
        assert asked.get("/health").json()["loaded"] == {"prompt": "route_message@1", "stand_in": "yes"}
        assert "Try the prompt" in asked.get("/").text
        assert asked.get("/run.js").status_code == 200


def test_bad_bodies_and_a_dead_endpoint(tmp_path: Path) -> None:
    dead = {"language_models__retries": 0, "prompting__choose_shots": "fixed", "prompting__input_characters": 20}
    with client(tmp_path, "http://127.0.0.1:9/v1", **dead) as asked:
        assert asked.post("/run", json={"input": "  "}).status_code == 400
        assert asked.post("/run", json={"input": "x" * 21}).status_code == 413
        assert asked.post("/run", json={"text": "x"}).status_code == 422
        down = asked.post("/run", json={"input": "My key is gone."})
        assert down.status_code == 503
        assert "127.0.0.1:9" not in down.text
