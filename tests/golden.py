"""Golden documents: what a command prints, kept and compared. `make golden` writes them anew."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["compare", "rebaselining"]

FOLDER = Path(__file__).parent / "golden"


def rebaselining() -> bool:
    """Whether this run writes the golden documents instead of comparing."""
    return os.environ.get("ADVISOR_REBASELINE") == "1"


def compare(name: str, text: str) -> None:
    """Compares `text` with the golden document of that name."""
    path = FOLDER / name
    if rebaselining():
        path.write_text(text)
    assert text == path.read_text(), f"{path} differs; if the change is meant: make golden, then read the diff"
