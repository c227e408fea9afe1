"""Updates an index in a process that can be killed; run as a program by `test_durability`."""

import tempfile
import threading
from pathlib import Path
from typing import Any

from reference_impls.corpus.settings import Settings as CorpusSettings
from reference_impls.embedding.settings import Settings as EmbeddingSettings
from reference_impls.rag.indexing import update_index
from reference_impls.rag.settings import ProjectSettings
from reference_impls.rag.settings import Settings as RagSettings
from reference_impls.rag.watch import keep_in_line
from reference_impls.retrieval.settings import Settings as RetrievalSettings

from .killing import Done, serve
from .word_vectors import WordVectors


def project(folder: Path) -> ProjectSettings:
    return ProjectSettings(
        corpus=CorpusSettings(folder=str(folder / "docs")),
        embedding=EmbeddingSettings(),
        retrieval=RetrievalSettings(index_folder=str(folder / "index")),
        rag=RagSettings(questions="none.jsonl", refuse_below=0.2),
    )


def _work(job: dict[str, Any], _done: Done) -> None:
    settings = project(Path(job["folder"]))
    if job.get("watch"):
        keep_in_line(settings, WordVectors(), threading.Event(), lambda _: None, poll=True)
    else:
        update_index(settings, WordVectors(), rebuild=job.get("rebuild", False))


if __name__ == "__main__":
    # What the first update imports is paid for once, and no kill falls into it.
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / "docs").mkdir()
        (Path(made) / "docs" / "paper.md").write_text("# Paper\n\nThe tariff of the bridge costs 7 euros.\n")
        _work({"folder": made}, lambda: None)
    serve(_work, watched="index")
