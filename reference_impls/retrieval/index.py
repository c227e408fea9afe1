"""An index that is open for searching."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..corpus.chunking import Chunk
from ..corpus.settings import Settings as CorpusSettings
from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from ..vector_stores.settings import Settings as StoreSettings
from .dense import DenseIndex
from .generation import open_generation
from .lexical import LexicalIndex
from .manifest import Manifest, read_manifest, settings_digest
from .settings import Settings
from .visibility import Visibility

_ATTEMPTS = 3


@dataclass(frozen=True)
class Index:
    """Chunks, their vectors, words and rights, all in the same order: position i means chunks[i] everywhere."""

    manifest: Manifest
    chunks: Sequence[Chunk]
    dense: DenseIndex
    lexical: LexicalIndex
    visibility: Visibility


def open_index(corpus: CorpusSettings, retrieval: Settings, stores: StoreSettings, embedder_id: str) -> Index:
    """Opens the index of a project.

    Raises:
        UserError: There is none yet, it is damaged, or it was built with another embedder or other settings.
    """
    folder = Path(retrieval.index_folder)
    for attempt in range(_ATTEMPTS):
        manifest = read_manifest(folder)
        if manifest is None:
            raise UserError(f"there is no index in {folder} yet", f"build it: {command_line('index')}")
        if manifest.embedder != embedder_id:
            raise UserError(
                f"the index in {folder} was built with the embedder {manifest.embedder}, not {embedder_id}",
                f"build it with this embedder: {command_line('index')}",
            )
        if manifest.settings_digest != settings_digest(corpus, retrieval, stores):
            raise UserError(
                f"the index in {folder} was built with other settings of corpus, retrieval or vector_stores",
                f"build it with these settings: {command_line('index')}",
            )
        try:
            chunks, dense, lexical = open_generation(folder, manifest, stores)
        except UserError:
            # Another process may have published a newer generation and removed this one meanwhile.
            if attempt == _ATTEMPTS - 1 or read_manifest(folder) == manifest:
                raise
        else:
            return Index(manifest, chunks, dense, lexical, Visibility(manifest.documents))
    raise AssertionError("the loop returns or raises")
