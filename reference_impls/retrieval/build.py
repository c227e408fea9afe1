"""Builds an index beside the old one and publishes it by replacing one small file.

An index folder holds manifest.json and the folder of one generation, which the manifest names. A new generation is
written completely and flushed, then the manifest is replaced in one step, then the old generation is removed. A process
killed at any moment leaves the old index or the new one; what it left half written is removed by the next build.

Files that are as they were are not read again, and texts that were embedded before are not embedded again. The files of
the generation are all written anew, so that nothing of a deleted document stays on the disk.
"""

import hashlib
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout

from ..corpus.chunking import chunk_document
from ..corpus.documents import Corpus, ReadFile
from ..corpus.duplicates import NONE_KNOWN
from ..corpus.reading import file_states, read_corpus
from ..corpus.settings import Settings as CorpusSettings
from ..embedding.base import Embedder
from ..project_base.errors import UserError
from ..project_base.files import write_text
from ..project_base.progress import Progress, silent
from ..vector_stores.base import Vectors
from ..vector_stores.settings import Settings as StoreSettings
from .context import indexed_text, summary_of
from .dense import embedded_rows
from .generation import (
    GENERATION,
    Content,
    Keys,
    hashes_of,
    known_vectors,
    read_files,
    read_signatures,
    remove_generations,
    write_generation,
)
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

_LOCK = ".lock"
_CLOCK_STEP_NS = 2_000_000_000

States = dict[str, tuple[int, int]]


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Attributes:
        manifest: The published manifest.
        read: How many files were opened.
        embedded: How many texts were embedded.
        reused: How many were taken over as they were.
    """

    manifest: Manifest
    read: int
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
    """Brings the index in line with the documents; only files and texts that are new are read and embedded.

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
    started = time.time_ns()
    states = file_states(Path(corpus.folder))
    digest = settings_digest(corpus, retrieval, stores)
    old = None if rebuild or not folder.is_dir() else read_manifest(folder)
    comparable = old is not None and old.settings_digest == digest
    unchanged = _unchanged(folder, old, Path(corpus.folder), states) if old is not None and comparable else {}
    signatures = read_signatures(folder, old) if old is not None else NONE_KNOWN
    found = read_corpus(corpus, progress, unchanged, signatures)
    folder.mkdir(parents=True, exist_ok=True)
    with _only_one(folder):
        known = known_vectors(folder, old, stores) if old is not None and old.embedder == embedder.id else {}
        content, embedded = _content(found, corpus, retrieval, known, embedder, progress)
        generation = write_generation(folder, content, stores, retrieval.stop_words)
        manifest = Manifest(
            generation=generation.name,
            started_ns=started,
            embedder=embedder.id,
            dimension=int(content.vectors.shape[1]),
            store=stores.store,
            context=retrieval.context,
            stop_words=retrieval.stop_words,
            settings_digest=digest,
            chunks=len(content.chunks),
            files=hashes_of(generation),
            documents=_documents(found, content),
            skipped=tuple(SkippedFile(path=item.path, reason=item.reason) for item in found.skipped),
            remarks=tuple(RemarkedFile(path=item.path, text=item.text) for item in found.remarks),
            sources=tuple(
                SourceFile(path=path, size=size, modified_ns=modified) for path, (size, modified) in states.items()
            ),
        )
        write_text(folder / MANIFEST, manifest.model_dump_json(indent=2) + "\n")
        remove_generations(folder, generation.name, stores)
    opened = sum(file.path not in unchanged for file in found.files)
    return BuildReport(manifest, opened, embedded, len(content.keys) - embedded)


def changed_documents(corpus: CorpusSettings, manifest: Manifest) -> list[str]:
    """Paths that were added, changed or deleted since the index was built, judged by size and time alone.

    Raises:
        UserError: The folder is missing.
    """
    known = _known_states(manifest)
    now = file_states(Path(corpus.folder))
    return sorted(path for path in known.keys() | now.keys() if known.get(path) != now.get(path))


def _known_states(manifest: Manifest) -> States:
    return {item.path: (item.size, item.modified_ns) for item in manifest.sources}


def _unchanged(folder: Path, old: Manifest, documents: Path, states: States) -> dict[str, ReadFile]:
    known = _known_states(old)
    # What was written about when the old index was begun may have been read before its last change, and clocks of file
    # systems are coarse. A copied file can keep size and time of another, but not the time of its own entry (ctime).
    settled = old.started_ns - _CLOCK_STEP_NS
    same = {
        path
        for path, state in states.items()
        if known.get(path) == state and max(state[1], _entry_ns(documents / path)) < settled
    }
    return {file.path: file for file in read_files(folder, old) if file.path in same}


def _entry_ns(file: Path) -> int:
    try:
        return file.stat().st_ctime_ns
    except OSError:
        # A name that is not valid text, a broken link or a file that is gone: reading it will tell.
        return sys.maxsize


def _content(
    found: Corpus,
    corpus: CorpusSettings,
    retrieval: Settings,
    known: Mapping[bytes, Vectors],
    embedder: Embedder,
    progress: Progress,
) -> tuple[Content, int]:
    chunks, texts = [], []
    for document in found.documents:
        summary = summary_of(document) if retrieval.context == "summary" else None
        for chunk in chunk_document(document, corpus):
            chunks.append(chunk)
            texts.append(indexed_text(chunk, retrieval.context, summary))
    rows = embedded_rows(chunks, texts, retrieval.sentence_vectors)
    keys = [hashlib.sha256(text.encode()).digest() for text in rows.texts]
    missing = {key: text for key, text in zip(keys, rows.texts, strict=True) if key not in known}
    vectors = dict(known)
    if missing:
        fresh = embedder.encode_passages(list(missing.values()), progress("embedding", len(missing)))
        vectors.update(zip(missing, fresh, strict=True))
    stacked = np.stack([vectors[key] for key in keys]).astype(np.float32)
    return Content(chunks, texts, stacked, _as_array(keys), rows.sentences, found.files, found.signatures), len(missing)


def _as_array(keys: list[bytes]) -> Keys:
    return np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), -1)


def _documents(found: Corpus, content: Content) -> tuple[IndexedDocument, ...]:
    counts = Counter(chunk.document for chunk in content.chunks)
    return tuple(
        IndexedDocument(
            path=document.path,
            file=document.file,
            sha256=document.sha256,
            chunks=counts[document.path],
            readers=document.readers,
            tenant=document.tenant,
            metadata=dict(document.metadata),
        )
        for document in found.documents
    )


def _check_folder(folder: Path, rebuild: bool) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UserError(f"{folder} is a file, not a folder", "set retrieval.index_folder to another path")
    ours = read_manifest(folder) is not None if not rebuild else any(folder.glob(f"{GENERATION}*"))
    if not ours and any(file.name != _LOCK and not file.name.startswith(GENERATION) for file in folder.iterdir()):
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
