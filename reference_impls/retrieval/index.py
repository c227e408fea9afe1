"""An index that is open for searching."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..corpus.chunking import Chunk
from ..corpus.settings import Settings as CorpusSettings
from ..project_base.errors import UserError
from ..project_base.files import sha256_of, write_text
from ..project_base.rooms import command_line
from ..vector_stores.base import VectorStore
from ..vector_stores.settings import Settings as StoreSettings
from ..vector_stores.stores import STORES
from .lexical import LexicalIndex
from .manifest import Manifest, read_manifest, settings_digest
from .settings import Settings

CHUNKS = "chunks.json"
LEXICAL = "lexical"
_ATTEMPTS = 3
_TUPLES = ("headings", "blocks", "readers")


@dataclass(frozen=True)
class Index:
    """Chunks, their vectors and their word index, all in the same order: position i means chunks[i] everywhere."""

    manifest: Manifest
    chunks: tuple[Chunk, ...]
    store: VectorStore
    lexical: LexicalIndex


def indexed_text(chunk: Chunk, embed_headings: bool) -> str:
    """The text that is embedded and whose words are counted for a chunk."""
    return f"{chunk.context}\n{chunk.text}" if embed_headings else chunk.text


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
            return load_generation(folder, manifest, stores)
        except UserError:
            # Another process may have published a newer generation and removed this one meanwhile.
            if attempt == _ATTEMPTS - 1 or read_manifest(folder) == manifest:
                raise
    raise AssertionError("the loop returns or raises")


def load_generation(folder: Path, manifest: Manifest, stores: StoreSettings) -> Index:
    """Loads the files that a manifest names, after comparing their hashes.

    Raises:
        UserError: A file is missing, foreign or damaged.
    """
    generation = folder / manifest.generation
    for name, expected in manifest.files.items():
        file = generation / name
        if not file.is_file() or sha256_of(file) != expected:
            raise UserError(
                f"{file} is missing or damaged", f"build the index again: {command_line('index --rebuild')}"
            )
    chunks = read_chunks(generation / CHUNKS)
    lexical = LexicalIndex.load(generation / LEXICAL, manifest.stop_words)
    return Index(manifest, chunks, STORES[manifest.store].load(generation, stores), lexical)


def write_chunks(file: Path, chunks: tuple[Chunk, ...]) -> None:
    """Writes chunks as a JSON list, in order."""
    write_text(file, json.dumps([asdict(chunk) for chunk in chunks], ensure_ascii=False))


def read_chunks(file: Path) -> tuple[Chunk, ...]:
    """Reads what `write_chunks` wrote."""
    records = json.loads(file.read_text(encoding="utf-8"))
    # JSON has lists where a chunk has tuples.
    return tuple(Chunk(**record | {name: tuple(record[name]) for name in _TUPLES}) for record in records)
