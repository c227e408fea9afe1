"""Where the results of `evaluate` stand: one file for each pattern and version."""

import re
from pathlib import Path

from ..project_base.files import write_text
from .evaluation import TwoByTwo, read_table
from .patterns import PatternName

_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


def result_file(folder: Path, pattern: PatternName, version: str) -> Path:
    """The file of a result; a version that is in no registry has the name `untuned`."""
    return folder / f"{pattern}-{_UNSAFE.sub('_', version) or 'untuned'}.json"


def write_result(folder: Path, found: TwoByTwo) -> Path:
    """Writes a result.

    Raises:
        OSError: No permission or no space; a former file stands then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = result_file(folder, found.pattern, found.version)
    write_text(file, found.to_json())
    return file


def known_result(folder: Path, pattern: PatternName, version: str) -> TwoByTwo | None:
    """The result of a version; None where it was not evaluated.

    Raises:
        UserError: The file is damaged.
    """
    file = result_file(folder, pattern, version)
    return read_table(file) if file.is_file() else None
