"""Any endpoint that speaks the chat completions protocol."""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..project_base.errors import UserError
from .base import Generation, Prompt
from .chat import Message, Reply, Usage, whole
from .endpoint import Endpoint
from .prompting import conversation, read_generation, readable
from .settings import Settings

_MOST_TOKENS = 2**53
"""A larger count is no count, and would be too large for a float."""


class OpenAICompatibleModel:
    """Calls `POST {base_url}/chat/completions`.

    Args:
        settings: `model` and the sampling settings; `endpoint` reads the others.
        endpoint: What is called; by default the one that the settings name.
    """

    def __init__(self, settings: Settings, endpoint: Endpoint | None = None) -> None:
        self._settings = settings
        self._endpoint = endpoint or Endpoint(settings)

    def generate(self, prompt: Prompt) -> Generation:
        """Answers from the passages.

        Raises:
            UserError: The endpoint cannot be reached, refuses, stays busy through all attempts, or answers nonsense.
        """
        return read_generation(self._written(conversation(prompt)), prompt)

    def complete(self, instruction: str, text: str) -> str:
        """What the model writes about a text.

        Raises:
            UserError: As `generate`.
        """
        return self._written([{"role": "system", "content": instruction}, {"role": "user", "content": text}])

    def chat(
        self, messages: Sequence[Message], response_format: Mapping[str, Any] | None = None, request_id: str = ""
    ) -> Reply:
        """What the model writes next, with the tokens that the endpoint counted.

        Raises:
            RequestRefused: The endpoint does not take this conversation.
            UserError: As `generate`.
        """
        body = self._body(messages)
        if response_format is not None:
            body["response_format"] = response_format
        begun: list[float] = []
        headers = {"Idempotency-Key": request_id} if request_id else {}
        parts = self._endpoint.post(body, headers, lambda: begun.append(time.monotonic()))
        answer = self._parsed(b"".join(parts))
        ended = time.monotonic()
        text = self._text(answer, "message")
        return Reply(
            text=text,
            usage=_usage(answer),
            attempts=len(begun),
            seconds=ended - begun[-1],
            waited=begun[-1] - begun[0],
            cut=answer["choices"][0].get("finish_reason") == "length",
        )

    def count(self, messages: Sequence[Message]) -> None:
        """None: only the endpoint knows its tokens."""
        del messages

    def stream(self, prompt: Prompt) -> Iterator[str | Generation]:
        """Answers from the passages, piece by piece.

        An endpoint that ignores the wish and sends the whole at once is understood too.

        Raises:
            UserError: As `generate`, and where the answer breaks off.
        """
        parts = self._endpoint.post({**self._body(conversation(prompt)), "stream": True})
        yield from readable(self._pieces(parts), prompt)

    def _written(self, messages: list[dict[str, str]]) -> str:
        content = b"".join(self._endpoint.post(self._body(messages)))
        return self._text(self._parsed(content), "message")

    def _body(self, messages: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        return {
            "model": self._settings.model,
            "messages": list(messages),
            "temperature": self._settings.temperature,
            "max_tokens": self._settings.max_new_tokens,
        }

    def _pieces(self, parts: Iterable[bytes]) -> Iterator[str]:
        """The texts in a stream of server-sent events (WHATWG HTML, section 9.2); its end must be told."""
        unread: list[bytes] = []
        told = False
        for line in _lines(parts):
            if not line.startswith(b"data:"):
                # Comments and other fields of an event; in an answer that is no stream, a part of its one JSON text.
                unread.append(line)
                continue
            data = line.removeprefix(b"data:").strip()
            if data == b"[DONE]":
                return
            event = self._parsed(data)
            if isinstance(event, dict) and event.get("error"):
                said = self._endpoint.masked(str(event["error"]))
                raise self._endpoint.failure(f"breaks off with an error: {said}", "ask again, or see the server's log")
            # Some servers end with the tokens that were used and no choice.
            if isinstance(event, dict) and event.get("choices") == [] and "usage" in event:
                continue
            yield self._text(event, "delta")
            told = told or event["choices"][0].get("finish_reason") is not None
        if told:
            return
        whole = b"\n".join(unread).strip()
        if not whole.startswith(b"{"):
            raise self._endpoint.failure("broke off in the middle of an answer", "ask again")
        yield self._text(self._parsed(whole), "message")

    def _parsed(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except (ValueError, RecursionError) as error:
            start = self._endpoint.masked(content[:80].decode("utf-8", "replace"))
            raise self._not_the_format(f"not JSON, but: {start or 'nothing'}") from error

    def _text(self, answer: Any, part: str) -> str:
        try:
            message = answer["choices"][0][part]
            # A piece may carry the role alone; a whole answer may not be without text.
            text = message.get("content") or "" if part == "delta" else message["content"]
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise self._not_the_format(f"without choices[0].{part}") from error
        if not isinstance(text, str):
            raise self._endpoint.failure("answers without text", "choose a model that writes text")
        return whole(text)

    def _not_the_format(self, seen: str) -> UserError:
        return self._endpoint.failure(
            f"does not answer in the chat completions format ({seen})",
            "check that language_models.base_url leads to an OpenAI-compatible API",
        )


def _usage(answer: Any) -> Usage:
    """The tokens that an answer tells of; servers leave out what they do not count, or write null."""
    told = answer.get("usage")
    if not isinstance(told, dict):
        return Usage()
    details = told.get("prompt_tokens_details")
    # The second name is that of DeepSeek.
    cached = details.get("cached_tokens") if isinstance(details, dict) else told.get("prompt_cache_hit_tokens")
    return Usage(_count(told.get("prompt_tokens")), _count(told.get("completion_tokens")), _count(cached))


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS else None


def _lines(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Lines of a byte stream. Only line feeds count: a JSON text may hold the other line ends of Unicode."""
    rest = b""
    for part in parts:
        *whole, rest = (rest + part).split(b"\n")
        yield from (line.rstrip(b"\r") for line in whole)
    yield rest
