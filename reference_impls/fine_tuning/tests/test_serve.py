"""The model in service over HTTP, against a real server."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from ...encoders.base import Context
from ...encoders.gazetteer import gazetteer
from ...labelled_data.base import Example, Span
from ...labelled_data.rungs import Run
from ...project_base.errors import UserError
from ...project_base.rooms import PACKAGE_NAME
from ...registry.model_folder import write_model
from ...registry.registry import Registry
from ...serving.app import make_app
from ...serving.tests.in_thread import running
from ..answering import live as live_module
from ..answering.answering import open_answering
from ..answering.answering_rules import Rules, keep_rules
from ..answering.http_api import make_service
from ..answering.live import LiveModel
from .asked import WORDS, add_version, settings_in
from .projects import config

ROOT = Path(__file__).parents[3 + PACKAGE_NAME.count(".")]
SERVE = f"from {PACKAGE_NAME}.fine_tuning.answering.serve_command import serve; serve()"
OTHER = {word: {"fruit": "tool", "tool": "fruit"}[label] for word, label in WORDS.items()}


@contextmanager
def served(folder: Path, **changes: Any) -> Iterator[httpx.Client]:
    """A client of the project in a folder, served in a thread."""
    settings = settings_in(folder, **changes)
    service = make_service(settings, lambda: LiveModel(settings))
    with running(make_app(service, settings.serving)) as client:
        while not client.get("/health").is_success:
            time.sleep(0.01)
        yield client


def label(client: httpx.Client, text: str = "a plum") -> tuple[str, str]:
    """Which version answers, and what."""
    answered = client.post("/predict", json={"text": text}).json()
    return answered["version"], answered["predictions"][0]["label"]


def test_one_text_and_several(tmp_path: Path) -> None:
    version = add_version(tmp_path, score=0.9, scored_by="20 validation examples")
    with served(tmp_path) as client:
        one = client.post("/predict", json={"text": "a plum"})
        assert one.status_code == 200
        assert one.json() == {
            "version": version,
            "predictions": [
                {
                    "label": "fruit",
                    "probability": pytest.approx(0.957, abs=0.001),
                    "abstained": False,
                    "ranked": [
                        {"label": "fruit", "probability": pytest.approx(0.957, abs=0.001)},
                        {"label": "tool", "probability": pytest.approx(0.043, abs=0.001)},
                    ],
                }
            ],
        }
        several = client.post("/predict", json={"texts": ["a saw", "a plum", "a saw"]}).json()
        assert [each["label"] for each in several["predictions"]] == ["tool", "fruit", "tool"]
        health = client.get("/health").json()
        told = {"version": version, "task": "classification", "score": "accuracy 0.900 on 20 validation examples"}
        assert health["loaded"] == told


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"text": "  "}, 400, "the text is empty"),
        ({"texts": ["a", ""]}, 400, "texts.1: the text is empty"),
        ({"text": "x" * 1001}, 400, "1,001 characters, more than labelled_data.largest_text (1,000)"),
        ({"texts": []}, 422, "at least 1 item"),
        ({"texts": ["a"] * 101}, 422, "at most 100 items"),
        ({"texts": "a"}, 422, "valid list"),
        ({"text": "a", "texts": ["b"]}, 422, "give either text or texts"),
        ({}, 422, "give either text or texts"),
        ({"text": 5}, 422, "valid string"),
        ({"text": "a", "label": "b"}, 422, "Extra inputs are not permitted"),
        ({"texts": ["x" * 900] * 100}, 413, "serving.body_kilobytes"),
    ],
)
def test_bad_bodies_are_refused_in_one_shape(
    shared: httpx.Client, body: dict[str, object], status: int, expected: str
) -> None:
    response = shared.post("/predict", json=body)
    assert response.status_code == status
    assert response.json().keys() == {"error", "next"}
    assert expected in response.json()["error"]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("shared")
    add_version(folder)
    with served(folder, labelled_data__largest_text=1000) as client:
        yield client


def test_a_lone_surrogate_is_refused_and_other_scripts_are_not(shared: httpx.Client) -> None:
    headers = {"Content-Type": "application/json"}
    assert shared.post("/predict", content=b'{"text": "\\ud800"}', headers=headers).status_code == 422
    assert shared.post("/predict", json={"text": "\u4e2d\U0001f600"}).status_code == 200


def test_the_page_and_its_interface_are_there(shared: httpx.Client) -> None:
    page = shared.get("/")
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert '<script src="predict.js" defer></script>' in page.text
    assert shared.get("/predict.js").status_code == 200
    assert shared.get("/page.css").status_code == 200
    assert "/predict" in shared.get("/openapi.json").json()["paths"]


def test_a_promotion_and_a_return_answer_from_the_next_request_on(tmp_path: Path) -> None:
    first = add_version(tmp_path)
    with served(tmp_path) as client:
        assert label(client) == (first, "fruit")
        second = add_version(tmp_path, OTHER)
        assert label(client) == (second, "tool")
        assert client.get("/health").json()["loaded"]["version"] == second
        Registry(tmp_path / "models").rollback()
        assert label(client) == (first, "fruit")
        # New rules of the same version count too.
        keep_rules(tmp_path / "models" / first, Rules(model_sha256="", temperature=3.0))
        ranked = client.post("/predict", json={"text": "a plum"}).json()["predictions"][0]
        assert ranked["probability"] < 0.8


def test_a_damaged_version_leaves_the_one_before_it_in_service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "_TRY_AGAIN_S", 0.2)
    first = add_version(tmp_path)
    with served(tmp_path) as client:
        second = add_version(tmp_path, OTHER, promote=False)
        ngrams = tmp_path / "models" / second / "ngrams.json"
        whole = ngrams.read_bytes()
        Registry(tmp_path / "models").promote(second)
        ngrams.write_bytes(whole.replace(b"apple", b"grape"))
        assert label(client) == (first, "fruit")
        health = client.get("/health")
        assert health.status_code == 200
        assert health.json()["loaded"]["version"] == first
        assert health.json()["loaded"]["waiting"] == f"{second} cannot be used; see the log"
        told = next(line for line in logged(caplog) if "cannot be used" in line)
        assert f"{second} cannot be used, so {first} answers" in told
        assert "differs from what was written" in told
        assert str(tmp_path) not in health.text
        # Once it is mended it is taken up, without another promotion.
        ngrams.write_bytes(whole)
        end = time.monotonic() + 10
        while label(client) != (second, "tool"):
            assert time.monotonic() < end
            time.sleep(0.05)
        assert "waiting" not in client.get("/health").json()["loaded"]
        (tmp_path / "models" / "champion.json").write_text("{")
        assert label(client) == (second, "tool")
        waiting = client.get("/health").json()["loaded"]["waiting"]
        assert waiting == "what the registry has in service cannot be used; see the log"


def test_while_another_version_is_opened_the_old_one_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = add_version(tmp_path)
    opening, go_on = threading.Event(), threading.Event()

    def slowly(*arguments: Any, **options: Any) -> Any:
        opening.set()
        assert go_on.wait(20)
        return open_answering(*arguments, **options)

    with served(tmp_path) as client:
        second = add_version(tmp_path, OTHER)
        monkeypatch.setattr(live_module, "open_answering", slowly)
        asked: list[tuple[str, str]] = []
        waits = threading.Thread(target=lambda: asked.append(label(client)))
        waits.start()
        assert opening.wait(20)
        assert label(client) == (first, "fruit")
        go_on.set()
        waits.join()
        assert asked == [(second, "tool")]


def test_texts_are_logged_only_when_it_is_set(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    add_version(tmp_path)
    with served(tmp_path) as client:
        label(client, "a secret plum")
        client.post("/predict", json={"texts": ["a secret saw", ""]})
        client.get("/predict", params={"text": "a secret drill"})
    assert len(logged(caplog)) > 3
    assert not [line for line in logged(caplog) if "secret" in line]
    with served(tmp_path, serving__log_texts=True) as client:
        label(client, "a secret\nplum")
    assert [line for line in logged(caplog) if '{"text": "a secret\\nplum"}' in line]


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What `serve` writes into the log: the lines of this project alone."""
    return [record.getMessage() for record in caplog.records if record.name.startswith(PACKAGE_NAME)]


