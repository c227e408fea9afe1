"""The log of a run: one JSON object a line in training.jsonl, which goes on where the run goes on."""

import json
from pathlib import Path

from ..project_base.files import write_text

LOG = "training.jsonl"


class Log:
    """Appends to the log of a run."""

    def __init__(self, folder: Path, step: int) -> None:
        """Opens it; lines that a killed run wrote after this step are dropped, since they come again."""
        self._path = folder / LOG
        kept = [line for line in _lines(self._path) if 0 < _step(line) <= step]
        write_text(self._path, "".join(f"{line}\n" for line in kept))

    def add(self, **values: float | int | None) -> None:
        """Appends a line."""
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(values) + "\n")


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.is_file() else []


def _step(line: str) -> int:
    """The step of a line; 0 for one that was cut off."""
    try:
        return int(json.loads(line)["step"])
    except (ValueError, LookupError, TypeError):
        return 0
