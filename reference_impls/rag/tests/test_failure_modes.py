"""The ways in which retrieval-augmented answers are known to fail, each as a test."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ...corpus.settings import Settings as CorpusSettings
from ...embedding.sentence import SentenceEmbedder
from ...evaluation.metrics import answer_contained
from ...project_base.errors import UserError
from ...project_base.settings import Settings as BaseSettings
from ...retrieval.build import build_index
from ...retrieval.manifest import read_manifest
from ..answer import REFUSAL
from ..indexing import documents_changed, update_index
from ..pipeline import Pipeline
from ..smoke import INJECTED, KNOWN, UNANSWERABLE, Sample
from .conftest import project

PACKAGE = BaseSettings.__module__.rpartition(".project_base.")[0]
ROOT = Path(__file__).parents[2].parents[PACKAGE.count(".")]


def index_folder(sample: Sample) -> Path:
    return Path(sample.settings.retrieval.index_folder)


def test_a_stale_document_does_not_survive_the_next_index(sample: Sample) -> None:
    assert "36 months" in sample.ask(KNOWN.question).text
    sample.edit("returns.md", lambda text: text.replace("36 months", "48 months"))
    answer = sample.ask(KNOWN.question)
    assert "48 months" in answer.text
    assert "36 months" not in answer.text
    (sample.documents / "returns.md").unlink()
    sample.index()
    assert all(source.document != "returns.md" for source in sample.ask(KNOWN.question).sources)
    files = [file for file in index_folder(sample).rglob("*") if file.is_file()]
    assert not any(b"48 months" in file.read_bytes() for file in files)


def test_only_what_changed_is_embedded_again(sample: Sample) -> None:
    report = update_index(sample.settings, sample.embedder)
    assert (report.embedded, report.reused) == (0, report.manifest.chunks)
    file = sample.documents / "pricing.md"
    file.write_text(file.read_text(encoding="utf-8").replace("210 euros", "250 euros"), encoding="utf-8")
    assert documents_changed(sample.settings) == ["pricing.md"]
    assert update_index(sample.settings, sample.embedder).embedded == 1
    assert documents_changed(sample.settings) == []


def test_an_updated_index_answers_like_a_new_one(sample: Sample) -> None:
    sample.edit("pricing.md", lambda text: text.replace("210 euros", "250 euros"))
    question = "How much does a Bridge cost?"
    updated = sample.ask(question)
    update_index(sample.settings, sample.embedder, rebuild=True)
    rebuilt = sample.ask(question)
    assert (updated.text, updated.sources) == (rebuilt.text, rebuilt.sources)


@pytest.mark.parametrize("question", [UNANSWERABLE, "How do I bake sourdough bread?", "xqzw vbnm", "???", "🙂"])
def test_an_unanswerable_question_is_refused(sample: Sample, question: str) -> None:
    answer = sample.ask(question)
    assert (answer.refused, answer.text) == (True, REFUSAL)
    assert answer.reason
    assert answer.sources == ()


def test_an_instruction_inside_a_document_does_not_change_the_answer(sample: Sample) -> None:
    before = sample.ask(KNOWN.question)
    sample.edit("overview.md", lambda text: text + INJECTED)
    after = sample.ask(KNOWN.question)
    assert answer_contained(after.text, KNOWN.answers)
    assert "99" not in after.text
    assert [quote.text for quote in after.quotes] == [quote.text for quote in before.quotes]


def test_every_quote_stands_word_for_word_in_its_source(sample: Sample) -> None:
    answer = sample.ask("How many tags can one Bridge handle?")
    for quote in answer.quotes:
        source = next(source for source in answer.sources if source.number == quote.source)
        assert quote.text in (sample.documents / source.document).read_text(encoding="utf-8")[source.start : source.end]


def test_an_undecodable_file_is_listed_and_the_others_are_indexed(sample: Sample) -> None:
    (sample.documents / "old.txt").write_bytes("Größe der Brücke".encode("latin-1"))
    manifest = update_index(sample.settings, sample.embedder).manifest
    assert [(item.path, "UTF-8" in item.reason) for item in manifest.skipped] == [("old.txt", True)]
    assert documents_changed(sample.settings) == []
    assert not sample.ask(KNOWN.question).refused


def test_an_empty_corpus_leaves_the_old_index(sample: Sample, tmp_path: Path) -> None:
    for file in sample.documents.iterdir():
        file.unlink()
    with pytest.raises(UserError, match="can be read"):
        update_index(sample.settings, sample.embedder)
    assert not sample.ask(KNOWN.question).refused


def test_a_failing_write_leaves_the_old_index(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    sample_file = sample.documents / "returns.md"
    sample_file.write_text("# Other\n\nNothing is left here.\n")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            update_index(sample.settings, sample.embedder)
    assert "36 months" in sample.ask(KNOWN.question).text
    assert len(list(index_folder(sample).glob("generation-*"))) == 1


KILLED = """
import sys, numpy as np
sys.path.insert(0, {root!r})
from {package}.corpus.settings import Settings as C
from {package}.retrieval.settings import Settings as R
from {package}.vector_stores.settings import Settings as V
from {package}.retrieval.build import build_index
class Slow:
    id = {id!r}
    def encode_passages(self, texts, advance=None):
        rows = np.random.default_rng(0).normal(size=(len(texts), 384)).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)
