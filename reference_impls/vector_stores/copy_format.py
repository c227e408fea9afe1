"""Vectors in the binary format of PostgreSQL's COPY: nothing is rounded, and nothing is parsed number by number.

https://www.postgresql.org/docs/current/sql-copy.html: a row is the number of its fields, and each field with its
length, all big-endian. A vector is its dimension, two unused bytes and its numbers.
"""

from collections.abc import Iterator

import numpy as np

from .base import Vectors

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_BLOCK_ROWS = 4_096


def write_rows(vectors: Vectors) -> Iterator[bytes]:
    """The content of COPY ... FROM STDIN for the columns position (from 0) and embedding, float32 [n, dimension]."""
    rows, dimension = vectors.shape
    yield _HEADER
    for start in range(0, rows, _BLOCK_ROWS):
        block = vectors[start : start + _BLOCK_ROWS]
        records = np.zeros(len(block), dtype=_record(dimension, position=True))
        records["fields"] = 2
        records["position_bytes"] = 4
        records["position"] = np.arange(start, start + len(block))
        records["vector_bytes"] = 4 + 4 * dimension
        records["dimension"] = dimension
        records["values"] = block
        yield records.tobytes()
    yield _TRAILER


def read_rows(content: bytes, dimension: int) -> Vectors:
    """The vectors in the content of COPY ... TO STDOUT for the column embedding: float32 [n, dimension]."""
    records = np.frombuffer(content[len(_HEADER) : -len(_TRAILER)], _record(dimension, position=False))
    return np.ascontiguousarray(records["values"], dtype=np.float32)


def _record(dimension: int, position: bool) -> np.dtype[np.void]:
    place = [("position_bytes", ">i4"), ("position", ">i4")] if position else []
    vector = [("vector_bytes", ">i4"), ("dimension", ">i2"), ("unused", ">i2"), ("values", ">f4", (dimension,))]
    return np.dtype([("fields", ">i2"), *place, *vector])
