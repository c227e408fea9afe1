import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ...language_models.openai_compatible import OpenAICompatibleModel
from ...language_models.settings import Settings as LanguageModelSettings
from ...project_base.errors import UserError
from ..finding import Found
from ..live import LivePipeline
from ..pipeline import Answer, Pipeline
from ..rewriting import Rewriter, read_queries
from ..settings import ProjectSettings
from ..show import as_text
from ..smoke import Sample, checks

QUESTION = "May I bring it back?"
ASKED_ABOUT = "returning goods within 30 days"


@pytest.mark.parametrize(
    ("written", "queries"),
    [
        ("warranty bridge\nguarantee period", ["warranty bridge", "guarantee period"]),
        (
            '1. "warranty bridge"\n\n2) guarantee\n- length of cover\n',
            ["warranty bridge", "guarantee", "length of cover"],
        ),
        ("保証期間\n・「橋の保証」", ["保証期間", "・「橋の保証"]),
        ("same\nSAME\nsame ", ["same"]),
        ("may i bring it back?\nother", ["other"]),
        ("\x1b[31mred\x07 alert\u202e\x00\n\ud800broken", ["[31mred alert", "broken"]),
        ("...\n---\n***", []),
        ("", []),
        ("x" * 50_000, ["x" * 200]),
    ],
)
def test_what_a_model_writes_is_read_with_care(written: str, queries: list[str]) -> None:
    read = read_queries(written, QUESTION)
    assert read == queries
    for query in read:
        query.encode()


