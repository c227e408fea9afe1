"""Files of events: one line of JSON each, added at the end, so that nothing that was said is ever lost."""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def opened(file: Path) -> Iterator[int]:
    """The descriptor of a file for `append`; the file is made where there is none, with its folder.

    Raises:
        OSError: No permission, or no plain file.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def append(descriptor: int, event: Mapping[str, object]) -> None:
    """Adds one line, flushed to disk; what stands in the file already is never touched.

    A line is written by one call of the system, so that lines of two processes do not mix. Where a killed process or a
    full disk left half a line, the new one begins on a line of its own, and readers pass over the half.

    Args:
        descriptor: Of `opened`.
        event: JSON values by name, `schema` among them; NaN is not.

    Raises:
        OSError: No space.
        ValueError: A value is no JSON.
    """
    _append_line(descriptor, _line(event))


def add_event(file: Path, event: Mapping[str, object]) -> None:
    """`append` to a file that is opened for it.

    Raises:
        OSError: No permission or no space.
        ValueError: A value is no JSON.
    """
    line = _line(event)
    with opened(file) as descriptor:
        _append_line(descriptor, line)


def event_of(line: bytes, schema: str) -> dict[str, Any] | None:
    """The event on a line; None where the line holds none of this schema."""
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) and told.get("schema") == schema else None


def read_events(file: Path, schema: str) -> Iterator[dict[str, Any]]:
    """The events of a file, oldest first; lines that are none are passed over.

    Raises:
        OSError: The file cannot be read; where there is none, there are no events.
    """
    try:
        with file.open("rb") as stream:
            for line in stream:
                if (event := event_of(line, schema)) is not None:
                    yield event
    except FileNotFoundError:
        return


def _line(event: Mapping[str, object]) -> bytes:
    line = json.dumps(event, ensure_ascii=False, allow_nan=False)
    if not line.isascii():
        # Half a surrogate pair, which models do write, is no UTF-8; escaped it comes back as it was.
        line = "".join(f"\\u{ord(each):04x}" if "\ud800" <= each <= "\udfff" else each for each in line)
    return line.encode() + b"\n"


def _append_line(descriptor: int, line: bytes) -> None:
    size = os.fstat(descriptor).st_size
    if size:
        os.lseek(descriptor, size - 1, os.SEEK_SET)
        if os.read(descriptor, 1) != b"\n":
            line = b"\n" + line
    if os.write(descriptor, line) < len(line):
        # What is left of the line is no JSON, which readers expect.
        raise OSError(errno.ENOSPC, "not all of a line could be written")
    os.fsync(descriptor)
