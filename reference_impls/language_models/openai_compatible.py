"""Any endpoint that speaks the chat completions protocol."""

import os
import time
from collections.abc import Callable
from typing import Any

import httpx

from ..project_base.errors import UserError
from .base import Generation, Prompt
from .prompting import RULES, read_generation, user_message
from .settings import Settings

_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


class OpenAICompatibleModel:
    """Calls `POST {base_url}/chat/completions`.

    The key is read from the environment at each call and appears in no message; without the variable no key is sent,
    which is what servers on one's own machine expect.

    Args:
        settings: `base_url`, `model`, `api_key_variable`, `timeout_seconds`, `retries` and the sampling settings.
        pause: Waits between attempts, in seconds.
    """

    def __init__(self, settings: Settings, pause: Callable[[float], object] = time.sleep) -> None:
        self._settings = settings
        self._pause = pause
        self._address = settings.base_url.rstrip("/") + "/chat/completions"

    def generate(self, prompt: Prompt) -> Generation:
        """Answers from the passages.

        Raises:
            UserError: The endpoint cannot be reached, refuses, stays busy through all attempts, or answers nonsense.
        """
        body = {
            "model": self._settings.model,
            "messages": [{"role": "system", "content": RULES}, {"role": "user", "content": user_message(prompt)}],
            "temperature": self._settings.temperature,
            "max_tokens": self._settings.max_new_tokens,
        }
        return read_generation(self._text(self._post(body)), prompt)

    def _post(self, body: dict[str, Any]) -> httpx.Response:
        wait = _FIRST_PAUSE
        for attempt in range(self._settings.retries + 1):
            last = attempt == self._settings.retries
            try:
                response = httpx.post(
                    self._address, json=body, headers=self._headers(), timeout=self._settings.timeout_seconds
                )
            except httpx.TransportError as error:
                if last:
                    raise self._failure(
                        f"cannot be reached ({type(error).__name__})",
                        "start the server, or check language_models.base_url and timeout_seconds",
                    ) from error
                self._pause(wait)
            else:
                if response.is_success:
                    return response
                if response.status_code not in _BUSY or last:
                    raise self._refused(response)
                self._pause(_asked_pause(response, wait))
            wait = min(wait * 2, _LONGEST_PAUSE)
        raise AssertionError("the last attempt returns or raises")

    def _headers(self) -> dict[str, str]:
        key = self._key()
        if not key:
            return {}
        if not key.isascii() or not key.isprintable():
            raise self._failure(
                "cannot be called: the key holds characters that no key has",
                f"set the environment variable {self._settings.api_key_variable} again",
            )
        return {"Authorization": f"Bearer {key}"}

    def _key(self) -> str:
        name = self._settings.api_key_variable
        return os.environ.get(name, "").strip() if name else ""

    def _refused(self, response: httpx.Response) -> UserError:
        status = response.status_code
        if status in {401, 403}:
            name = self._settings.api_key_variable
            state = "is set, but refused" if self._key() else "is not set"
            return self._failure(
                f"refuses access (status {status})", f"the environment variable {name} {state}; set it"
            )
        try:
            said = str(response.json()["error"]["message"])
        except (ValueError, KeyError, TypeError):
            said = response.text
        key = self._key()
        said = " ".join((said.replace(key, "***") if key else said).split())[:200]
        next_step = "wait and ask again" if status in _BUSY else "check language_models.model and base_url"
        return self._failure(f"answers with status {status}{': ' + said if said else ''}", next_step)

    def _text(self, response: httpx.Response) -> str:
        try:
            text = response.json()["choices"][0]["message"]["content"]
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise self._failure("does not answer in the chat completions format", "check base_url") from error
        if not isinstance(text, str):
            raise self._failure("answers without text", "choose a model that writes text")
        return text

    def _failure(self, what: str, next_step: str) -> UserError:
        # The address may carry a password or a token in front of the host or behind a question mark.
        shown = httpx.URL(self._address).copy_with(username=None, password=None, query=None)
        return UserError(f"the endpoint {shown} {what}", next_step)


def _asked_pause(response: httpx.Response, fallback: float) -> float:
    try:
        asked = float(response.headers.get("retry-after", ""))
    except ValueError:
        return fallback
    return min(max(asked, 0.0), _LONGEST_PAUSE)
