"""Answers with a network: batches of like length, in float32 whatever the training computed in."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from ..embedding.batches import batches_by_length
from ..labelled_data.base import Advance
from .base import Logits
from .network import SentenceNetwork
from .reading import Reader

_MOST_TEXTS = 32
_MOST_BATCH_TOKENS = 1024
"""Small batches are the quicker ones on a CPU: what one layer hands to the next stays in its cache."""

_DEVICE_TEXTS = 256
_DEVICE_BATCH_TOKENS = 32_768
_AT_ONCE = 4096


class NetworkScorer:
    """The scorer of a tuned classifier.

    Args:
        network: In evaluation mode; where its weights are is where it answers.
        reader: Tokenises for it.
    """

    def __init__(self, network: SentenceNetwork, reader: Reader) -> None:
        self.network = network
        self.reader = reader

    def logits(self, texts: Sequence[str], advance: Advance) -> Logits:
        """Logits of texts that are not blank, float32 [n, labels]."""
        found = np.empty((len(texts), self.network.head.out_features), dtype=np.float32)
        for start in range(0, len(texts), _AT_ONCE):
            rows = self.reader.tokens(texts[start : start + _AT_ONCE])
            found[start : start + _AT_ONCE] = logits_of(self.network, self.reader, rows, advance)
        return found


def logits_of(
    network: SentenceNetwork, reader: Reader, rows: Sequence[Sequence[int]], advance: Advance = lambda _: None
) -> Logits:
    """Logits of tokenised texts, float32 [n, labels]."""
    found = np.empty((len(rows), network.head.out_features), dtype=np.float32)
    for places, output in _outputs(network, reader, rows):
        found[places] = output
        advance(len(places))
    return found


def token_logits_of(
    network: torch.nn.Module, reader: Reader, rows: Sequence[Sequence[int]], advance: Advance = lambda _: None
) -> list[Logits]:
    """Logits of the tokens of each row, float32 [tokens, tags] each."""
    found: dict[int, Logits] = {}
    for places, output in _outputs(network, reader, rows):
        for place, logits in zip(places, output, strict=True):
            found[place] = logits[: len(rows[place])].copy()
        advance(len(places))
    return [found[place] for place in range(len(rows))]


def batches_for(rows: Sequence[Sequence[int]], device: torch.device) -> Iterator[list[int]]:
    """Places of tokenised texts, in batches of like length for a device."""
    on_cpu = device.type == "cpu"
    most, budget = (_MOST_TEXTS, _MOST_BATCH_TOKENS) if on_cpu else (_DEVICE_TEXTS, _DEVICE_BATCH_TOKENS)
    return batches_by_length([len(row) for row in rows], most, budget)


def _outputs(
    network: torch.nn.Module, reader: Reader, rows: Sequence[Sequence[int]]
) -> Iterator[tuple[list[int], Any]]:
    device = next(network.parameters()).device
    for places in batches_for(rows, device):
        inputs = reader.inputs([rows[place] for place in places])
        with torch.no_grad():
            output = network(**{name: tensor.to(device) for name, tensor in inputs.items()})
            yield places, output.float().cpu().numpy()
