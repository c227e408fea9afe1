"""Questions that a look-up answers do not reach the documents, and all others do."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ...embedding.sentence import SentenceEmbedder
from ...lookups.commands import SAMPLE
from ...project_base.errors import UserError
from ...retrieval.access import NOBODY, OWNER, Reader
from ..answer import Answer
from ..live import LivePipeline
from ..pipeline import Pipeline
from ..show import as_text
from ..smoke import KNOWN, UNANSWERABLE, Sample

STOCK = "How many Bridges are in stock?"
ORDER = "Where is my order OR-104210?"


@pytest.fixture
def with_lookups(sample: Sample, embedder: SentenceEmbedder) -> Callable[[Path], Pipeline]:
    def opened(file: Path) -> Pipeline:
        lookups = sample.settings.lookups.model_copy(update={"file": str(file)})
        return Pipeline(sample.settings.model_copy(update={"lookups": lookups}), embedder)

    return opened


def test_a_row_answers_before_the_documents(with_lookups: Callable[[Path], Pipeline]) -> None:
    pipeline = with_lookups(SAMPLE)
    answer = pipeline.ask(STOCK)
    assert answer.lookup is not None
    assert (answer.refused, answer.text, answer.sources) == (False, "Bridge B1: 42 pieces in Rotterdam.", ())
    assert answer.lookup.rows == (("Bridge B1", 42, "Rotterdam"),)
    assert "[stock] asked" in as_text(answer)
    (streamed,) = pipeline.stream(STOCK)
    assert isinstance(streamed, Answer)
    assert streamed.text == answer.text
    assert Answer.model_validate_json(answer.model_dump_json()) == answer


def test_all_other_questions_go_to_the_documents(
    with_lookups: Callable[[Path], Pipeline], sample: Sample, embedder: SentenceEmbedder
) -> None:
    pipeline, plain = with_lookups(SAMPLE), Pipeline(sample.settings, embedder)
    for question in (KNOWN.question, UNANSWERABLE):
        assert pipeline.ask(question).text == plain.ask(question).text
        assert pipeline.ask(question).lookup is None
    assert plain.ask(STOCK).lookup is None
    with pytest.raises(UserError, match="no document has metadata"):
        pipeline.ask(STOCK, where={"department": "sales"})


def test_the_tenant_of_the_reader_is_bound(with_lookups: Callable[[Path], Pipeline]) -> None:
    pipeline = with_lookups(SAMPLE)
    own = pipeline.ask(ORDER, Reader(tenant="northwind"))
    assert own.lookup is not None
    assert "shipped" in own.text
    for reader in (NOBODY, OWNER, Reader(frozenset({"northwind"}))):
        assert pipeline.ask(ORDER, reader).lookup is None
    assert "shipped" not in pipeline.ask(ORDER, Reader(tenant="fjordfisk")).text


def test_a_source_that_fails_is_no_reason_to_answer_from_documents(
    with_lookups: Callable[[Path], Pipeline], tmp_path: Path
) -> None:
    (tmp_path / SAMPLE.name).write_bytes(SAMPLE.read_bytes())
    pipeline = with_lookups(tmp_path / SAMPLE.name)
    with pytest.raises(UserError, match="there is no database"):
        pipeline.ask(STOCK)
    assert "36 months" in pipeline.ask(KNOWN.question).text


def test_a_live_row_is_never_kept(sample: Sample) -> None:
    lookups = sample.settings.lookups.model_copy(update={"file": str(SAMPLE)})
    live = LivePipeline(sample.settings.model_copy(update={"lookups": lookups}), sample.embedder)
    assert [live.ask(STOCK).cached for _ in range(2)] == [False, False]
    # A row that comes later may answer what documents answer now.
    assert [live.ask(KNOWN.question).cached for _ in range(2)] == [False, False]
