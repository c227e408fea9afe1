"""Chunks on disk, one JSON object a line, read one by one: opening an index must not cost more with its size."""

import json
import mmap
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import overload

import numpy as np

from ..corpus.chunking import Chunk
from ..project_base.files import write_bytes
from .arrays import damaged, load_array, save_array

CHUNKS = "chunks.jsonl"
_OFFSETS = "chunks.npy"
_TUPLES = ("headings", "blocks")


class ChunkFile(Sequence[Chunk]):
    """The chunks of one generation, by position.

    Args:
        folder: Of the generation.

    Raises:
        UserError: A file is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._offsets = load_array(folder / _OFFSETS)
        try:
            with (folder / CHUNKS).open("rb") as stream:
                self._lines = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise damaged(folder / CHUNKS, error) from error

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, position: int) -> Chunk: ...
    @overload
    def __getitem__(self, position: slice) -> list[Chunk]: ...
    def __getitem__(self, position: int | slice) -> Chunk | list[Chunk]:
        """The chunk at a position, or those of a slice."""
        if isinstance(position, slice):
            return [self[each] for each in range(*position.indices(len(self)))]
        if not 0 <= position < len(self):
            raise IndexError(position)
        record = json.loads(self._lines[self._offsets[position] : self._offsets[position + 1]])
        # JSON has lists where a chunk has tuples.
        return Chunk(**record | {name: tuple(record[name]) for name in _TUPLES})


def write_chunks(folder: Path, chunks: Iterable[Chunk]) -> None:
    """Writes chunks in order, and where each of them begins."""
    lines = [json.dumps(vars(chunk), ensure_ascii=False).encode() + b"\n" for chunk in chunks]
    write_bytes(folder / CHUNKS, b"".join(lines))
    save_array(folder / _OFFSETS, np.cumsum([0, *map(len, lines)], dtype=np.int64))
