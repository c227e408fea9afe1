"""The different values of a column: each is looked at once, however many rows hold it."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from numpy.typing import NDArray

_NUMBERS = {int, float, type(None)}


@dataclass(frozen=True)
class Distinct:
    """A column of texts.

    Attributes:
        codes: [n] int64 into `texts`; -1 where the value is missing.
        texts: The different texts, without spaces around them.
    """

    codes: NDArray[np.int64]
    texts: tuple[str, ...]

    def spread(self, values: NDArray[Any], missing: object) -> NDArray[Any]:
        """[n] The value of each row, from one for each different text."""
        # The code -1 of missing cells leads to the last place.
        filled: NDArray[Any] = np.concatenate([values, np.array([missing], dtype=values.dtype)])[self.codes]
        return filled

    def objects(self) -> NDArray[Any]:
        """[n] object: the text of each row, None where it is missing."""
        texts = np.empty(len(self.texts), dtype=object)
        texts[:] = self.texts
        return self.spread(texts, None)

    def counts(self) -> NDArray[np.int64]:
        """How many rows hold each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts)).astype(np.int64)

    def rows_of(self, texts: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Positions, ascending, of the rows whose text is marked."""
        return np.flatnonzero(np.append(texts, False)[self.codes])


def numbers_or_texts(cells: NDArray[Any]) -> NDArray[Any]:
    """The cells as float64 where all are numbers or missing, else as object (str or None)."""
    if cells.dtype == np.float64:
        return cells
    kinds = set(map(type, cells.tolist()))
    if kinds <= _NUMBERS and kinds != {type(None)}:
        try:
            return cells.astype(np.float64)
        except OverflowError:
            return np.array([_number(cell) for cell in cells.tolist()], dtype=np.float64)
    if kinds <= {str, type(None)}:
        return cells
    texts = np.empty(len(cells), dtype=object)
    texts[:] = [as_text(cell) for cell in cells.tolist()]
    return texts


def _number(cell: float | None) -> float:
    """A number, or NaN for what is missing; a whole number that is too large for a float64 is infinite, as 1e400 is."""
    if cell is None:
        return np.nan
    try:
        return float(cell)
    except OverflowError:
        return np.inf if cell > 0 else -np.inf


def as_text(cell: object) -> str | None:
    """A value as people write it: 3 rather than 3.0, true rather than True; None for what is missing."""
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return None if np.isnan(cell) else f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    return str(cell)


def distinct(cells: NDArray[Any], missing: Set[str]) -> Distinct:
    """Groups the equal texts of a column.

    Args:
        cells: [n] object: str or None; or float64.
        missing: What means no value beside empty cells, in lower case.
    """
    if cells.dtype == np.float64:
        codes, found = pd.factorize(cells)
        return Distinct(codes.astype(np.int64), tuple(str(as_text(float(value))) for value in found))
    codes, found = pd.factorize(cells)
    stripped = list(map(str.strip, found.tolist()))
    plain = set(stripped)
    if len(plain) == len(stripped) and "" not in plain and missing.isdisjoint(map(str.casefold, stripped)):
        return Distinct(codes.astype(np.int64), tuple(stripped))
    kept: dict[str, int] = {}
    place = np.full(len(stripped) + 1, -1, dtype=np.int64)
    for number, text in enumerate(stripped):
        if text and text.casefold() not in missing:
            place[number] = kept.setdefault(text, len(kept))
    return Distinct(place[codes], tuple(kept))
