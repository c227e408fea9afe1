"""Which files a path stands for, and their rows; a folder may hold one sub-folder for each label."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from ..project_base.errors import UserError
from ..texts.encodings import Undecodable, decode
from .base import Task
from .rows import SUFFIXES, Row, read_rows
from .settings import Settings

_TEXT_SUFFIX = ".txt"
_BYTES_IN_CHARACTER = 4
_TABLES = tuple(suffix for suffix in SUFFIXES if suffix != _TEXT_SUFFIX)
NEXT_STEP = f"give a file ({', '.join(_TABLES)}), or a folder with such files or with one sub-folder of texts a label"


def rows_of(path: Path, task: Task, settings: Settings) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yields each file with its rows, in alphabetical order; for folders of texts, one file and row a text.

    Args:
        path: A file or a folder.
        task: Sub-folders for labels are read for classification alone.
        settings: Header, delimiter, quotes and encoding.

    Raises:
        UserError: Nothing is there that could be read.
    """
    if path.is_dir():
        yield from _folder(path, task, settings)
        return
    if not path.exists():
        raise UserError(f"{path} does not exist", NEXT_STEP)
    _refuse_other_kinds(path)
    yield path.name, read_rows(path, path.name, settings)


def _refuse_other_kinds(path: Path) -> None:
    if not path.is_file():
        raise UserError(f"{path} is no plain file", NEXT_STEP)
    suffix = path.suffix.lower()
    if suffix == ".json":
        raise UserError(f"{path}: one JSON document cannot be read row by row", "save it as JSON lines (.jsonl)")
    if suffix in {".xlsx", ".xls", ".ods", ".parquet", ".gz", ".zip", ".bz2", ".xz", ".zst", ".pdf", ".docx"}:
        raise UserError(f"{path}: {suffix} files cannot be read", NEXT_STEP)


def _folder(folder: Path, task: Task, settings: Settings) -> Iterator[tuple[str, Iterator[Row]]]:
    entries = _listed(folder)
    tables = [entry for entry in entries if entry.is_file() and entry.suffix.lower() in _TABLES]
    labels = [entry for entry in entries if entry.is_dir() and not entry.is_symlink()]
    texts = [(label, file) for label in labels for file in _texts_below(label)]
    if tables and texts:
        raise UserError(
            f"{folder} holds both tables ({tables[0].name}) and sub-folders of texts ({texts[0][0].name})",
            "leave only one of the two there",
        )
    if tables:
        for table in tables:
            yield table.name, read_rows(table, table.name, settings)
        return
    loose = [entry for entry in entries if entry.is_file() and entry.suffix.lower() == _TEXT_SUFFIX]
    if texts and task != "classification":
        raise UserError(f"{folder}: sub-folders hold labels, which {task} does not use", "give a .jsonl file")
    if not texts and not loose:
        raise UserError(f"{folder} holds no examples", NEXT_STEP)
    if texts and loose:
        raise UserError(f"{loose[0]} stands beside the sub-folders, and so has no label", "move it into one of them")
    with_labels: list[tuple[Path | None, Path]] = [*texts, *((None, file) for file in loose)]
    for label, file in with_labels:
        name = file.relative_to(folder).as_posix()
        yield name, iter((_text_file(file, name, label, settings),))


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    except OSError as error:
        raise UserError(f"{folder} cannot be listed: {error.strerror}", "change the permissions") from error


def _texts_below(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise UserError(f"{error.filename} cannot be listed: {error.strerror}", "change the permissions") from error

    found = []
    for root, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [
            Path(root, name) for name in names if name.lower().endswith(_TEXT_SUFFIX) and not name.startswith(".")
        ]
    return sorted(found)


def _text_file(file: Path, name: str, label: Path | None, settings: Settings) -> Row:
    values: dict[str, object] = {} if label is None else {settings.label or "label": label.name}
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            return Row(name, {}, "no plain file")
        if status.st_size > _BYTES_IN_CHARACTER * settings.largest_text:
            limit = f"{settings.largest_text:,} characters (labelled_data.largest_text)"
            return Row(name, {}, f"{status.st_size / 1e6:.1f} MB, more than {limit}")
        text = decode(file.read_bytes(), settings.encoding, "labelled_data.encoding")
    except OSError as error:
        return Row(name, {}, f"cannot be read: {error.strerror}")
    except Undecodable as reason:
        return Row(name, {}, str(reason))
    if "\0" in text:
        return Row(name, {}, "holds a zero byte")
    return Row(name, {settings.text or "text": text} | values)
