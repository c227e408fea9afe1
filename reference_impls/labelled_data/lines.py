"""Reads a text file line by line, however large it is, and tells which lines are no text."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..project_base.errors import UserError
from ..texts.encodings import Undecodable, decode

_HEAD = 65_536
_LONGEST_LINE = 32_000_000
_MOSTLY_ZEROS = 0.05
_WIDE_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
"""UTF-32 comes first: its little-endian mark begins with that of UTF-16."""


@dataclass(frozen=True)
class Line:
    """One line of a file.

    Attributes:
        number: Counted from 1.
        text: With its line end; where there is a fault, what could be read of it.
        fault: Why it cannot be used; empty where it can.
        encoding: In which it was read.
    """

    number: int
    text: str
    fault: str = ""
    encoding: str = "utf-8"


def read_lines(path: Path, fallback: str) -> Iterator[Line]:
    """Yields the lines of a file; only the present one is in memory.

    A byte-order mark is obeyed; else each line is read as UTF-8, and as `fallback` where it is not.

    Args:
        path: The file.
        fallback: Of the setting labelled_data.encoding.

    Raises:
        UserError: The file cannot be opened, or is no text at all.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        raise UserError(
            f"{path} cannot be read: {error.strerror}", "give the path of a file that can be read"
        ) from error
    encoding = _wide_encoding(path, head, fallback)
    if encoding is not None:
        yield from _wide_lines(path, encoding)
        return
    # Bytes that are no UTF-8 survive as half surrogates, from which the line can be read again.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        number = 0
        while line := text.readline(_LONGEST_LINE):
            number += 1
            if len(line) == _LONGEST_LINE and not line.endswith(("\n", "\r")):
                while (rest := text.readline(_LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
                    pass
                yield Line(number, line[:100], f"longer than {_LONGEST_LINE:,} characters")
            else:
                yield _checked(number, line, fallback)


def _wide_encoding(path: Path, head: bytes, fallback: str) -> str | None:
    """The encoding of a file whose characters take two or four bytes each, or None for any other."""
    for mark, encoding in _WIDE_MARKS.items():
        if head.startswith(mark):
            return encoding
    if head.count(0) <= _MOSTLY_ZEROS * len(head):
        return None
    if codecs.lookup(fallback).name.startswith(("utf-16", "utf-32")):
        return fallback
    try:
        decode(head[: len(head) // 4 * 4], "utf-8", "labelled_data.encoding")
    except Undecodable as reason:
        raise UserError(f"{path}: {reason}", "save it as UTF-8 text, or give another file") from reason
    return None


def _wide_lines(path: Path, encoding: str) -> Iterator[Line]:
    with path.open(encoding=encoding, newline="") as text:
        number = 0
        try:
            while line := text.readline(_LONGEST_LINE):
                number += 1
                yield Line(number, line, "holds a zero byte" if "\0" in line else "", encoding)
        except UnicodeError as error:
            raise UserError(
                f"{path}: no longer {encoding} after line {number} ({error})", "save the file as UTF-8"
            ) from error


def _checked(number: int, line: str, fallback: str) -> Line:
    if "\0" in line:
        return Line(number, line.replace("\0", " "), "holds a zero byte")
    # Only what decoding left behind is a half surrogate here, and the test for ASCII takes no time.
    if line.isascii() or not any("\udc80" <= character <= "\udcff" for character in line):
        return Line(number, line)
    raw = line.encode("utf-8", "surrogateescape")
    shown = raw.decode("utf-8", "replace")
    if codecs.lookup(fallback).name == "utf-8":
        hint = "save the file as UTF-8, or set labelled_data.encoding, for example to cp1252"
        return Line(number, shown, f"not UTF-8; {hint}")
    try:
        return Line(number, raw.decode(fallback), encoding=fallback)
    except UnicodeDecodeError:
        return Line(number, shown, f"neither UTF-8 nor {fallback} (labelled_data.encoding)")
