"""The stores by the names that the settings use."""

from .base import VectorStore
from .exact import ExactStore
from .faiss_store import FaissStore

STORES: dict[str, type[VectorStore]] = {"exact": ExactStore, "faiss": FaissStore}
