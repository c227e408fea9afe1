"""Answers that were given before, as long as the index that gave them is the current one."""

import threading
import unicodedata
from collections import OrderedDict

from ..retrieval.access import Filters, Reader
from .pipeline import Answer

Key = tuple[str, Reader, tuple[tuple[str, str], ...]]


def cache_key(question: str, reader: Reader, where: Filters) -> Key:
    """What makes two questions the same: the text but for white space and the Unicode form, who asks, and the filters.

    Case counts: an embedder may read "US" and "us" differently.
    """
    return " ".join(unicodedata.normalize("NFC", question).split()), reader, tuple(sorted(where.items()))


class AnswerCache:
    """The answers used last, in memory alone. It belongs to one open index and goes with it.

    Args:
        most: How many answers are kept; 0 keeps none.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: Key) -> Answer | None:
        """The answer to a question that was asked before, or None."""
        with self._guard:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def put(self, key: Key, answer: Answer) -> None:
        """Keeps an answer; the one that was not used for longest goes when there are too many.

        An answer from live rows is not kept: no index tells when they change. Nor is one that came about otherwise than
        set: the next attempt may do better.
        """
        if answer.lookup is not None or answer.note:
            return
        with self._guard:
            self._answers[key] = answer
            self._answers.move_to_end(key)
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
