"""Makes the model that the settings name."""

from .base import LanguageModel, SentenceEncoder
from .chat import ChatModel
from .extractive import ExtractiveModel
from .settings import Settings


def make_model(settings: Settings, encoder: SentenceEncoder, stopped: frozenset[str]) -> LanguageModel:
    """The answering model.

    Args:
        settings: Which one, and how.
        encoder: Embeds sentences, for `extractive`.
        stopped: Stop words, for `extractive`.

    Raises:
        UserError: The model cannot be loaded.
    """
    if settings.generator == "local":
        from .local import LocalModel  # noqa: PLC0415 -- transformers is loaded only where it is used

        return LocalModel(settings)
    if settings.generator == "openai_compatible":
        from .openai_compatible import OpenAICompatibleModel  # noqa: PLC0415 -- httpx likewise

        return OpenAICompatibleModel(settings)
    return ExtractiveModel(encoder, settings.answer_sentences, stopped)


def make_chat_model(settings: Settings) -> ChatModel | None:
    """The model that answers conversations; None for `extractive`, which has no model.

    Raises:
        UserError: The model cannot be loaded.
    """
    if settings.generator == "local":
        from .local import LocalModel  # noqa: PLC0415 -- transformers is loaded only where it is used

        return LocalModel(settings)
    if settings.generator == "openai_compatible":
        from .openai_compatible import OpenAICompatibleModel  # noqa: PLC0415 -- httpx likewise

        return OpenAICompatibleModel(settings)
    return None
