"""Which texts a version was trained on, as hashes: a version that learnt from a test row is not judged by it."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from ...labelled_data.base import Example
from ...project_base.files import write_text
from ...texts.words import words_of

SEEN = "trained_on.txt"
_DIGITS = 16


def hash_of(example: Example) -> str:
    """Sixteen digits of a sha256 over the words of a text, or of all turns of a conversation; case does not count."""
    texts = [turn.text for turn in example.turns] or [example.text]
    words = "\n".join(" ".join(words_of(text)) or text.strip() for text in texts)
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def keep_seen(folder: Path, examples: Iterable[Example]) -> None:
    """Writes into the folder of a version what it was trained on: one hash a line, sorted.

    Raises:
        OSError: No permission or no space; a former file stands then.
    """
    hashes = sorted({hash_of(example) for example in examples})
    write_text(folder / SEEN, "".join(f"{each}\n" for each in hashes))


def read_seen(folder: Path) -> frozenset[str] | None:
    """The hashes of a version, or None where nobody wrote them or the file cannot be read."""
    try:
        return frozenset((folder / SEEN).read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return None
