"""Updates an index in a process that can be killed; run as a program by `test_durability`.

Reads one job a line on standard input, forks, lets the child do the real `update_index` or `keep_in_line`, kills it if
the job says so, and prints what became of it. Forking after the imports makes the moments of the kills cover the work
alone.
"""

import json
import os
import resource
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from reference_impls.corpus.settings import Settings as CorpusSettings
from reference_impls.embedding.settings import Settings as EmbeddingSettings
from reference_impls.project_base.errors import UserError, system_error
from reference_impls.rag.indexing import update_index
from reference_impls.rag.settings import ProjectSettings
from reference_impls.rag.settings import Settings as RagSettings
from reference_impls.rag.watch import keep_in_line
from reference_impls.retrieval.settings import Settings as RetrievalSettings

from .word_vectors import WordVectors


def project(folder: Path) -> ProjectSettings:
    return ProjectSettings(
        corpus=CorpusSettings(folder=str(folder / "docs")),
        embedding=EmbeddingSettings(),
        retrieval=RetrievalSettings(index_folder=str(folder / "index")),
        rag=RagSettings(questions="none.jsonl", refuse_below=0.2),
    )


def _work(job: dict[str, Any]) -> None:
    if "largest_file" in job:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["largest_file"], job["largest_file"]))
    settings = project(Path(job["folder"]))
    if job.get("kill_at_event"):
        _kill_at_event(job["kill_at_event"], job["folder"])
    if job.get("watch"):
        keep_in_line(settings, WordVectors(), threading.Event(), lambda _: None, poll=True)
    else:
        update_index(settings, WordVectors(), rebuild=job.get("rebuild", False))


def _kill_at_event(count: int, folder: str) -> None:
    """Dies right before the n-th time that the interpreter touches the index folder."""
    left = count
    index = f"{folder}/index"

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if any(isinstance(each, str | os.PathLike) and os.fspath(each).startswith(index) for each in arguments):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _child(job: dict[str, Any], report: int) -> None:
    try:
        _work(job)
        told = {"outcome": "done"}
    except UserError as error:
        told = {"outcome": "UserError", "message": error.message, "next": error.next_step}
    except OSError as error:
        known = system_error(error)
        told = {"outcome": "OSError", "message": known.message, "next": known.next_step}
    except BaseException as error:
        told = {"outcome": type(error).__name__, "message": str(error)}
    os.write(report, json.dumps(told).encode())
    os._exit(0)


def _run(job: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        _child(job, writing)
    os.close(writing)
    if "kill_after_s" in job:
        time.sleep(job["kill_after_s"])
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        told = json.loads(pipe.read() or b'{"outcome": "killed"}')
    os.waitpid(child, 0)
    return {**told, "seconds": time.perf_counter() - started}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)
