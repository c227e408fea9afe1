"""Loads the embedder that the settings name."""

from .base import Embedder
from .sentence import SentenceEmbedder
from .settings import Settings


def load_embedder(settings: Settings) -> Embedder:
    """The embedder of a project.

    Raises:
        UserError: The library or the model is missing, or the offline weights are not the published ones.
    """
    return SentenceEmbedder(settings)
