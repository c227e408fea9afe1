"""Labelled texts as batches for the training loop, and the losses of classifiers and taggers."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..training.base import Batch
from .base import Numbers
from .reading import Reader
from .sparse_rows import Floats
from .windows import IGNORED


class LabelledTexts:
    """Tokenised texts with their labels.

    Args:
        reader: Pads them.
        tokens: Numbers of the tokens of each text.
        numbers: Its label, int64 [n].

    Attributes:
        lengths: Tokens of each text.
    """

    def __init__(self, reader: Reader, tokens: Sequence[Sequence[int]], numbers: Numbers) -> None:
        self._reader = reader
        self._tokens = tokens
        self._numbers = torch.from_numpy(numbers)
        self.lengths = [len(each) for each in tokens]

    def collate(self, positions: Sequence[int]) -> Batch:
        """The texts at these positions: `input_ids` and `attention_mask` [n, tokens], `labels` [n]."""
        inputs = self._reader.inputs([self._tokens[position] for position in positions])
        return inputs | {"labels": self._numbers[list(positions)]}


def classification_loss(label_weights: Floats | None, smoothing: float) -> Callable[[Any, Batch], Any]:
    """Cross-entropy, summed over the texts of a batch, and what it is divided by.

    Args:
        label_weights: Weight of each label; None gives all the weight 1.
        smoothing: Share of each target that is spread over all labels (Szegedy et al. 2016).
    """
    weights = None if label_weights is None else torch.from_numpy(label_weights)

    def loss(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor | float]:
        labels = batch["labels"]
        logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).float()
        there = None if weights is None else weights.to(logits.device)
        total = nn.functional.cross_entropy(logits, labels, there, reduction="sum", label_smoothing=smoothing)
        return total, float(len(labels)) if there is None else there[labels].sum()

    return loss


def tagging_loss(tag_weights: Floats | None, smoothing: float) -> Callable[[Any, Batch], Any]:
    """Cross-entropy, summed over the words of a batch, and what it is divided by.

    Args:
        tag_weights: Weight of each tag; None gives all the weight 1.
        smoothing: Share of each target that is spread over all tags.
    """
    weights = None if tag_weights is None else torch.from_numpy(tag_weights)

    def loss(model: nn.Module, batch: Batch) -> tuple[Tensor, Tensor | float]:
        labels = batch["labels"]
        logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).float()
        there = None if weights is None else weights.to(logits.device)
        total = nn.functional.cross_entropy(
            logits.flatten(0, 1),
            labels.flatten(),
            there,
            reduction="sum",
            ignore_index=IGNORED,
            label_smoothing=smoothing,
        )
        known = labels[labels != IGNORED]
        return total, float(len(known)) if there is None else there[known].sum()

    return loss