while True:
    build_index(C(folder={docs!r}), R(index_folder={index!r}), V(), Slow(), rebuild=True)
    print("built", flush=True)
"""


@pytest.mark.parametrize("moment", [0.0, 0.029, 0.071])
def test_a_killed_index_run_leaves_a_whole_index(sample: Sample, moment: float) -> None:
    code = KILLED.format(
        root=str(ROOT),
        package=PACKAGE,
        id=sample.embedder.id,
        docs=str(sample.documents),
        index=str(index_folder(sample)),
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(moment)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    manifest = read_manifest(index_folder(sample))
    assert manifest is not None
    assert len(manifest.documents) == 15
    sample.ask(KNOWN.question)
    update_index(sample.settings, sample.embedder, rebuild=True)
    assert "36 months" in sample.ask(KNOWN.question).text
    assert len(list(index_folder(sample).glob("generation-*"))) == 1


def test_two_index_runs_do_not_meet(sample: Sample) -> None:
    from filelock import FileLock

    with FileLock(index_folder(sample) / ".lock"), pytest.raises(UserError, match="another process"):
        update_index(sample.settings, sample.embedder)


def test_without_an_index_the_next_step_is_named(tmp_path: Path, embedder: SentenceEmbedder) -> None:
    with pytest.raises(UserError, match="no index") as caught:
        Pipeline(project(tmp_path / "docs", tmp_path / "index"), embedder)
    assert caught.value.next_step.endswith(" index")


def test_an_index_of_other_settings_or_another_embedder_is_refused(sample: Sample) -> None:
    settings = sample.settings
    corpus = CorpusSettings(folder=settings.corpus.folder, chunk_words=50)
    with pytest.raises(UserError, match="other settings"):
        Pipeline(settings.model_copy(update={"corpus": corpus}), sample.embedder)

    class Other(SentenceEmbedder):
        def __init__(self) -> None:
            self._id = "other"

    with pytest.raises(UserError, match="embedder"):
        Pipeline(settings, Other())


def test_a_damaged_index_is_refused_and_can_be_rebuilt(sample: Sample) -> None:
    vectors = next(index_folder(sample).glob("generation-*/vectors.npy"))
    vectors.write_bytes(vectors.read_bytes()[:-4] + b"\0\0\0\0")
    with pytest.raises(UserError, match="damaged") as caught:
        sample.ask(KNOWN.question)
    assert "index --rebuild" in caught.value.next_step
    update_index(sample.settings, sample.embedder, rebuild=True)
    assert not sample.ask(KNOWN.question).refused


def test_a_foreign_folder_is_left_alone(sample: Sample, tmp_path: Path, embedder: SentenceEmbedder) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "manifest.json").write_text("{}")
    settings = project(sample.documents, mine)
    for rebuild in (False, True):
        with pytest.raises(UserError, match=r"manifest\.json is damaged|left alone"):
            build_index(settings.corpus, settings.retrieval, settings.vector_stores, embedder, rebuild=rebuild)
    assert (mine / "manifest.json").read_text() == "{}"
