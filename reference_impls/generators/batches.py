"""Conversations as batches of a training run, and the loss on their responses alone."""

import hashlib
import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..labelled_data.base import Example
from ..project_base.errors import UserError
from .chat import ChatFormat, Encoded

if TYPE_CHECKING:
    import torch

IGNORED = -100
"""The label of a token that does not count in the loss."""


@dataclass(frozen=True)
class Conversations:
    """Examples as tokens.

    Attributes:
        items: Those of which some of the response is left.
        cut: How many of them lost a part of their response.
        left_out: Places of the examples whose whole response lay behind the cut.
        padding: The token that fills the shorter rows of a batch; it is masked.
        most: Tokens behind which was cut.
    """

    items: tuple[Encoded, ...]
    cut: int
    left_out: tuple[str, ...]
    padding: int
    most: int

    @property
    def lengths(self) -> list[int]:
        """Tokens of each item."""
        return [len(item.tokens) for item in self.items]

    @property
    def digest(self) -> str:
        """A sha256 over all tokens and where the responses start."""
        return hashlib.sha256(repr(self.items).encode()).hexdigest()

    def collate(self, positions: Sequence[int]) -> dict[str, "torch.Tensor"]:
        """Items as tensors, filled up on the right.

        Returns:
            `input_ids`, `attention_mask` and `labels`, int64 [n, tokens]; labels are IGNORED outside the responses.
        """
        return padded([self.items[position] for position in positions], self.padding)

    @property
    def report(self) -> str:
        """One sentence on what was cut; empty where nothing was."""
        told, count = [], len(self.items) + len(self.left_out)
        if self.cut:
            told.append(f"{self.cut} of {count} responses lose their end")
        if self.left_out:
            more = f" and {len(self.left_out) - 3} more" if len(self.left_out) > 3 else ""
            told.append(
                f"{len(self.left_out)} of {count} examples have none left and are left out "
                f"({', '.join(self.left_out[:3])}{more})"
            )
        return f"at {self.most} tokens a conversation, {' and '.join(told)}" if told else ""


def conversations(examples: Sequence[Example], chat: ChatFormat, most: int, padding: int) -> Conversations:
    """Examples as tokens, cut behind `most` tokens.

    Raises:
        UserError: The chat template refuses one, or nothing is left of any response.
    """
    items, left_out, cut = [], [], 0
    for example in examples:
        whole = chat.example(example.turns, str(example.target), example.place)
        item = whole.cut(most)
        if item.response <= 0:
            left_out.append(example.place)
            continue
        cut += item.response < whole.response
        items.append(item)
    if examples and not items:
        raise UserError(
            f"no example has any of its response within {most} tokens",
            "raise generators.most_tokens, or take a model with a longer window",
        )
    return Conversations(tuple(items), cut, tuple(left_out), padding, most)


def padded(items: Sequence[Encoded], padding: int) -> dict[str, "torch.Tensor"]:
    """Items as tensors; see `Conversations.collate`."""
    import torch  # noqa: PLC0415 -- heavy

    width = max(len(item.tokens) for item in items)
    tokens = torch.full((len(items), width), padding, dtype=torch.int64)
    mask = torch.zeros_like(tokens)
    labels = torch.full_like(tokens, IGNORED)
    for row, item in enumerate(items):
        length = len(item.tokens)
        tokens[row, :length] = torch.tensor(item.tokens)
        mask[row, :length] = 1
        labels[row, item.start : length] = tokens[row, item.start : length]
    return {"input_ids": tokens, "attention_mask": mask, "labels": labels}


class ResponseLoss:
    """Negative log-likelihood of the tokens of the responses, in nats.

    The last layer is computed only from the first response of a batch on: over a large vocabulary it costs most.

    Args:
        model: The model of transformers, without what training wraps it in.
    """

    def __init__(self, model: Any) -> None:
        self._shortens = "logits_to_keep" in inspect.signature(model.forward).parameters

    def __call__(self, model: Any, batch: dict[str, "torch.Tensor"]) -> "tuple[torch.Tensor, torch.Tensor]":
        """The sum over the batch, and how many tokens it goes over."""
        losses = self.of_tokens(model, batch)
        return losses.sum(), (batch["labels"] != IGNORED).sum()

    def of_tokens(self, model: Any, batch: dict[str, "torch.Tensor"]) -> "torch.Tensor":
        """The loss of each token from the first response on: float32 [n, tokens], 0 where it does not count."""
        import torch  # noqa: PLC0415 -- heavy

        labels = batch["labels"]
        first = int((labels != IGNORED).any(dim=0).int().argmax())
        keep = labels.shape[1] - first + 1
        options = {"logits_to_keep": keep} if self._shortens else {}
        logits = model(
            input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], use_cache=False, **options
        ).logits
        # The logits at a token foretell the next one.
        foretold, wanted = logits[:, -keep:-1].float(), labels[:, first:]
        losses = torch.nn.functional.cross_entropy(
            foretold.flatten(0, 1), wanted.flatten(), ignore_index=IGNORED, reduction="none"
        )
        return losses.view_as(wanted)
