"""The metrics of a project: one line of JSON for each thing that happened, added at the end of one file."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ...project_base import event_log
from ...project_base.errors import UserError
from ...registry.records import now

SCHEMA = "metrics/1"
_LOOKED_AT = 1 << 20
"""Bytes at the end of the file among which `last_events` looks."""


def add_event(file: Path, event: str, figures: Mapping[str, object]) -> None:
    """Adds one line, flushed to disk; what stands in the file already is never touched.

    Args:
        file: It is made where there is none.
        event: What happened: `replay`, `train`, `monitor`, `retrain`.
        figures: JSON values, by name; NaN is not among them.

    Raises:
        UserError: The path is no plain file.
        OSError: No permission or no space.
        ValueError: A value is no JSON.
    """
    if file.exists() and not file.is_file():
        raise UserError(f"{file} is no plain file", "set retraining.metrics_file to another path")
    event_log.add_event(file, {"schema": SCHEMA, "when": now(), "event": event, **figures})


def read_events(file: Path) -> Iterator[dict[str, object]]:
    """The events of a file, oldest first; lines that are none are passed over.

    Raises:
        OSError: The file cannot be read; where there is none, there are no events.
    """
    return (event for event in event_log.read_events(file, SCHEMA) if "event" in event)


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
    told = event_log.event_of(line, SCHEMA)
    return told if told is not None and "event" in told else None
