"""Which documents a version was trained on, as hashes: it is judged by none of them."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from ..texts.words import words_of

SEEN = "trained_on.txt"
_DIGITS = 16


def hash_of(text: str) -> str:
    """Sixteen digits of a sha256 over the words of a document; case and white space do not count."""
    words = " ".join(words_of(text)) or text.strip()
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


def write_seen(folder: Path, texts: Iterable[str]) -> None:
    """Writes one hash a line, sorted, among the files of a model."""
    (folder / SEEN).write_text("".join(f"{each}\n" for each in sorted(map(hash_of, texts))), encoding="ascii")


def read_seen(folder: Path) -> frozenset[str] | None:
    """The hashes of a version, or None where it does not tell."""
    try:
        return frozenset((folder / SEEN).read_text(encoding="ascii").split())
    except (OSError, ValueError):
        return None
