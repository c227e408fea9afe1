"""Which chunks take part in a search: what the reader may see, and what has the metadata that is asked for."""

import difflib
import threading
from collections.abc import Sequence

import numpy as np

from ..project_base.errors import QuestionError
from ..vector_stores.base import Mask
from .access import Filters, Reader
from .manifest import IndexedDocument

_REMEMBERED = 64
_NAME_SHOWN = 100


class Visibility:
    """The rights and the metadata of an index, by chunk.

    Args:
        documents: The indexed documents, in the order of their chunks.
    """

    def __init__(self, documents: Sequence[IndexedDocument]) -> None:
        self._documents = documents
        self._chunks = np.array([document.chunks for document in documents], dtype=np.int64)
        self._guard = threading.Lock()
        self._masks: dict[tuple[Reader | None, tuple[tuple[str, str], ...]], Mask | None] = {}

    def mask(self, reader: Reader | None, where: Filters) -> Mask | None:
        """What takes part.

        Args:
            reader: Who asks; None is the owner of the index, who sees everything.
            where: Metadata that a document must have, by name; compared as text, without regard to case.

        Returns:
            bool [chunks]; None where every chunk takes part.

        Raises:
            QuestionError: No document that the reader may see has metadata of such a name.
        """
        key = (reader, tuple(sorted(where.items())))
        # The threads of a server share an index; unguarded, one could drop what another is about to return.
        with self._guard:
            if key not in self._masks:
                if len(self._masks) >= _REMEMBERED:
                    self._masks.pop(next(iter(self._masks)))
                self._masks[key] = self._mask(reader, where)
            return self._masks[key]

    def without(self, paths: frozenset[str]) -> Mask:
        """Every chunk but those of these documents, bool [chunks]."""
        return self._by_chunk([document.path not in paths for document in self._documents])

    def _mask(self, reader: Reader | None, where: Filters) -> Mask | None:
        seen = [reader is None or reader.may_read(each.readers, each.tenant) for each in self._documents]
        if where:
            self._check_names([each for each, may in zip(self._documents, seen, strict=True) if may], where)
            seen = [may and _has(each, where) for each, may in zip(self._documents, seen, strict=True)]
        return None if all(seen) else self._by_chunk(seen)

    def _by_chunk(self, documents: list[bool]) -> Mask:
        return np.repeat(np.array(documents, dtype=np.bool_), self._chunks)

    @staticmethod
    def _check_names(seen: list[IndexedDocument], where: Filters) -> None:
        # Only names in documents that the reader sees are told: others would give hidden documents away.
        known = sorted({name for document in seen for name in document.metadata})
        for name in where:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(known[:20]) or 'none'}"
                raise QuestionError(
                    f"no document has metadata named {name[:_NAME_SHOWN]!r}",
                    f"filter by another name; {hint} (see _metadata.yaml)",
                )


def _has(document: IndexedDocument, where: Filters) -> bool:
    return all(
        name in document.metadata and str(document.metadata[name]).casefold() == value.casefold()
        for name, value in where.items()
    )
