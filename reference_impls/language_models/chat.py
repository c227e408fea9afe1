"""The contract of models that answer a conversation and tell what it took."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypedDict

from ..project_base.errors import UserError

_HALVES = re.compile("[\ud800-\udfff]")


def whole(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair.

    Models do write such halves, as escapes in JSON, and no UTF-8 can hold one: neither a request nor a file.
    """
    return text if text.isascii() else _HALVES.sub("\ufffd", text)


class Message(TypedDict):
    """One turn of a conversation, as the chat completions protocol writes it."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Usage:
    """Tokens of one call, as the model counts them; None where it does not tell.

    Attributes:
        prompt: Read, those from the cache among them.
        completion: Written.
        cached: Of those read, how many came from the cache of the provider.
    """

    prompt: int | None = None
    completion: int | None = None
    cached: int | None = None


@dataclass(frozen=True)
class Reply:
    """What a model wrote.

    Attributes:
        text: As it came, with U+FFFD for what no UTF-8 can hold; not to be trusted.
        usage: Tokens of the answered attempt.
        attempts: How often it was asked until it answered, at least 1.
        seconds: Wall-clock time of the attempt that was answered.
        waited: Seconds of failed attempts and of the pauses behind them.
        cut: Whether it ended because no more tokens were allowed.
    """

    text: str
    usage: Usage = Usage()
    attempts: int = 1
    seconds: float = 0.0
    waited: float = 0.0
    cut: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", whole(self.text))


class RequestRefused(UserError):
    """A model does not take this one conversation (too long, refused by a filter); others may pass."""


class ChatModel(Protocol):
    """Answers a conversation."""

    def chat(
        self, messages: Sequence[Message], response_format: Mapping[str, Any] | None = None, request_id: str = ""
    ) -> Reply:
        """What the model writes next.

        Args:
            messages: The conversation; the last turn is the user's.
            response_format: As the chat completions protocol has it (`{"type": "json_schema", ...}`); None asks for
                none. A local model has no such means and passes over it: what is wanted must stand in the messages too.
            request_id: Sent as `Idempotency-Key`, by which some endpoints know a request that comes twice.

        Raises:
            RequestRefused: This conversation is not taken.
            UserError: The model cannot be reached or loaded.
        """
        ...

    def count(self, messages: Sequence[Message]) -> int | None:
        """Tokens of a conversation; None where only the provider can count them."""
        ...
