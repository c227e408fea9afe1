"""The files of one generation of an index: written once, completely, and never changed."""

import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..corpus.chunking import Chunk
from ..corpus.documents import ReadFile
from ..corpus.duplicates import Signatures
from ..corpus.stored import from_line, to_line
from ..project_base.errors import UserError
from ..project_base.files import sha256_of, sync_folder, write_text
from ..project_base.rooms import command_line
from ..vector_stores.base import Positions, Vectors
from ..vector_stores.settings import Settings as StoreSettings
from ..vector_stores.stores import STORES, discard
from .arrays import load_array, save_array
from .chunk_file import ChunkFile, write_chunks
from .dense import DenseIndex
from .lexical import LexicalIndex
from .manifest import Manifest, generations

_FILES = "files.jsonl"
_KEYS = "keys.npy"
_SENTENCES = "sentences.npy"
_LEXICAL = "lexical"
_SIGNATURES = "signatures.npy"
_SIGNED = "signed.npy"
_ONLY_FOR_UPDATES = {_FILES, _KEYS, _SIGNATURES, _SIGNED}

Keys = NDArray[np.uint8]


@dataclass(frozen=True)
class Content:
    """All that a generation holds; positions mean the same chunk everywhere.

    Attributes:
        chunks: The chunks.
        texts: The indexed text of each chunk.
        vectors: float32 [rows, dimension], one for each row of `dense.EmbeddedRows`.
        keys: uint8 [rows, 32], sha256 of the text of each row.
        sentences: int64 [chunks], how many sentence rows each has; empty without sentence vectors.
        files: What each file gave when it was read.
        signatures: By which duplicates are found, uint64 [64] or [0] by the hash of a text.
    """

    chunks: Sequence[Chunk]
    texts: Sequence[str]
    vectors: Vectors
    keys: Keys
    sentences: Positions
    files: Sequence[ReadFile]
    signatures: Signatures


def write_generation(folder: Path, content: Content, stores: StoreSettings, stop_words: str) -> Path:
    """Writes and flushes a new generation, which nothing names yet.

    Returns:
        Its folder.

    Raises:
        OSError: No permission or no space; nothing of it is left then.
    """
    generation = folder / f"generation-{uuid.uuid4().hex}"
    generation.mkdir()
    try:
        write_chunks(generation, content.chunks)
        STORES[stores.store].build(content.vectors, stores).save(generation)
        LexicalIndex.build(content.texts, stop_words).save(generation / _LEXICAL)
        save_array(generation / _KEYS, content.keys)
        save_array(generation / _SENTENCES, content.sentences)
        _save_signatures(generation, content.signatures)
        write_text(generation / _FILES, "".join(f"{to_line(file)}\n" for file in content.files))
        for file in _files(generation):
            _flush(file)
        sync_folder(generation / _LEXICAL)
        sync_folder(generation)
    except BaseException:
        remove_generation(generation, stores)
        raise
    return generation


def hashes_of(generation: Path) -> dict[str, str]:
    """sha256 of every file of a generation, by its path there."""
    return {file.relative_to(generation).as_posix(): sha256_of(file) for file in _files(generation)}


def open_generation(
    folder: Path, manifest: Manifest, stores: StoreSettings
) -> tuple[ChunkFile, DenseIndex, LexicalIndex]:
    """Opens what a search needs, after comparing hashes.

    Raises:
        UserError: A file is missing, foreign or damaged.
    """
    generation = folder / manifest.generation
    _check(generation, {name: each for name, each in manifest.files.items() if name not in _ONLY_FOR_UPDATES})
    store = STORES[manifest.store].load(generation, stores)
    return (
        ChunkFile(generation),
        DenseIndex(store, load_array(generation / _SENTENCES)),
        LexicalIndex.load(generation / _LEXICAL, manifest.stop_words),
    )


def known_vectors(folder: Path, manifest: Manifest, stores: StoreSettings) -> dict[bytes, Vectors]:
    """The vectors of a generation by the key of their text, so that they need not be made again.

    Raises:
        UserError: A file is missing, foreign or damaged.
    """
    generation = folder / manifest.generation
    _check(generation, manifest.files)
    keys = load_array(generation / _KEYS)
    vectors = STORES[manifest.store].load(generation, stores).vectors()
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


def read_files(folder: Path, manifest: Manifest) -> Iterator[ReadFile]:
    """What each file gave when this generation was made.

    Raises:
        UserError: The file of the generation is missing or damaged.
    """
    generation = folder / manifest.generation
    _check(generation, {_FILES: manifest.files[_FILES]})
    with (generation / _FILES).open(encoding="utf-8", newline="\n") as lines:
        yield from map(from_line, lines)


def read_signatures(folder: Path, manifest: Manifest) -> Signatures:
    """The signatures of documents, by the hash of their text.

    Raises:
        UserError: A file of the generation is missing or damaged.
    """
    generation = folder / manifest.generation
    _check(generation, {name: manifest.files[name] for name in (_SIGNATURES, _SIGNED)})
    keys, signatures = load_array(generation / _SIGNED), load_array(generation / _SIGNATURES)
    return {key.tobytes(): signature for key, signature in zip(keys, signatures, strict=True)}


def _save_signatures(generation: Path, signatures: Signatures) -> None:
    # Short texts have none, which costs nothing to find out again.
    signed = {key: signature for key, signature in signatures.items() if len(signature)}
    save_array(generation / _SIGNED, np.array([list(key) for key in signed], dtype=np.uint8))
    save_array(generation / _SIGNATURES, np.array(list(signed.values()), dtype=np.uint64))


def remove_generations(folder: Path, keep: str, stores: StoreSettings) -> None:
    """Removes every generation but one; what cannot be removed now goes with the next build."""
    for generation in generations(folder):
        if generation.name != keep:
            remove_generation(generation, stores)


def remove_generation(generation: Path, stores: StoreSettings) -> None:
    """Removes one generation, whole or not; what cannot be removed now goes with the next build."""
    if not generation.is_dir() or generation.is_symlink():
        generation.unlink(missing_ok=True)
        return
    if kept := discard(generation, stores):
        for path in generation.iterdir():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name not in kept:
                path.unlink(missing_ok=True)
    else:
        shutil.rmtree(generation, ignore_errors=True)


def _check(generation: Path, hashes: dict[str, str]) -> None:
    for name, expected in hashes.items():
        file = generation / name
        if _sha256(file) != expected:
            raise UserError(
                f"{file} is missing or damaged", f"build the index again: {command_line('index --rebuild')}"
            )


def _sha256(file: Path) -> str | None:
    try:
        return sha256_of(file) if file.is_file() else None
    except OSError:
        # Not readable, or gone since: another process may have published a newer generation.
        return None


def _files(generation: Path) -> list[Path]:
    return sorted(file for file in generation.rglob("*") if file.is_file())


def _flush(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())
