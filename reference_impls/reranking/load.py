"""Loads the reranker that the settings name."""

from .base import Reranker
from .settings import Settings


def load_reranker(settings: Settings) -> Reranker | None:
    """The reranker of a project, or None where none is set.

    Raises:
        UserError: The library or the model is missing, or the model is no reranker.
    """
    if not settings.model:
        return None
    from .cross_encoder import CrossEncoderReranker  # noqa: PLC0415 -- loaded only where it is used

    return CrossEncoderReranker(settings)
