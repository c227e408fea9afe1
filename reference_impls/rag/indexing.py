"""Keeps the index of the project."""

from pathlib import Path

from ..corpus.reading import list_files
from ..corpus.suffixes import SUFFIXES
from ..embedding.base import Embedder
from ..project_base.errors import UserError
from ..project_base.progress import Progress, silent
from ..retrieval.build import BuildReport, build_index, changed_documents
from ..retrieval.manifest import read_manifest
from .settings import ProjectSettings


def check_documents(settings: ProjectSettings) -> None:
    """Fails early, before a model is loaded, where there is nothing to index.

    Raises:
        UserError: The folder is missing or holds no file.
    """
    if not list_files(Path(settings.corpus.folder)):
        raise UserError(
            f"the document folder {settings.corpus.folder} holds no files",
            f"put files of these kinds there: {', '.join(SUFFIXES)}",
        )


def update_index(
    settings: ProjectSettings, embedder: Embedder, *, rebuild: bool = False, progress: Progress = silent
) -> BuildReport:
    """Brings the project's index in line with its documents."""
    return build_index(
        settings.corpus, settings.retrieval, settings.vector_stores, embedder, rebuild=rebuild, progress=progress
    )


def documents_changed(settings: ProjectSettings) -> list[str]:
    """Paths that differ between the folder and the index; empty where there is no index."""
    manifest = read_manifest(Path(settings.retrieval.index_folder))
    return changed_documents(settings.corpus, manifest) if manifest else []
