"""Asks a model and keeps what it was paid for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...language_models.chat import ChatModel, Message, Reply, RequestRefused
from ...language_models.settings import Settings as ModelSettings
from .journal import Call, Journal, request_key


@dataclass(frozen=True)
class Paid:
    """The answer to one request.

    Attributes:
        call: The answer.
        fresh: Whether it was asked for now, and not found in the journal.
    """

    call: Call
    fresh: bool


class PayingModel:
    """A model behind a journal.

    Args:
        model: What is asked.
        settings: What decides its answers beside the conversation.
        journal: What was paid for; None keeps nothing.
    """

    def __init__(self, model: ChatModel, settings: ModelSettings, journal: Journal | None) -> None:
        self.model = model
        self._journal = journal
        self._about = {
            "generator": settings.generator,
            "base_url": settings.base_url if settings.generator == "openai_compatible" else "",
            "model": settings.model,
            "temperature": settings.temperature,
            "max_new_tokens": settings.max_new_tokens,
        }

    def ask(self, messages: Sequence[Message], response_format: Mapping[str, Any] | None) -> Paid:
        """The answer to a conversation, from the journal where it stands there.

        Raises:
            UserError: The model cannot be reached; what is in the journal stays.
        """
        key = request_key({**self._about, "messages": list(messages), "response_format": response_format})
        known = self._journal.find(key) if self._journal else None
        # What was refused was not paid for, and may pass today.
        if known is not None and not known.refused:
            return Paid(known, fresh=False)
        if self._journal:
            self._journal.asked(key)
        try:
            call = Call(self.model.chat(messages, response_format, key))
        except RequestRefused as error:
            call = Call(Reply(""), error.message)
        if self._journal:
            self._journal.answered(key, call)
        return Paid(call, fresh=True)
