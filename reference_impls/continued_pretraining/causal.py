"""A language model that foretells the next token of running text."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from ..generators.bases import STAND_IN
from ..generators.bases import Base as Found
from ..generators.batches import ResponseLoss
from ..generators.loading import hold_weights, load_chat, load_weights
from ..generators.settings import Settings as GeneratorSettings
from ..project_base.progress import Advance
from ..training.base import Batch
from .base import Base, Losses, Tokens
from .blocks import IGNORED, Specials, padded, windows

_RATE = 5e-5
_STAND_IN_RATE = 3e-3
_TOKENS = 8192
"""Most tokens that are read at once when documents are judged."""


class CausalModel:
    """A `LanguageModel` that foretells the next token.

    Args:
        base: Where the model is.
        settings: Of generators.
        most: Most tokens of a window.

    Raises:
        UserError: It cannot be loaded.
    """

    def __init__(self, base: Found, settings: GeneratorSettings, most: int) -> None:
        self.base = Base(base.name, base.notice, base.about(), _STAND_IN_RATE if base.name == STAND_IN else _RATE)
        """The model that it was before it reads on."""
        self.network = load_weights(base.place, base.name, "auto", "cpu")
        self._own_numbers = self.network.dtype
        chat = load_chat(base.place, settings, base.name)
        self._tokenizer = chat.tokenizer
        self._loss = ResponseLoss(self.network)
        config = self.network.config.get_text_config()
        reach = int(getattr(config, "max_position_embeddings", 0) or self._tokenizer.model_max_length)
        self.window = min(most, reach)
        known = self._tokenizer
        end = known.eos_token_id if known.eos_token_id is not None else chat.end_token
        self.specials = Specials(
            before=known.bos_token_id,
            after=end,
            padding=known.pad_token_id if known.pad_token_id is not None else end,
            mask=None,
            never=frozenset(),
            vocabulary=len(known),
        )

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each text, without special ones: int32 [tokens]."""
        found = self._tokenizer(list(texts), add_special_tokens=False, verbose=False)["input_ids"] if texts else []
        return [np.array(each, dtype=np.int32) for each in found]

    def losses(
        self, documents: Sequence[Tokens], advance: Advance = lambda _: None, *, thorough: bool = True
    ) -> Losses:
        """The loss of each document; without a start token the first token of a window is not foretold."""
        del thorough
        start = [] if self.specials.before is None else [self.specials.before]
        rows = [
            (number, np.array([*start, *piece], dtype=np.int32))
            for number, document in enumerate(documents)
            for piece in windows(document, self.window - len(start))
            if len(piece) + len(start) > 1
        ]
        rows.sort(key=lambda row: -len(row[1]))
        sums = np.zeros(len(documents))
        counts = np.zeros(len(documents), dtype=np.int64)
        training = self.network.training
        self.network.eval()
        place = 0
        with torch.inference_mode():
            while place < len(rows):
                part = rows[place : place + max(1, _TOKENS // len(rows[place][1]))]
                batch = _labelled(padded([row for _, row in part], self.specials.padding))
                nats = self._loss.of_tokens(
                    self.network, {name: value.to(self.network.device) for name, value in batch.items()}
                )
                owner = [number for number, _ in part]
                np.add.at(sums, owner, nats.double().sum(dim=1).cpu().numpy())
                np.add.at(counts, owner, [len(row) - 1 for _, row in part])
                place += len(part)
                advance(round(len(documents) * len(part) / len(rows)))
        self.network.train(training)
        return Losses(sums, counts)

    def loss(self, model: Any, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        """The sum of the losses of a training batch, and how many tokens it goes over."""
        return self._loss(model, {**batch, "labels": _without_first(batch["labels"])})

    def hold_for_training(self) -> None:
        """Holds the weights in float32, as training wants them."""
        hold_weights(self.network, torch.float32)

    def hold_as_kept(self) -> None:
        """Holds the weights in the numbers of the model's own files, which are those that are judged and kept."""
        hold_weights(self.network, self._own_numbers)

    def paraphrases(self) -> list[float]:
        """Nothing: it gives no vectors of sentences."""
        return []

    def write(self, folder: Path) -> None:
        """Writes a plain folder of transformers."""
        self.network.save_pretrained(folder)
        self._tokenizer.save_pretrained(folder)


def _labelled(batch: Batch) -> Batch:
    labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, IGNORED)
    return {**batch, "labels": _without_first(labels)}


def _without_first(labels: torch.Tensor) -> torch.Tensor:
    """Nothing stands before a first token that could foretell it."""
    labels = labels.clone()
    labels[:, 0] = IGNORED
    return labels
