"""A tiny model and tiny data on which the loop is tried."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ...labelled_data.rungs import Run
from ..base import Batch, Trained
from ..loop import train
from ..run_key import run_key
from ..seeds import seed_everything
from ..settings import Settings

WORDS = 50


class Bag(torch.nn.Module):
    """Embedding, mean, a hidden layer with dropout, and a score for each class."""

    def __init__(self, width: int = 8, dropout: float = 0.0) -> None:
        super().__init__()
        self.words = torch.nn.Embedding(WORDS, width)
        self.hidden = torch.nn.Linear(width, width)
        self.dropout = torch.nn.Dropout(dropout)
        self.scores = torch.nn.Linear(width, 2)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """float32 [items, 2]."""
        mask = attention_mask.unsqueeze(-1)
        mean = (self.words(input_ids) * mask).sum(1) / mask.sum(1)
        scores: torch.Tensor = self.scores(self.dropout(torch.tanh(self.hidden(mean))))
        return scores


@dataclass(frozen=True)
class Texts:
    """Random words; the class is whether most of them are of the first half."""

    items: Sequence[Sequence[int]]

    @property
    def lengths(self) -> list[int]:
        return [len(item) for item in self.items]

    def collate(self, positions: Sequence[int]) -> Batch:
        longest = max(len(self.items[position]) for position in positions)
        ids = torch.zeros(len(positions), longest, dtype=torch.int64)
        mask = torch.zeros(len(positions), longest)
        for row, position in enumerate(positions):
            item = self.items[position]
            ids[row, : len(item)] = torch.tensor(item)
            mask[row, : len(item)] = 1
        early = [sum(word < WORDS // 2 for word in self.items[position]) for position in positions]
        labels = torch.tensor(
            [2 * count > len(self.items[position]) for count, position in zip(early, positions, strict=True)]
        )
        return {"input_ids": ids, "attention_mask": mask, "labels": labels.long()}


def texts(count: int, seed: int = 0, longest: int = 9) -> Texts:
    random = np.random.default_rng(seed)
    return Texts([random.integers(0, WORDS, random.integers(1, longest + 1)).tolist() for _ in range(count)])


def loss(model: torch.nn.Module, batch: Batch) -> tuple[torch.Tensor, int]:
    scores = model(batch["input_ids"], batch["attention_mask"]).float()
    return torch.nn.functional.cross_entropy(scores, batch["labels"], reduction="sum"), len(scores)


def accuracy(model: torch.nn.Module, data: Texts) -> float:
    batch = data.collate(range(len(data.items)))
    scores = model(batch["input_ids"], batch["attention_mask"])
    return float((scores.argmax(1) == batch["labels"]).float().mean())


def made(seed: int = 0, dropout: float = 0.0, width: int = 8) -> Bag:
    seed_everything(seed)
    return Bag(width, dropout)


def settings(**values: object) -> Settings:
    """Settings under which the tiny model learns."""
    given: dict[str, object] = {"batch_size": 8, "epochs": 4.0, "learning_rate": 1e-2, "precision": "float32"}
    return Settings.model_validate({**given, "device": "cpu", **values})


def trained(
    folder: Path,
    model: torch.nn.Module,
    data: Texts,
    given: Settings,
    *,
    validate: bool = True,
    seed: int = 0,
    shared: Callable[[], object] | None = None,
) -> Trained:
    """Trains the model on the data."""
    validation = texts(60, seed=1)
    return train(
        model,
        data,
        loss,
        (lambda: accuracy(model, validation)) if validate else None,
        given,
        Run(folder, seed, shared=shared),
        key=run_key(settings=given.model_dump(), seed=seed),
    )
