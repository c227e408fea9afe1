"""Tokens of texts, counted where the model can be asked and estimated where not."""

import math
import re
from collections.abc import Sequence

from ...language_models.chat import ChatModel, Message

_TURN = 4
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u3041-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_CHARACTERS_IN_TOKEN = 4.0


def estimated_tokens(text: str) -> int:
    """About how many tokens a text has: a fourth of its characters, and one for each of a script without spaces.

    The rule of thumb of the providers for English; other languages have up to twice as many. It never passes for a
    count: what rests on it says "about".
    """
    alone = len(_UNSPACED.findall(text))
    return math.ceil((len(text) - alone) / _CHARACTERS_IN_TOKEN) + alone


def tokens_of(model: ChatModel | None, messages: Sequence[Message]) -> tuple[int, bool]:
    """Tokens of a conversation, and whether they were counted by the model's own tokenizer."""
    counted = model.count(messages) if model is not None else None
    if counted is not None:
        return counted, True
    return sum(estimated_tokens(message["content"]) + _TURN for message in messages), False