class Endpoint(ThreadingHTTPServer):
    """Speaks the chat completions protocol: `queries` to who asks for queries, else an answer that cites [1]."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.queries = ASKED_ABOUT
        self.status = 200
        self.wait_seconds = 0.0
        self.rewriting: list[list[dict[str, str]]] = []
        self.answering: list[list[dict[str, str]]] = []


class Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        messages = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"]
        rewriting = "search quer" in messages[0]["content"]
        (self.server.rewriting if rewriting else self.server.answering).append(messages)
        text = self.server.queries if rewriting else "You may. [1]"
        time.sleep(self.server.wait_seconds if rewriting else 0)
        content = json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()
        self.send_response(self.server.status if rewriting else 200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: object) -> None:
        del args


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def settings(sample: Sample, endpoint: Endpoint | None, **changes: Any) -> ProjectSettings:
    rag = sample.settings.rag.model_copy(update={"rewrite": "model", "refuse_below": 0.0, **changes})
    models = LanguageModelSettings()
    if endpoint is not None:
        models = LanguageModelSettings(
            generator="openai_compatible",
            model="m",
            base_url=f"http://127.0.0.1:{endpoint.server_port}/v1",
            retries=0,
        )
    return sample.settings.model_copy(update={"rag": rag, "language_models": models})


def find(sample: Sample, endpoint: Endpoint, question: str, count: int, **changes: Any) -> Found:
    pipeline = Pipeline(settings(sample, endpoint, **changes), sample.embedder)
    return pipeline.finder.find(question, pipeline.retriever.embed(question), count, None)


def ask(sample: Sample, endpoint: Endpoint, question: str = QUESTION, **changes: Any) -> Answer:
    return Pipeline(settings(sample, endpoint, **changes), sample.embedder).ask(question)


def test_other_words_find_what_the_question_does_not(sample: Sample, endpoint: Endpoint) -> None:
    question = "What does it set me back?"
    endpoint.queries = "price of the bridge in euros\nhow much does a bridge cost"
    found = {rewrite: find(sample, endpoint, question, 5, rewrite=rewrite) for rewrite in ("none", "model")}
    assert found["none"].searched == (question,)
    assert found["model"].searched == (question, *endpoint.queries.splitlines())
    documents = {rewrite: [hit.chunk.document for hit in each.hits] for rewrite, each in found.items()}
    assert "pricing.md" not in documents["none"]
    assert "pricing.md" in documents["model"]
    positions = [hit.position for hit in found["model"].hits]
    assert len(positions) == len(set(positions)) == 5


def test_as_many_passages_as_are_wanted_come_from_few_wordings(sample: Sample, endpoint: Endpoint) -> None:
    positions = [hit.position for hit in find(sample, endpoint, QUESTION, 40).hits]
    assert len(positions) == len(set(positions)) == 40


def test_the_answer_is_to_the_question_as_it_was_asked(sample: Sample, endpoint: Endpoint) -> None:
    answer = ask(sample, endpoint)
    assert answer.question == QUESTION
    (messages,) = endpoint.answering
    assert QUESTION in messages[1]["content"]
    assert ASKED_ABOUT not in messages[1]["content"].rpartition("<question>")[2]


def test_no_passage_goes_into_the_rewriting(sample: Sample, endpoint: Endpoint) -> None:
    sample.edit("returns.md", lambda text: text + "\n\nMay I bring it back? The secret marker is zebra.\n")
    ask(sample, endpoint)
    (messages,) = endpoint.rewriting
    assert messages[1] == {"role": "user", "content": QUESTION}
    assert "zebra" not in messages[0]["content"]
    assert "zebra" in endpoint.answering[0][1]["content"]


@pytest.mark.parametrize("wanted", [1, 2, 4])
def test_no_more_is_searched_than_is_set(sample: Sample, endpoint: Endpoint, wanted: int) -> None:
    endpoint.queries = "\n".join(f"query number {number}" for number in range(20))
    assert len(ask(sample, endpoint, rewrites=wanted).searched) == 1 + wanted


@pytest.mark.parametrize(
    ("status", "queries", "expected"),
    [(200, "", "no other wording"), (200, "?!", "no other wording"), (500, "x", "the language model failed")],
)
def test_a_failing_rewrite_leaves_the_question_alone(
    sample: Sample, endpoint: Endpoint, status: int, queries: str, expected: str, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.status, endpoint.queries = status, queries
    answer = ask(sample, endpoint)
    assert answer.searched == (QUESTION,)
    assert not answer.refused
    assert "not rewritten" in answer.note
    assert expected in answer.note
    # Whoever asks a server need not know its endpoints; its owner does.
    assert str(endpoint.server_port) not in answer.model_dump_json()
    assert ("answers with status 500" in caplog.text) == (status == 500)
    assert "note: the question was not rewritten" in " ".join(as_text(answer).split())
    assert answer.sources == ask(sample, endpoint, rewrite="none").sources


def test_a_model_that_only_quotes_cannot_rewrite(sample: Sample) -> None:
    with pytest.raises(UserError, match=r"rag\.rewrite") as caught:
        Pipeline(settings(sample, None), sample.embedder)
    assert "language_models.generator" in caught.value.next_step


def test_the_smoke_run_needs_no_language_model(sample: Sample, endpoint: Endpoint, tmp_path: Any) -> None:
    (first, second, *_) = checks(settings(sample, endpoint, refuse_below=0.33), tmp_path / "smoke")
    first.run()
    second.run()
    assert endpoint.rewriting == endpoint.answering == []


def test_the_time_of_rewriting_is_counted(sample: Sample, endpoint: Endpoint) -> None:
    endpoint.wait_seconds = 0.3
    answer = ask(sample, endpoint)
    assert 300 <= answer.retrieval_ms <= answer.total_ms


def test_a_rewriter_asks_in_the_right_number(endpoint: Endpoint, sample: Sample) -> None:
    model = OpenAICompatibleModel(settings(sample, endpoint).language_models)
    Rewriter(model, 1).rewrite(QUESTION)
    Rewriter(model, 3).rewrite(QUESTION)
    assert "1 short search query " in endpoint.rewriting[0][0]["content"]
    assert "3 short search queries " in endpoint.rewriting[1][0]["content"]


def test_a_server_rewrites_and_does_not_keep_what_went_wrong(sample: Sample, endpoint: Endpoint) -> None:
    live = LivePipeline(settings(sample, endpoint), sample.embedder)
    endpoint.status = 500
    assert live.ask(QUESTION).note
    endpoint.status = 200
    again = live.ask(QUESTION)
    assert (again.cached, again.note, again.searched) == (False, "", (QUESTION, ASKED_ABOUT))
    assert live.ask(QUESTION).cached
