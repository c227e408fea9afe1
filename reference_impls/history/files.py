"""The files that a history lies in: one, several that a pattern names, or those of a folder in natural order."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..project_base.errors import UserError

JSON_LINES = (".jsonl", ".ndjson")
PARQUET = (".parquet", ".pq")
TABLES = (".csv", ".tsv", ".tab", ".dat", ".data")
_PLAIN = ".txt"
_OTHER = {".xlsx", ".xls", ".ods", ".gz", ".zip", ".bz2", ".xz", ".zst", ".pdf", ".docx", ".feather", ".db", ".sqlite"}
NEXT_STEP = f"give a file ({', '.join((*TABLES, *JSON_LINES, *PARQUET))}), or a folder of such files"
_DATE = re.compile(r"(?<!\d)(\d{4})[-_.]?(0[1-9]|1[0-2])(?:[-_.]?(0[1-9]|[12]\d|3[01]))?(?!\d)")


def files_of(path: Path) -> list[Path]:
    """The data files of a path, in natural order (batch2 before batch10).

    Args:
        path: A file, a folder, or a pattern for the names in a folder (`data/batch*.dat`).

    Raises:
        UserError: Nothing is there that could be read, or a folder holds files of several formats.
    """
    if path.is_dir():
        return _of_folder(path)
    if any(character in path.name for character in "*?") and path.parent.is_dir() and not path.exists():
        found = sorted((file for file in path.parent.glob(path.name) if file.is_file()), key=natural)
        if not found:
            raise UserError(f"no file fits {path}", NEXT_STEP)
        return found
    if not path.exists():
        raise UserError(f"{path} does not exist", NEXT_STEP)
    suffix = path.suffix.lower()
    if suffix == ".json":
        raise UserError(f"{path}: one JSON document cannot be read row by row", "save it as JSON lines (.jsonl)")
    if not path.is_file() or suffix in _OTHER:
        raise UserError(f"{path}: {suffix or 'what stands there'} cannot be read", NEXT_STEP)
    return [path]


def _of_folder(folder: Path) -> list[Path]:
    try:
        entries = [entry for entry in folder.iterdir() if entry.is_file() and not entry.name.startswith(".")]
    except OSError as error:
        raise UserError(f"{folder} cannot be listed: {error.strerror}", "change the permissions") from error
    by_format: dict[str, list[Path]] = {}
    for entry in entries:
        suffix = entry.suffix.lower()
        kind = next((kinds[0] for kinds in (TABLES, JSON_LINES, PARQUET) if suffix in kinds), None)
        if kind:
            by_format.setdefault(kind, []).append(entry)
    if not by_format:
        # A text file beside tables tells about them; alone it may be a table itself.
        by_format = {_PLAIN: texts} if (texts := [e for e in entries if e.suffix.lower() == _PLAIN]) else {}
    if not by_format:
        raise UserError(f"{folder} holds no data files", NEXT_STEP)
    if len(by_format) > 1:
        examples = ", ".join(sorted(files[0].name for files in by_format.values()))
        raise UserError(
            f"{folder} holds files of several formats ({examples})",
            "leave those of one format there, or give a pattern, for example data/*.csv",
        )
    return sorted(next(iter(by_format.values())), key=natural)


def natural(path: Path) -> tuple[tuple[bool, int, str], ...]:
    """Orders names as people do: the numbers in them by their value."""
    parts = re.split(r"(\d+)", path.name.casefold())
    return tuple((part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts)


@dataclass(frozen=True)
class FileMoments:
    """The moment that each file of a folder stands for.

    Attributes:
        ordering: What the numbers count: `batch`, `file`; empty for dates.
        values: One for each file, ascending.
        dates: Whether the values are seconds since 1970 (UTC).
        told: How they were found, in a sentence.
    """

    ordering: str
    values: tuple[float, ...]
    dates: bool
    told: str


def moments_of(files: Sequence[Path]) -> FileMoments:
    """The moments of files in natural order: dates in their names, the one number that differs, or 1, 2, 3.

    Args:
        files: At least two, in natural order.
    """
    stems = [file.stem for file in files]
    dates = [_date_in(stem) for stem in stems]
    known = [date for date in dates if date is not None]
    if len(known) == len(files) and known == sorted(set(known)):
        return FileMoments("", tuple(known), True, "each file is one moment: the date in its name")
    split = [re.split(r"(\d+)", stem) for stem in stems]
    if len({len(parts) for parts in split}) == 1:
        differing = [place for place, parts in enumerate(zip(*split, strict=True)) if len(set(parts)) > 1]
        if len(differing) == 1 and all(parts[differing[0]].isdecimal() for parts in split):
            numbers = [float(parts[differing[0]]) for parts in split]
            if numbers == sorted(set(numbers)):
                name = re.sub(r"[\W_]+", " ", split[0][differing[0] - 1]).strip() or "file"
                return FileMoments(name, tuple(numbers), False, f"each file is one moment: its number ({name})")
    counted = tuple(float(number) for number in range(1, len(files) + 1))
    return FileMoments("file", counted, False, "each file is one moment, in the order of the names")


def _date_in(stem: str) -> float | None:
    found = _DATE.search(stem)
    if found is None:
        return None
    year, month, day = int(found.group(1)), int(found.group(2)), int(found.group(3) or 1)
    if not 1900 <= year <= 2100:
        return None
    try:
        return datetime.fromisoformat(f"{year:04}-{month:02}-{day:02}T00:00:00+00:00").timestamp()
    except ValueError:
        return None
