from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ...embedding.sentence import SentenceEmbedder
from ...evaluation.questions import Question
from ...project_base.errors import UserError
from ...reranking.settings import Settings as RerankingSettings
from ...reranking.tests.tiny import save_trained
from ...retrieval.access import OWNER, Reader
from ..evaluate import evaluate
from ..evaluation_table import table
from ..finding import Finder
from ..live import LivePipeline
from ..pipeline import Pipeline, update_index
from ..settings import ProjectSettings
from .conftest import project

QUESTION = "How long is the warranty of the bridge?"
PAPERS = {
    "warranty.md": "The warranty of the bridge: how long is the warranty of the bridge, many ask. It is long.",
    "terms.md": "For what we sell, defects are mended free of charge for 36 months.",
    "secret.md": "The warranty of the bridge is 99 months for our friends.",
    "alarm.md": "The bridge sends an alarm when a battery is low.",
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reranker that holds passages with the word "months" to be better."""
    path = tmp_path_factory.mktemp("reranker")
    save_trained(path)
    return path


@pytest.fixture
def papers(tmp_path: Path, embedder: SentenceEmbedder, trained: Path) -> ProjectSettings:
    documents = tmp_path / "docs"
    documents.mkdir()
    for name, text in PAPERS.items():
        (documents / name).write_text(f"# {name.removesuffix('.md').title()}\n\n{text}\n")
    (documents / "_metadata.yaml").write_text('"secret.md": {readers: [anna]}\n')
    made = project(documents, tmp_path / "index")
    update_index(made, embedder)
    reranking = RerankingSettings(model=str(trained), device="cpu")
    return made.model_copy(update={"reranking": reranking, "rag": made.rag.model_copy(update={"passages": 2})})


def found(pipeline: Pipeline, reader: Reader | None = None, count: int = 10) -> list[str]:
    visible = pipeline.retriever.visible(reader)
    return [
        hit.chunk.document
        for hit in pipeline.finder.find(QUESTION, pipeline.retriever.embed(QUESTION), count, visible).hits
    ]


def plain(settings: ProjectSettings) -> ProjectSettings:
    return settings.model_copy(update={"reranking": RerankingSettings()})


def test_a_reranker_brings_up_what_the_search_ranked_low(papers: ProjectSettings, embedder: SentenceEmbedder) -> None:
    before = found(Pipeline(plain(papers), embedder))
    after = found(Pipeline(papers, embedder))
    assert before[0] == "warranty.md"
    assert set(after[:2]) == {"terms.md", "secret.md"}
    assert sorted(after) == sorted(before)


def test_passages_are_cut_after_they_are_ordered(papers: ProjectSettings, embedder: SentenceEmbedder) -> None:
    assert set(found(Pipeline(papers, embedder), count=2)) == {"terms.md", "secret.md"}


def test_only_the_best_candidates_are_ordered_anew(papers: ProjectSettings, embedder: SentenceEmbedder) -> None:
    before = found(Pipeline(plain(papers), embedder))
    two = papers.model_copy(update={"reranking": papers.reranking.model_copy(update={"candidates": 2})})
    after = found(Pipeline(two, embedder))
    assert set(after[:2]) == set(before[:2])
    assert after[2:] == before[2:]


class Noted:
    """A reranker that notes what it is given, and holds everything equal."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def scores(self, question: str, passages: Sequence[str]) -> NDArray[np.float32]:
        """Zeros."""
        self.read += passages
        return np.zeros(len(passages), dtype=np.float32)


@pytest.mark.parametrize(("names", "seen"), [({"anna"}, True), ({"bert"}, False), (set(), False)])
def test_what_is_hidden_is_never_read(
    papers: ProjectSettings, embedder: SentenceEmbedder, names: set[str], seen: bool
) -> None:
    pipeline = Pipeline(plain(papers), embedder)
    noted = Noted()
    finder = Finder(pipeline.retriever, papers.retrieval, None, noted, 30)
    visible = pipeline.retriever.visible(Reader(frozenset(names)))
    hits = finder.find(QUESTION, pipeline.retriever.embed(QUESTION), 10, visible).hits
    assert any("99 months" in text for text in noted.read) == seen
    assert any(hit.chunk.document == "secret.md" for hit in hits) == seen
    # Passages that are held equal stay in the order of the search.
    assert [hit.chunk.document for hit in hits] == found(pipeline, Reader(frozenset(names)))


def test_evaluate_shows_what_the_reranker_adds(papers: ProjectSettings, embedder: SentenceEmbedder) -> None:
    asked = [Question(id="1", question=QUESTION, answers=("36 months",), gold_docs=("terms.md", "secret.md"))]
    result = evaluate(Pipeline(papers, embedder), asked, "fused")
    assert [row.mode for row in result.retrieval] == ["fused+rerank", "fused", "lexical", "dense", "random"]
    reranked, fused = result.retrieval[:2]
    assert reranked.ndcg_at_10 == 1.0
    assert fused.ndcg_at_10 is not None
    assert fused.ndcg_at_10 < 1.0
    lines = table(result).splitlines()
    assert lines[1].startswith("as set (+rerank) ")
    assert max(map(len, lines)) <= 80
    alone = evaluate(Pipeline(plain(papers), embedder), asked, "fused")
    assert [row.mode for row in alone.retrieval] == ["fused", "lexical", "dense", "random"]


def test_answers_and_their_support_rest_on_the_new_order(papers: ProjectSettings, embedder: SentenceEmbedder) -> None:
    one = papers.model_copy(update={"rag": papers.rag.model_copy(update={"passages": 1, "refuse_below": 0.05})})
    answer = Pipeline(one, embedder).ask(QUESTION, OWNER)
    assert "months" in answer.text
    assert answer.searched == (QUESTION,)
    assert answer.support == pytest.approx(Pipeline(one, embedder).support(QUESTION), abs=1e-4)
    assert answer.support < Pipeline(plain(one), embedder).ask(QUESTION, OWNER).support


def test_a_reranker_that_is_missing_is_told_when_the_project_opens(
    papers: ProjectSettings, embedder: SentenceEmbedder, tmp_path: Path
) -> None:
    missing = papers.model_copy(update={"reranking": RerankingSettings(model=str(tmp_path))})
    with pytest.raises(UserError, match="cannot be loaded"):
        Pipeline(missing, embedder)


def test_a_server_reranks_and_keeps_its_reranker(papers: ProjectSettings, embedder: SentenceEmbedder) -> None:
    live = LivePipeline(papers, embedder)
    first = live.current().pipeline
    assert set(found(first)[:2]) == {"terms.md", "secret.md"}
    (Path(papers.corpus.folder) / "new.md").write_text("# New\n\nThe bridge is mended for 12 months.\n")
    update_index(papers, embedder)
    Path(papers.reranking.model).rename(Path(papers.reranking.model).with_name("gone"))
    try:
        assert set(found(live.current().pipeline)[:3]) == {"terms.md", "secret.md", "new.md"}
    finally:
        Path(papers.reranking.model).with_name("gone").rename(papers.reranking.model)
