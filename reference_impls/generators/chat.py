"""Turns conversations into tokens: by the tokenizer's own chat template, or by a plain one that is stored with it."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..labelled_data.base import Turn
from ..project_base.errors import UserError

USER, RESPONSE = "### Instruction:\n", "### Response:\n"
"""What the plain template writes before each turn of the user and before each response."""

PLAIN_TEMPLATE = (
    "{% if bos_token %}{{ bos_token }}{% endif %}"
    "{% for message in messages %}"
    "{% if message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}"
    f"{{% elif message['role'] == 'user' %}}{{{{ {USER!r} + message['content'] + '\\n\\n' }}}}"
    f"{{% else %}}{{{{ {RESPONSE!r} + message['content'] + eos_token + '\\n\\n' }}}}{{% endif %}}"
    "{% endfor %}"
    f"{{% if add_generation_prompt %}}{{{{ {RESPONSE!r} }}}}{{% endif %}}"
)
"""System texts as they are, a heading before each other turn; a response ends with the tokenizer's own end token."""

_PROBE = "Zebra"
_USE_PLAIN = "set generators.chat_template to plain, or mend the conversation"


@dataclass(frozen=True)
class Encoded:
    """A conversation with its response as tokens.

    Attributes:
        tokens: Prompt, response and the token that ends the turn.
        start: Position of the first token of the response: this one and those behind it count in the loss.
    """

    tokens: tuple[int, ...]
    start: int

    @property
    def response(self) -> int:
        """Tokens of the response, the end of its turn counted."""
        return len(self.tokens) - self.start

    def cut(self, most: int) -> "Encoded":
        """Its first `most` tokens; nothing of the response is left where `start` is not below `most`."""
        return Encoded(self.tokens[:most], self.start)


