"""Loads the embedder that the settings name."""

from .base import Embedder
from .on_ray import RayEmbedder
from .sentence import SentenceEmbedder
from .settings import Settings


def load_embedder(settings: Settings) -> Embedder:
    """The embedder of a project.

    Raises:
        UserError: The library or the model is missing, or the offline weights are not the published ones.
    """
    if settings.workers:
        return RayEmbedder(load_embedder(settings.model_copy(update={"workers": 0})), settings)
    return SentenceEmbedder(settings)
