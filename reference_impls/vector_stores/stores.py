"""The stores by the names that the settings use."""

from pathlib import Path

from .base import VectorStore
from .exact import ExactStore
from .faiss_store import FaissStore
from .pgvector_store import PgvectorStore
from .settings import Settings

STORES: dict[str, type[VectorStore]] = {"exact": ExactStore, "faiss": FaissStore, "pgvector": PgvectorStore}


def discard(folder: Path, settings: Settings) -> frozenset[str]:
    """Removes what any store that was saved into a folder keeps outside of it; never fails.

    The settings may name another store by now than the one that wrote the folder, so each looks for what is its own.

    Returns:
        Names of the files that must stay, since they alone tell what could not be removed; else none.
    """
    return frozenset().union(*(store.discard(folder, settings) for store in STORES.values()))
