"""Questions over HTTP, against a real server."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from ...embedding.sentence import SentenceEmbedder
from ...serving.app import make_app
from ...serving.tests.in_thread import running
from ...serving.tests.test_events import events
from ..answer import Answer
from ..http_api import make_service
from ..indexing import update_index
from ..live import LivePipeline
from ..pipeline import Pipeline
from ..smoke import KNOWN, UNANSWERABLE, Sample
from .conftest import project
from .test_live import without_times
from .test_settings import config

PACKAGE = (__package__ or "").removesuffix(".rag.tests")
ROOT = Path(__file__).parents[3 + PACKAGE.count(".")]


@contextmanager
def asked(sample: Sample, **serving: object) -> Iterator[httpx.Client]:
    """A client of the sample handbook, served in a thread."""
    settings = sample.settings.model_copy(update={"serving": sample.settings.serving.model_copy(update=serving)})
    service = make_service(settings, lambda: LivePipeline(settings, sample.embedder))
    with running(make_app(service, settings.serving)) as client:
        while not client.get("/health").is_success:
            pass
        yield client


def test_an_answer_is_what_the_command_gives_as_json(sample: Sample) -> None:
    alone = Pipeline(sample.settings, sample.embedder)
    with asked(sample) as client:
        for question in (KNOWN.question, UNANSWERABLE):
            response = client.post("/ask", json={"question": question})
            assert response.json().keys() == json.loads(alone.ask(question).model_dump_json()).keys()
            answer = Answer.model_validate_json(response.content)
            assert without_times(answer) == without_times(alone.ask(question))
        assert client.post("/ask", json={"question": KNOWN.question}).json()["cached"] is True


def test_a_streamed_answer_is_the_same(sample: Sample) -> None:
    with asked(sample) as client:
        *pieces, (name, last) = events(client.post("/ask/stream", json={"question": KNOWN.question}).text)
        assert name == "answer"
        assert "".join(data["text"] for _, data in pieces) == last["text"]
        whole = client.post("/ask", json={"question": KNOWN.question})
        assert without_times(Answer.model_validate_json(json.dumps(last))) == without_times(
            Answer.model_validate_json(whole.content)
        )
        refused = events(client.post("/ask/stream", json={"question": UNANSWERABLE}).text)
        assert [name for name, _ in refused] == ["answer"]


@pytest.mark.parametrize("path", ["/ask", "/ask/stream"])
@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({"question": "  "}, 400, "the question is empty"),
        ({"question": "x" * 2001}, 400, "allowed are 2,000"),
        ({"question": KNOWN.question, "were": {}}, 422, "were: Extra inputs are not permitted"),
        ({"question": KNOWN.question, "where": {"a": 1}}, 422, "where.a: Input should be a valid string"),
        ({}, 422, "question: Field required"),
    ],
)
def test_bad_questions_are_refused_in_one_shape(
    sample: Sample, path: str, body: dict[str, object], status: int, expected: str
) -> None:
    with asked(sample) as client:
        response = client.post(path, json=body)
    assert response.status_code == status
    assert response.json().keys() == {"error", "next"}
    assert expected in response.json()["error"]


def test_an_unknown_filter_is_told(sample: Sample) -> None:
    with asked(sample) as client:
        body = {"question": KNOWN.question, "where": {"departement": "legal"}}
        response = client.post("/ask", json=body)
        assert response.status_code == 400
        assert "departement" in response.json()["error"]
        assert events(client.post("/ask/stream", json=body).text)[0][0] == "error"


def test_the_proxy_says_who_may_read_what(sample: Sample) -> None:
    (sample.documents / "_metadata.yaml").write_text('"returns.md": {readers: [ann, board], tenant: acme}\n')
    sample.index()
    ann = {"X-Forwarded-User": "ann", "X-Forwarded-Tenant": "acme"}
    board = {"X-Forwarded-User": "ben", "X-Forwarded-Groups": "staff, board", "X-Forwarded-Tenant": "acme"}
    with asked(sample, identity="header") as client:

        def text(headers: dict[str, str]) -> str:
            return client.post("/ask", json={"question": KNOWN.question}, headers=headers).text

        assert "36 months" in text(ann)
        assert "36 months" in text(board)
        assert "36 months" not in text({**board, "X-Forwarded-Groups": "staff"})
        assert "36 months" not in text({**ann, "X-Forwarded-Tenant": "other"})
        assert "36 months" not in text({"X-Forwarded-User": "ann"})
        assert client.post("/ask", json={"question": KNOWN.question}).status_code == 401
    with asked(sample) as client:
        # Without identity the same headers are worth nothing.
        assert "36 months" not in client.post("/ask", json={"question": KNOWN.question}, headers=ann).text


def test_questions_are_logged_only_when_it_is_set(sample: Sample, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    with asked(sample) as client:
        client.post("/ask", json={"question": "Is Zyzzyva safe?"})
    assert "Zyzzyva" not in caplog.text
    with asked(sample, log_texts=True) as client:
        client.post("/ask", json={"question": "Is Zyzzyva\nsafe?"})
    assert "Is Zyzzyva\\nsafe?" in caplog.text


def test_the_page_is_whole_and_loads_nothing_from_elsewhere(sample: Sample) -> None:
    with asked(sample) as client:
        page = client.get("/")
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        for path in ("/", "/ask.js", "/page.css", "/docs", "/docs.js"):
            served = client.get(path)
            assert served.is_success
            assert "http" not in served.text
            assert "innerHTML" not in served.text


def test_the_interface_is_documented(sample: Sample) -> None:
    with asked(sample) as client:
        paths = client.get("/openapi.json").json()["paths"]
    assert set(paths) == {"/ask", "/ask/stream", "/health"}
    assert list(paths["/ask/stream"]["post"]["responses"]["200"]["content"]) == ["text/event-stream"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM to send")
def test_the_command_serves_and_follows_the_documents(
    tmp_path: Path, sample: Sample, embedder: SentenceEmbedder
) -> None:
    settings = project(sample.documents, tmp_path / "index")
    file = config(
        tmp_path,
        corpus__folder=str(sample.documents),
        retrieval__index_folder=str(tmp_path / "index"),
        embedding__device="cpu",
        serving__port=0,
        rag__when_documents_change="index",
    )
    update_index(settings, embedder)
    command = [sys.executable, "-m", PACKAGE, "rag", "serve", "--config", str(file)]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    assert server.stderr is not None
    told = server.stderr.readline()
    assert "this machine alone reaches it" in told, told + server.stderr.read()
    with httpx.Client(base_url=told.split()[2], timeout=60) as client:
        # It listens while the model is loaded.
        while (health := client.get("/health")).status_code == 503:
            assert server.poll() is None
        assert health.json()["loaded"]["generator"] == "extractive"
        question = {"question": KNOWN.question}
        assert "36 months" in client.post("/ask", json=question).json()["text"]
        assert client.post("/ask", json=question).json()["cached"] is True
        returns = sample.documents / "returns.md"
        returns.write_text(returns.read_text().replace("36 months", "48 months"))
        answers = (client.post("/ask", json=question).json()["text"] for _ in range(2000))
        assert any("48 months" in text for text in answers)
        assert client.get("/health").json()["since"] > health.json()["since"]
    server.send_signal(signal.SIGTERM)
    _, log = server.communicate(timeout=30)
    assert "Traceback" not in log
    assert KNOWN.question not in log
