"""Whoever may not read a document gets the answers of an index that does not hold it."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impls.corpus.settings import Settings as CorpusSettings
from reference_impls.embedding.settings import Settings as EmbeddingSettings
from reference_impls.rag.answer import Answer
from reference_impls.rag.indexing import update_index
from reference_impls.rag.pipeline import Pipeline
from reference_impls.rag.settings import ProjectSettings
from reference_impls.rag.settings import Settings as RagSettings
from reference_impls.retrieval.access import NOBODY, Reader
from reference_impls.retrieval.lexical import LexicalIndex
from reference_impls.retrieval.settings import Settings as RetrievalSettings

from .word_vectors import WORDS, WordVectors

PAPERS = st.lists(st.lists(st.sampled_from(WORDS), min_size=4, max_size=30).map(" ".join), min_size=2, max_size=7)
READERS = st.sampled_from([None, "[anna]", "[legal]", "[anna, legal]", "[bert]"])
TENANTS = st.sampled_from([None, None, "acme", "zeta"])
ASKED_BY = st.builds(
    Reader, st.frozensets(st.sampled_from(["anna", "legal", "nobody"]), max_size=2), st.sampled_from([None, "acme"])
)
QUESTION = st.lists(st.sampled_from([*WORDS, "unheard"]), min_size=1, max_size=5).map(" ".join)


def project(folder: Path, **retrieval: object) -> ProjectSettings:
    return ProjectSettings(
        corpus=CorpusSettings(folder=str(folder / "docs"), duplicates="keep"),
        embedding=EmbeddingSettings(),
        retrieval=RetrievalSettings(index_folder=str(folder / "index"), **retrieval),  # type: ignore[arg-type]
        rag=RagSettings(questions="none.jsonl", refuse_below=0.2),
    )


def answer(folder: Path, papers: dict[str, tuple[str, str]], question: str, reader: Reader, **how: object) -> Answer:
    documents = folder / "docs"
    documents.mkdir(parents=True)
    for name, (text, _) in papers.items():
        (documents / name).write_text(f"# {name[0]}\n\n{text}.\n")
    rules = [f'"{name}": {rule}\n' for name, (_, rule) in papers.items() if rule]
    (documents / "_metadata.yaml").write_text("".join(rules))
    made = project(folder, **how)
    update_index(made, WordVectors())
    return Pipeline(made, WordVectors()).ask(question, reader)


def rule_of(readers: str | None, tenant: str | None) -> str:
    parts = [f"readers: {readers}"] if readers else []
    parts += [f"tenant: {tenant}"] if tenant else []
    return f"{{{', '.join(parts)}}}" if parts else ""


# Each example writes and reads two indexes; how long that takes says nothing.
@settings(max_examples=60, deadline=None)
@given(
    PAPERS,
    st.lists(st.tuples(READERS, TENANTS), min_size=7, max_size=7),
    QUESTION,
    ASKED_BY,
    st.sampled_from(["lexical", "dense", "fused"]),
    st.booleans(),
)
def test_hidden_documents_leave_no_trace(
    tmp_path_factory: pytest.TempPathFactory,
    texts: list[str],
    rights: list[tuple[str | None, str | None]],
    question: str,
    reader: Reader,
    mode: str,
    sentences: bool,
) -> None:
    papers = {
        f"{chr(97 + n)}.md": (text, rule_of(*right)) for n, (text, right) in enumerate(zip(texts, rights, strict=False))
    }
    seen = {
        name: paper
        for (name, paper), (readers, tenant) in zip(papers.items(), rights, strict=False)
        if reader.may_read((readers or "*").strip("[]").split(", "), tenant)
    }
    how = {"mode": mode, "sentence_vectors": sentences}
    folder = tmp_path_factory.mktemp("access")
    with_hidden = answer(folder / "all", papers, question, reader, **how)
    if not seen:
        assert (with_hidden.refused, with_hidden.support, with_hidden.sources) == (True, 0.0, ())
        return
    without = answer(folder / "seen", seen, question, reader, **how)
    timeless = {"retrieval_ms", "total_ms", "support", "reason"}
    assert with_hidden.model_dump(exclude=timeless) == without.model_dump(exclude=timeless)
    assert with_hidden.support == pytest.approx(without.support, abs=2e-4)


@given(PAPERS, st.lists(st.booleans(), min_size=7, max_size=7), QUESTION)
def test_bm25_of_the_visible_texts_is_that_of_an_index_of_them(
    texts: list[str], flags: list[bool], question: str
) -> None:
    visible = np.array(flags[: len(texts)])
    scores = LexicalIndex.build(texts, "none").scores(question, visible)
    assert not scores[~visible].any()
    if visible.any():
        alone = LexicalIndex.build([text for text, seen in zip(texts, flags, strict=False) if seen], "none")
        np.testing.assert_allclose(scores[visible], alone.scores(question), rtol=1e-5, atol=1e-6)


def test_a_count_in_the_thousands_is_told_from_its_score() -> None:
    texts = ["alarm " * 4000 + "north", "alarm north", "north " * 50]
    visible = np.array([True, True, False])
    alone = LexicalIndex.build(texts[:2], "none").scores("alarm north")
    np.testing.assert_allclose(LexicalIndex.build(texts, "none").scores("alarm north", visible)[:2], alone, rtol=1e-4)


def test_nobody_sees_what_is_for_somebody() -> None:
    assert NOBODY.may_read(("*",), None)
    assert not NOBODY.may_read(("anna",), None)
    assert not NOBODY.may_read(("*",), "acme")
    assert not Reader(frozenset({"anna"}), "zeta").may_read(("anna",), "acme")
