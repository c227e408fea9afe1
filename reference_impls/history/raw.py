"""What every format hands over: the cells of one file as they stand in it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ..project_base.errors import UserError
from ..texts.encodings import Undecodable, decode
from .faults import Fault
from .settings import Settings

_LARGEST = 4_000_000_000


@dataclass(frozen=True)
class Raw:
    """The rows of one file.

    Attributes:
        columns: [n] cells each: float64 (NaN missing), or object: str, int, float, bool or None.
        lines: [n] The line at which each row begins, from 1.
        faults: Lines that gave no row.
        notes: What was decided while reading.
        headed: Whether the names of the columns stand in the file.
    """

    columns: dict[str, NDArray[Any]]
    lines: list[int]
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    headed: bool = True


def text_of(path: Path, settings: Settings) -> str:
    """The text of a file, in whatever encoding it shows to have.

    Raises:
        UserError: It cannot be read, is no text, or holds nothing.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise UserError(
                f"{path} has {path.stat().st_size / 1e9:.1f} GB, more than can be held in memory as text",
                "save it as parquet, or give the newer part of it",
            )
        content = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}", "give a file that can be read") from error
    try:
        text = decode(content, settings.encoding, "history.encoding")
    except Undecodable as reason:
        raise UserError(f"{path}: {reason}", "save it as UTF-8 text, or give another file") from reason
    if not text.strip():
        raise UserError(f"{path} is empty", "give a file with at least one row")
    return text
