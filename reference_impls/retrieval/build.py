"""Builds an index beside the old one and publishes it by replacing one small file.

An index folder holds manifest.json and the folder of one generation, which the manifest names. A new generation is
written completely and flushed, then the manifest is replaced in one step, then the old generation is removed. A process
killed at any moment leaves the old index or the new one; what it left half written is removed by the next build.
"""

import hashlib
import os
import shutil
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from ..corpus.chunking import Chunk, chunk_document
from ..corpus.reading import file_states, read_corpus
from ..corpus.settings import Settings as CorpusSettings
from ..embedding.base import Embedder
from ..project_base.errors import UserError
from ..project_base.files import sha256_of, sync_folder, write_text
from ..project_base.progress import Progress, silent
from ..vector_stores.base import Vectors
from ..vector_stores.settings import Settings as StoreSettings
from ..vector_stores.stores import STORES
from .index import CHUNKS, LEXICAL, Index, indexed_text, load_generation, write_chunks
from .lexical import LexicalIndex
from .manifest import (
    MANIFEST,
    IndexedDocument,
    Manifest,
    RemarkedFile,
    SkippedFile,
    SourceFile,
    read_manifest,
    settings_digest,
)
from .settings import Settings

_GENERATION = "generation-"
_LOCK = ".lock"


@dataclass(frozen=True)
class BuildReport:
    """What a build did: the published manifest, and how many chunks were embedded or taken over as they were."""

    manifest: Manifest
    embedded: int
    reused: int


def build_index(
    corpus: CorpusSettings,
    retrieval: Settings,
    stores: StoreSettings,
    embedder: Embedder,
    *,
    rebuild: bool = False,
    progress: Progress = silent,
) -> BuildReport:
    """Brings the index in line with the documents; only chunks whose indexed text is new are embedded.

    Args:
        corpus: Which documents, and how they are cut.
        retrieval: Where the index lies and what is embedded.
        stores: Which vector store.
        embedder: The embedding model.
        rebuild: Takes nothing over from the old index, and does not read it.
        progress: Hears of each stage.

    Raises:
        UserError: The documents or the old index cannot be used, or another process is indexing.
        OSError: The index folder cannot be written; the old index stands.
    """
    folder = Path(retrieval.index_folder)
    _check_folder(folder, rebuild)
    # Noted before the documents are read: a change during the build must look like a change afterwards.
    states = file_states(Path(corpus.folder))
    found = read_corpus(corpus, progress)
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder):
        old = None if rebuild else _old_index(folder, embedder.id, stores)
        chunks = tuple(chunk for document in found.documents for chunk in chunk_document(document, corpus))
        texts = [indexed_text(chunk, retrieval.embed_headings) for chunk in chunks]
        vectors, embedded = _vectors(texts, old, embedder, progress)
        counts = Counter(chunk.document for chunk in chunks)
        generation = _write_generation(folder, chunks, texts, vectors, stores, retrieval.stop_words)
        manifest = Manifest(
            generation=generation.name,
            embedder=embedder.id,
            dimension=int(vectors.shape[1]),
            store=stores.store,
            embed_headings=retrieval.embed_headings,
            stop_words=retrieval.stop_words,
            settings_digest=settings_digest(corpus, retrieval, stores),
            chunks=len(chunks),
            files={file.relative_to(generation).as_posix(): sha256_of(file) for file in _files(generation)},
            documents=tuple(
                IndexedDocument(
                    path=document.path, file=document.file, sha256=document.sha256, chunks=counts[document.path]
                )
                for document in found.documents
            ),
            skipped=tuple(SkippedFile(path=item.path, reason=item.reason) for item in found.skipped),
            remarks=tuple(RemarkedFile(path=item.path, text=item.text) for item in found.remarks),
            sources=tuple(
                SourceFile(path=path, size=size, modified_ns=modified) for path, (size, modified) in states.items()
            ),
        )
        write_text(folder / MANIFEST, manifest.model_dump_json(indent=2) + "\n")
        _remove_generations(folder, keep=generation.name)
    return BuildReport(manifest, embedded, len(chunks) - embedded)


def changed_documents(corpus: CorpusSettings, manifest: Manifest) -> list[str]:
    """Paths that were added, changed or deleted since the index was built, judged by size and time alone.

    Raises:
        UserError: The folder is missing.
    """
    known = {item.path: (item.size, item.modified_ns) for item in manifest.sources}
    now = file_states(Path(corpus.folder))
    return sorted(path for path in known.keys() | now.keys() if known.get(path) != now.get(path))


def _check_folder(folder: Path, rebuild: bool) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UserError(f"{folder} is a file, not a folder", "set retrieval.index_folder to another path")
    ours = read_manifest(folder) is not None if not rebuild else any(folder.glob(f"{_GENERATION}*"))
    if not ours and any(file.name != _LOCK and not file.name.startswith(_GENERATION) for file in folder.iterdir()):
        raise UserError(
            f"{folder} holds files that are no index, and is left alone",
            "set retrieval.index_folder to a new or an empty folder",
        )


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / _LOCK)
    try:
        # The system drops the lock of a killed process, so it never has to be removed by hand.
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserError(f"another process is indexing into {folder}", "wait until it has ended") from error
    try:
        yield
    finally:
        lock.release()


def _old_index(folder: Path, embedder_id: str, stores: StoreSettings) -> Index | None:
    manifest = read_manifest(folder)
    if manifest is None or manifest.embedder != embedder_id:
        return None
    return load_generation(folder, manifest, stores)


def _vectors(texts: list[str], old: Index | None, embedder: Embedder, progress: Progress) -> tuple[Vectors, int]:
    known: dict[str, Vectors] = {}
    if old is not None:
        indexed = (indexed_text(chunk, old.manifest.embed_headings) for chunk in old.chunks)
        known = dict(zip(map(_key, indexed), old.store.vectors(), strict=True))
    keys = [_key(text) for text in texts]
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    if missing:
        fresh = embedder.encode_passages(list(missing.values()), progress("embedding", len(missing)))
        known.update(zip(missing, fresh, strict=True))
    return np.stack([known[key] for key in keys]).astype(np.float32), len(missing)


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _write_generation(
    folder: Path, chunks: tuple[Chunk, ...], texts: list[str], vectors: Vectors, stores: StoreSettings, stop_words: str
) -> Path:
    generation = folder / f"{_GENERATION}{uuid.uuid4().hex}"
    generation.mkdir()
    try:
        write_chunks(generation / CHUNKS, chunks)
        STORES[stores.store].build(vectors, stores).save(generation)
        LexicalIndex.build(texts, stop_words).save(generation / LEXICAL)
        for file in _files(generation):
            _flush(file)
        sync_folder(generation / LEXICAL)
        sync_folder(generation)
    except BaseException:
        shutil.rmtree(generation, ignore_errors=True)
        raise
    return generation


def _files(generation: Path) -> list[Path]:
    return sorted(file for file in generation.rglob("*") if file.is_file())


def _flush(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())


def _remove_generations(folder: Path, keep: str) -> None:
    for generation in folder.glob(f"{_GENERATION}*"):
        if generation.name != keep:
            # What cannot be removed now (a reader on Windows) goes with the next build.
            shutil.rmtree(generation, ignore_errors=True)
