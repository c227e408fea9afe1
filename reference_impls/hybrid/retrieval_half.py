"""The retrieval half, as it answers alone and within every pattern: one way to open it, one to say what it found."""

import time
from pathlib import Path

from ..embedding.base import Embedder
from ..embedding.load import load_embedder
from ..language_models.base import LanguageModel
from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from ..rag.answer import Answer
from ..rag.indexing import documents_changed
from ..rag.live import LivePipeline
from ..retrieval.manifest import read_manifest
from .asked import check_corpus, check_questions
from .base import Finding, Reply, Way, Work
from .settings import ProjectSettings


def open_retrieval(
    settings: ProjectSettings, work: Work, embedder: Embedder | None = None, model: LanguageModel | None = None
) -> LivePipeline:
    """Opens the index and the answering model; several threads may ask, and a newer index counts at once.

    Args:
        settings: Of the project.
        work: Who watches.
        embedder: What embeds questions, by default the one that the settings name.
        model: What answers, by default the one that the settings name.

    Raises:
        UserError: There is no index that fits embedder and settings, or a model cannot be loaded.
    """
    given = settings.rag_project()
    return LivePipeline(given, embedder or load_embedder(given.embedding, work.tell), model)


def check_index(settings: ProjectSettings, embedder_id: str = "") -> list[Finding]:
    """Whether an index stands, and is of these documents and of this embedder; and whether questions fit to it.

    Args:
        settings: Of the project.
        embedder_id: Of the embedder that will be asked; empty for the one that the settings name, which is loaded.
    """
    again = f"build it: {command_line('index')}"
    if nothing := check_corpus(settings):
        return nothing
    manifest = read_manifest(Path(settings.retrieval.index_folder))
    if manifest is None:
        return [Finding(f"there is no index in {settings.retrieval.index_folder} yet", again, blocking=True)]
    try:
        embedder_id = embedder_id or load_embedder(settings.embedding).id
    except UserError as error:
        return [Finding(error.message, error.next_step, blocking=True)]
    if manifest.embedder != embedder_id:
        return [
            Finding(
                f"the index was built with the embedder {manifest.embedder}, and questions are embedded by "
                f"{embedder_id}: they cannot be compared",
                again,
                blocking=True,
            )
        ]
    try:
        changed = documents_changed(settings.rag_project())
    except UserError as error:
        return [Finding(error.message, error.next_step, blocking=True)]
    found = [Finding(f"{len(changed)} files differ from the index", again)] if changed else []
    return [*found, *check_questions(settings, manifest)]


def reply_of(answer: Answer, started: float, *, way: Way = "retrieval", why: str = "", **more: object) -> Reply:
    """An answer of the retrieval half as the reply of a hybrid.

    Args:
        answer: What retrieval says.
        started: Of `time.perf_counter`, in seconds.
        way: Which part gave the text; `none` is set where it was refused.
        why: Why it went this way.
        more: Further attributes of `Reply`.
    """
    return Reply.model_validate(
        {
            "question": answer.question,
            "text": answer.text,
            "refused": answer.refused,
            "reason": answer.reason,
            "way": way,
            "why": why,
            "sources": answer.sources,
            "notes": (answer.note,) if answer.note else (),
            "retrieved": answer,
            "total_ms": round((time.perf_counter() - started) * 1000, 3),
        }
        | more
    )
