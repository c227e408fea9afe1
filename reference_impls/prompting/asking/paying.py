"""Asks a model and keeps what it was paid for."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
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
        fresh: Whether it was sent for this, and neither found in the journal nor on its way for another one.
    """

    call: Call
    fresh: bool


class PayingModel:
    """A model behind a journal. Several threads may ask; those with the same request share one answer.

    Args:
        model: What is asked.
        settings: What decides its answers beside the conversation.
        journal: What was paid for; None keeps nothing.
    """

    def __init__(self, model: ChatModel, settings: ModelSettings, journal: Journal | None) -> None:
        self.model = model
        self._journal = journal
        self._turn = threading.Lock()
        self._on_the_way: dict[str, Future[Call]] = {}
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
        if self._journal is None:
            return Paid(self._sent(messages, response_format, key), fresh=True)
        with self._turn:
            known = self._journal.find(key)
            # What was refused was not paid for, and may pass today.
            if known is not None and not known.refused:
                return Paid(known, fresh=False)
            others = self._on_the_way.get(key)
            if others is None:
                mine = self._on_the_way[key] = Future[Call]()
        if others is not None:
            return Paid(others.result(), fresh=False)
        try:
            self._journal.asked(key)
            call = self._sent(messages, response_format, key)
            self._journal.answered(key, call)
            mine.set_result(call)
        except BaseException as error:
            mine.set_exception(error)
            raise
        finally:
            with self._turn:
                del self._on_the_way[key]
        return Paid(call, fresh=True)

    def _sent(self, messages: Sequence[Message], response_format: Mapping[str, Any] | None, key: str) -> Call:
        try:
            return Call(self.model.chat(messages, response_format, key))
        except RequestRefused as error:
            return Call(Reply(""), error.message)
