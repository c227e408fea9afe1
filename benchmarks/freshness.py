"""From a changed file to a right answer: how long it takes, and which part of the index it costs.

    ADVISOR_DATA=FOLDER python benchmarks/freshness.py [--rounds 10]

ADVISOR_DATA holds the public data sets (see benchmarks/README.md). The pages of medquad_niddk are copied into a folder
that is watched as the command `watch` does. Each round writes a fact into one page, then asks for it until the answer
holds it; then deletes that page, and asks until the answer no longer cites it. Medians and the slowest are printed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from reference_impls.corpus.settings import Settings as CorpusSettings
from reference_impls.embedding.base import Embedder
from reference_impls.embedding.load import load_embedder
from reference_impls.project_base.errors import UserError
from reference_impls.rag.answer import Answer
from reference_impls.rag.indexing import update_index
from reference_impls.rag.pipeline import Pipeline
from reference_impls.rag.settings import ProjectSettings
from reference_impls.rag.settings import Settings as RagSettings
from reference_impls.rag.watch import keep_in_line
from reference_impls.retrieval.build import BuildReport
from reference_impls.retrieval.settings import Settings as RetrievalSettings

PATIENCE_S = 120.0
QUESTION = "What is the extension number of the night nurse?"


def main() -> None:
    """Prints the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=10)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(Path(os.environ["ADVISOR_DATA"], "medquad_niddk", "docs"), folder / "docs")
        settings = ProjectSettings(
            corpus=CorpusSettings(folder=str(folder / "docs")),
            retrieval=RetrievalSettings(index_folder=str(folder / "index")),
            rag=RagSettings(questions="none.jsonl"),
        )
        embedder = load_embedder(settings.embedding)
        started = time.perf_counter()
        built = update_index(settings, embedder)
        print(f"{len(built.manifest.documents)} pages, {built.manifest.chunks} chunks")
        print(f"{'first index':<44}{time.perf_counter() - started:8.2f} s")
        changed, deleted = measure(settings, embedder, chosen.rounds)
    for title, seconds in (("changed file to right answer", changed), ("deleted file to no citation of it", deleted)):
        print(f"{title:<44}{statistics.median(seconds):8.2f} s, slowest {max(seconds):.2f} s")


def measure(settings: ProjectSettings, embedder: Embedder, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds from a change, and from a deletion, to the answer that shows it."""
    stop = threading.Event()
    thread = threading.Thread(target=keep_in_line, args=(settings, embedder, stop, _complain))
    thread.start()
    changed, deleted = [], []
    page = Path(settings.corpus.folder, "night_nurse.md")
    try:
        for number in range(rounds):
            fact = f"{7000 + 13 * number}"
            page.write_text(f"# Night nurse\n\nThe extension number of the night nurse is {fact}.\n", encoding="utf-8")
            changed.append(_until(settings, embedder, partial(_says, fact)))
            page.unlink()
            deleted.append(_until(settings, embedder, partial(_cites_no, page.name)))
    finally:
        stop.set()
        thread.join()
    return changed, deleted


def _complain(result: BuildReport | UserError) -> None:
    if isinstance(result, UserError):
        print(f"error: {result.message}")


def _says(fact: str, answer: Answer) -> bool:
    return fact in answer.text


def _cites_no(document: str, answer: Answer) -> bool:
    return all(source.document != document for source in answer.sources)


def _until(settings: ProjectSettings, embedder: Embedder, right: Callable[[Answer], bool]) -> float:
    started = time.perf_counter()
    while time.perf_counter() - started < PATIENCE_S:
        if right(Pipeline(settings, embedder).ask(QUESTION)):
            return time.perf_counter() - started
        time.sleep(0.02)
    raise TimeoutError(f"no right answer within {PATIENCE_S:g} s")


if __name__ == "__main__":
    main()
