"""What tells one training from another: the rows that were learnt, and the code that learnt them."""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...history.base import History
from ...project_base.rooms import rooms_needed

_PACKAGE = Path(__file__).parents[2]
_LEARNING = ("predictors", "replay", "retraining")
"""The rooms whose code decides what a model learns, beside those that make features."""


def rows_digest(history: History) -> str:
    """sha256 over the values of rows in their order: features with their kinds, moments, labels."""
    digest = hashlib.sha256()

    def add(part: bytes) -> None:
        digest.update(len(part).to_bytes(8, "little") + part)

    add(f"{history.task} {history.clock}".encode())
    for name, kind in history.kinds.items():
        add(f"{kind} {name}".encode("utf-8", "surrogatepass"))
        add(_bytes(history.features[name].to_numpy()))
    for values in (history.time, history.known, history.target):
        add(_bytes(values))
    return digest.hexdigest()


def _bytes(values: NDArray[Any]) -> bytes:
    if values.dtype == np.float64:
        # Whatever bits a missing number has, it is one value.
        return np.where(np.isnan(values), np.nan, values + 0.0).tobytes()
    return b"".join(
        b"-" if value is None else b"%d:" % len(text) + text
        for value in values.tolist()
        for text in (str(value).encode("utf-8", "surrogatepass"),)
    )


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Twelve digits over the code of the rooms that train, as it is when this is first asked."""
    digest = hashlib.sha256()
    for room in sorted({*_LEARNING, *rooms_needed("predictors")}):
        for file in sorted((_PACKAGE / room).rglob("*.py")):
            if "tests" not in file.parts:
                digest.update(file.relative_to(_PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
