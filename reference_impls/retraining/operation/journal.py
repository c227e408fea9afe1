"""The metrics of a project: one line of JSON for each thing that happened, added at the end of one file."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...project_base.errors import UserError
from ...registry.records import now

SCHEMA = "metrics/1"
_LOOKED_AT = 1 << 20
"""Bytes at the end of the file among which `last_events` looks."""


def add_event(file: Path, event: str, figures: Mapping[str, object]) -> None:
    """Adds one line, flushed to disk; what stands in the file already is never touched.

    A line is written by one call of the system, so that lines of two processes do not mix. Where a killed process or a
    full disk left half a line, the new one begins on a line of its own, and readers pass over the half.

    Args:
        file: It is made where there is none.
        event: What happened: `replay`, `train`, `monitor`, `retrain`.
        figures: JSON values, by name; NaN is not among them.

    Raises:
        UserError: The path is no plain file.
        OSError: No permission or no space.
        ValueError: A value is no JSON.
    """
    told = {"schema": SCHEMA, "when": now(), "event": event, **figures}
    line = json.dumps(told, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"
    if file.exists() and not file.is_file():
        raise UserError(f"{file} is no plain file", "set retraining.metrics_file to another path")
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        size = os.fstat(descriptor).st_size
        if size:
            os.lseek(descriptor, size - 1, os.SEEK_SET)
            if os.read(descriptor, 1) != b"\n":
                line = b"\n" + line
        if os.write(descriptor, line) < len(line):
            # What is left of the line is no JSON, which readers expect.
            raise OSError(28, "not all of a line could be written", str(file))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_events(file: Path) -> Iterator[dict[str, object]]:
    """The events of a file, oldest first; lines that are none are passed over.

    Raises:
        OSError: The file cannot be read; where there is none, there are no events.
    """
    try:
        with file.open("rb") as stream:
            for line in stream:
                if event := _event(line):
                    yield event
    except FileNotFoundError:
        return


def last_events(file: Path) -> dict[str, dict[str, object]]:
    """The latest event of each name, among those of the last mebibyte.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        with file.open("rb") as stream:
            stream.seek(max(0, os.fstat(stream.fileno()).st_size - _LOOKED_AT))
            lines = stream.read().split(b"\n")
    except FileNotFoundError:
        return {}
    return {str(event["event"]): event for line in lines if (event := _event(line))}


def _event(line: bytes) -> dict[str, object] | None:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and told.get("schema") == SCHEMA and "event" in told else None
