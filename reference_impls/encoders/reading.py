"""Texts as tokens: cut to what the model reads, and padded batch by batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from ..labelled_data.rungs import Run

if TYPE_CHECKING:
    import torch

_AT_ONCE = 1000
_CHARACTERS_A_TOKEN = 100
"""A text is cut to so many characters for each token that is read, before it is tokenised: a file of 10 MB that was
taken for one text would take a minute. Texts with longer tokens on average are no language."""


@dataclass(frozen=True)
class Reading:
    """Tokenised texts.

    Attributes:
        tokens: Numbers of the tokens of each text, with the special ones.
        cut_texts: How many texts were longer than what is read.
        cut_tokens: How many tokens were cut off, over all texts; of very long texts a part is counted.
    """

    tokens: list[list[int]]
    cut_texts: int
    cut_tokens: int


def cut_figures(reading: Reading) -> dict[str, float]:
    """What a training tells of texts that are longer than what is read."""
    return {"cut_texts": float(reading.cut_texts), "cut_tokens": float(reading.cut_tokens)}


def tell_cut(reading: Reading, reader: "Reader", run: Run) -> None:
    """Tells how many texts are cut, if any."""
    if reading.cut_texts:
        run.tell(
            f"{reading.cut_texts} of {len(reading.tokens)} texts are longer than {reader.most_tokens} tokens, and are "
            "cut (encoders.most_tokens)"
        )


class Reader:
    """Tokenises texts for one model.

    Args:
        tokenizer: A fast tokenizer of transformers.
        most_tokens: Longer texts are cut behind as many tokens, special ones counted.
        prompt: Text before each text.
    """

    def __init__(self, tokenizer: Any, most_tokens: int, prompt: str = "") -> None:
        self.tokenizer = tokenizer
        self.most_tokens = most_tokens
        self.prompt = prompt
        # A fast tokenizer keeps how it truncates as state, and fails where two threads use it at once.
        self._one_at_a_time = Lock()

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """Numbers of the tokens of each text, with the special ones, cut to what is read."""
        found: list[list[int]] = []
        for start in range(0, len(texts), _AT_ONCE):
            shown = [self._shown(text) for text in texts[start : start + _AT_ONCE]]
            found += self.tokenized(shown, truncation=True, max_length=self.most_tokens)["input_ids"]
        return found

    def read(self, texts: Sequence[str]) -> Reading:
        """Tokenises texts, and counts what is cut off."""
        tokens = self.tokens(texts)
        lengths: list[int] = []
        full = [text for text, each in zip(texts, tokens, strict=True) if len(each) >= self.most_tokens]
        for start in range(0, len(full), _AT_ONCE):
            shown = [self._shown(text) for text in full[start : start + _AT_ONCE]]
            lengths += [len(each) for each in self.tokenized(shown)["input_ids"]]
        cut = [length - self.most_tokens for length in lengths if length > self.most_tokens]
        return Reading(tokens, len(cut), sum(cut))

    def tokenized(self, texts: Sequence[str], **options: object) -> Any:
        """What the tokenizer gives, without masks and types."""
        with self._one_at_a_time:
            # The warning of transformers about texts beyond the window is about feeding them to the model; they are
            # cut before.
            return self.tokenizer(
                list(texts), return_attention_mask=False, return_token_type_ids=False, verbose=False, **options
            )

    def inputs(self, rows: Sequence[Sequence[int]]) -> "dict[str, torch.Tensor]":
        """The model's inputs, int64 [n, longest]; the mask is 0 where a row is padded, behind the text."""
        import torch  # noqa: PLC0415 -- tokenising alone needs none

        shape = len(rows), max(len(row) for row in rows)
        tokens = torch.full(shape, int(self.tokenizer.pad_token_id or 0), dtype=torch.int64)
        mask = torch.zeros(shape, dtype=torch.int64)
        for place, row in enumerate(rows):
            tokens[place, : len(row)] = torch.tensor(row)
            mask[place, : len(row)] = 1
        return {"input_ids": tokens, "attention_mask": mask}

    def write(self, folder: Path) -> None:
        """Writes the tokenizer's files into a folder."""
        self.tokenizer.save_pretrained(folder)

    def _shown(self, text: str) -> str:
        return self.prompt + clipped(text, self.most_tokens)


def clipped(text: str, most_tokens: int) -> str:
    """What of a text can take part in its first tokens."""
    return text[: most_tokens * _CHARACTERS_A_TOKEN]