def test_nobody_is_answered_whom_the_proxy_does_not_name(tmp_path: Path) -> None:
    add_version(tmp_path)
    with served(tmp_path, serving__identity="header") as client:
        assert client.post("/predict", json={"text": "a plum"}).status_code == 401
        assert client.post("/predict", json={"text": "a plum"}, headers={"X-Forwarded-User": "ann"}).is_success


def test_spans_come_with_their_texts(tmp_path: Path) -> None:
    made = gazetteer(Context())([Example("Anna", (Span(0, 4, "person"),), "a:1")], (), Run(tmp_path))
    folder = write_model(tmp_path / "made", made.kind, {**made.about, "task": "extraction"}, made.write)
    registry = Registry(tmp_path / "models")
    registry.promote(registry.add(folder, {"task": "extraction"}))
    with served(tmp_path, fine_tuning__task="extraction") as client:
        answered = client.post("/predict", json={"text": "\U0001f600 Anna"}).json()
        assert answered["predictions"] == [{"spans": [{"start": 2, "end": 6, "label": "person", "text": "Anna"}]}]


def test_without_a_version_in_service_it_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is in service yet"):
        LiveModel(settings_in(tmp_path))


def test_the_command_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    version = add_version(tmp_path)
    process = subprocess.Popen(
        # By itself: where rooms of other kinds stand beside this one, another command may have the same name.
        [sys.executable, "-c", SERVE, "--config", str(config(tmp_path, serving__port=0))],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stderr is not None
    try:
        address = process.stderr.readline().split()[2]
        assert address.startswith("http://127.0.0.1:")
        with httpx.Client(base_url=address, timeout=20) as client:
            while not client.get("/health").is_success:
                time.sleep(0.02)
            assert label(client) == (version, "fruit")
    finally:
        process.send_signal(signal.SIGTERM)
        told = process.communicate(timeout=30)[1]
    assert f"answering with {version}" in told
    assert "Traceback" not in told
    assert json.dumps("a plum") not in told