class ChatFormat:
    """A tokenizer with a chat template that ends turns by a token and opens the response when asked to.

    Args:
        tokenizer: A tokenizer of transformers; its template is set, or completed where it opens no response.
        wanted: `plain` replaces the template in any case, `auto` only where the tokenizer has none.
        name: What messages call the model.

    Raises:
        UserError: The tokenizer has no token to end a turn with, or its template fails on the simplest conversation.
    """

    def __init__(self, tokenizer: Any, wanted: Literal["auto", "plain"] = "auto", name: str = "the model") -> None:
        self.tokenizer = tokenizer
        self._name = name
        own = _own_template(tokenizer)
        self.plain = wanted == "plain" or not own or own == PLAIN_TEMPLATE
        if self.plain and tokenizer.eos_token_id is None:
            raise UserError(
                f"the tokenizer of {name} has no end token, so the model could never learn where a response ends",
                "choose another model, or set eos_token in its tokenizer_config.json",
            )
        tokenizer.chat_template = PLAIN_TEMPLATE if self.plain else own
        added = tokenizer.added_tokens_decoder.values()
        self._controls = _any_of(str(token) for token in added)
        self._turn_controls = _any_of(str(token) for token in added if token.special)
        self._open_responses()
        probed = self._rendered((Turn("user", "?"), Turn("assistant", _PROBE)), "", opened=False)
        self._tail = probed.rpartition(_PROBE)[2]
        self.end, self.end_token = self._end_of_turn()

    def prompt(self, turns: Sequence[Turn], place: str = "") -> tuple[int, ...]:
        """The tokens that the model goes on from to write the response.

        Args:
            turns: The conversation; the last turn is the user's.
            place: Where it stands, for messages.

        Raises:
            UserError: The template refuses such a conversation.
        """
        return self._tokens(self._rendered(turns, place, opened=True))

    def example(self, turns: Sequence[Turn], response: str, place: str = "") -> Encoded:
        """The prompt's tokens as `prompt` gives them, then the response and the end of its turn.

        The response is taken from the template's own text, since many templates trim it or put a space before it. Where
        tokens would reach over the border between prompt and response, the two are made into tokens apart, so that the
        model learns from the very tokens that it will be given.

        Raises:
            UserError: The template refuses such a conversation.
        """
        prompt = self._rendered(turns, place, opened=True)
        whole = self._rendered((*turns, Turn("assistant", response)), place, opened=False)
        answer = self._ended(whole[len(prompt) :] if whole.startswith(prompt) else self._plain(response, "assistant"))
        before, joint = self._tokens(prompt), self._tokens(prompt + answer)
        if joint[: len(before)] != before or len(joint) == len(before):
            joint = before + self._tokens(answer)
        # A first token has none before it that could foretell it.
        return Encoded(joint, max(1, len(before)))

    def text(self, tokens: Sequence[int], ends: frozenset[int]) -> str:
        """The text of a written response: up to the first token that ends it, without blanks around."""
        kept = next((position for position, token in enumerate(tokens) if token in ends), len(tokens))
        decoded: str = self.tokenizer.decode(
            list(tokens[:kept]), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return decoded.strip()

    def plain_text(self, text: str) -> tuple[int, ...]:
        """A text that is no conversation, as the model would meet it: its start token first, where it has one."""
        tokens = self._tokens(self._plain(text, "user"))
        start = self.tokenizer.bos_token_id
        return tokens if start is None else (start, *tokens)

    def save(self, folder: Path) -> None:
        """Writes tokenizer and template as transformers reads them."""
        self.tokenizer.save_pretrained(folder)

    def _ended(self, answer: str) -> str:
        """The response up to the text that ends its turn; templates write line breaks and more behind it."""
        at = answer.find(self.end)
        return (answer.removesuffix(self._tail) if at < 0 else answer[:at]) + self.end

    def _rendered(self, turns: Sequence[Turn], place: str, *, opened: bool) -> str:
        messages = [{"role": turn.role, "content": self._plain(turn.text, turn.role)} for turn in turns]
        try:
            text: str = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=opened)
        except Exception as error:
            # Templates are programs of the model's authors: they refuse roles and orders by whatever they raise.
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
            where = f"{place}: " if place else ""
            raise UserError(
                f"{where}the chat template of {self._name} does not take this conversation "
                f"({', '.join(turn.role for turn in turns)}): {reason}",
                _USE_PLAIN,
            ) from error
        return text

    def _tokens(self, text: str) -> tuple[int, ...]:
        return tuple(self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def _plain(self, text: str, role: str) -> str:
        """The text with the tokenizer's control tokens taken apart: no message may end a turn or open one.

        A response may hold those that are no special tokens, which mark reasoning and calls of tools.
        """
        controls = self._turn_controls if role == "assistant" else self._controls
        return controls.sub(lambda found: f"{found[0][0]} {found[0][1:]}", text)

    def _open_responses(self) -> None:
        """Completes a template that ignores add_generation_prompt: what it writes before a response opens the response.

        Else the model would have to write that heading itself, in every response.
        """
        asked = (Turn("user", "?"),)
        closed, opened = (self._rendered(asked, "", opened=each) for each in (False, True))
        if closed != opened:
            return
        whole = self._rendered((*asked, Turn("assistant", _PROBE)), "", opened=False)
        heading = whole[len(opened) :].partition(_PROBE)[0]
        if not whole.startswith(opened) or not heading.strip():
            return
        own = self.tokenizer.chat_template
        addition = f"{{% if add_generation_prompt %}}{{{{ {json.dumps(heading, ensure_ascii=False)} }}}}{{% endif %}}"
        self.tokenizer.chat_template = own.removesuffix("\n") + addition
        if self._rendered(asked, "", opened=True) != opened + heading:
            self.tokenizer.chat_template = own

    def _end_of_turn(self) -> tuple[str, int]:
        """The control token that the template writes after a response; else the tokenizer's end token."""
        special = set(self.tokenizer.all_special_ids)
        for token in self._tokens(self._tail):
            if token in special:
                return str(self.tokenizer.convert_ids_to_tokens(token)), token
        if self.tokenizer.eos_token_id is None:
            raise UserError(
                f"neither the chat template of {self._name} nor its tokenizer has a token that ends a response",
                "choose another model, or set eos_token in its tokenizer_config.json",
            )
        return str(self.tokenizer.eos_token), int(self.tokenizer.eos_token_id)


def _own_template(tokenizer: Any) -> str:
    own = tokenizer.chat_template
    if isinstance(own, dict):
        # Some tokenizers have several, one for each purpose.
        own = own.get("default")
    return own or ""


def _any_of(tokens: Iterable[str]) -> re.Pattern[str]:
    """Matches each of the tokens, the longest first; nothing where there are none."""
    longest_first = sorted((token for token in tokens if len(token.strip()) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
