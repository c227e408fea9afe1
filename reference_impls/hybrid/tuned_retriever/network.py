"""The network that learns to put questions beside their passages, its batches and its loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from ...encoders.network import Pool
from ...encoders.reading import Reader
from ...evaluation.metrics import ndcg_at
from ...training.base import Batch
from .mining import Pair

SCALE = 20.0
"""Cosines are multiplied by it before the softmax: a temperature of 0.05, as sentence-transformers has it."""
_AT_ONCE = 64


class PairNetwork(nn.Module):
    """Embeds questions and passages with one encoder.

    Args:
        encoder: A transformer of AutoModel with an adapter.
        pooling: How vectors of tokens become one: `mean`, `cls` or `max`.
    """

    def __init__(self, encoder: Any, pooling: str) -> None:
        super().__init__()
        self.encoder = encoder
        self.pool = Pool((pooling,), encoder.config.num_hidden_layers, normalised=True)

    def vectors(self, input_ids: Tensor, attention_mask: Tensor) -> Tensor:
        """Vectors of texts, float32 [n, width], of length 1."""
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        pooled: Tensor = self.pool((hidden,), attention_mask)
        return pooled

    def forward(
        self, question_ids: Tensor, question_mask: Tensor, passage_ids: Tensor, passage_mask: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Vectors of questions [n, width], and of their passages [n, 1 + negatives, width], the right one first."""
        count, each, tokens = passage_ids.shape
        passages = self.vectors(passage_ids.view(-1, tokens), passage_mask.view(-1, tokens))
        return self.vectors(question_ids, question_mask), passages.view(count, each, -1)


@dataclass(frozen=True)
class Readers:
    """Tokenise for one encoder: questions and passages may have prompts of their own."""

    questions: Reader
    passages: Reader


class PairBatches:
    """Pairs as tokens; what `training.base.Batches` asks for.

    Args:
        readers: Of the encoder.
        pairs: To learn from.
    """

    def __init__(self, readers: Readers, pairs: Sequence[Pair]) -> None:
        self._readers = readers
        self._each = 1 + max((len(pair.negatives) for pair in pairs), default=0)
        texts = dict.fromkeys(text for pair in pairs for text in (pair.passage, *(each[0] for each in pair.negatives)))
        tokens = dict(zip(texts, readers.passages.tokens(list(texts)), strict=True))
        questions = dict.fromkeys(pair.question for pair in pairs)
        asked = dict(zip(questions, readers.questions.tokens(list(questions)), strict=True))
        names: dict[str, int] = {}
        for pair in pairs:
            for name in (pair.document, *sorted(pair.gold), *(document for _, document in pair.negatives)):
                names.setdefault(name, len(names))
        self._questions = [asked[pair.question] for pair in pairs]
        self._gold = [sorted(names[name] for name in {*pair.gold, pair.document}) for pair in pairs]
        self._passages: list[list[list[int]]] = []
        self._documents: list[list[int]] = []
        for pair in pairs:
            own = names[pair.document]
            # The right passage again fills up where there are fewer negatives; it never counts as wrong.
            lacking = self._each - 1 - len(pair.negatives)
            filled = [*pair.negatives, *[(pair.passage, pair.document)] * lacking]
            self._passages.append([tokens[pair.passage], *(tokens[text] for text, _ in filled)])
            self._documents.append([own, *(names[document] for _, document in filled)])

    @property
    def lengths(self) -> list[int]:
        """Tokens of each pair with its negatives."""
        return [
            len(question) + self._each * max(map(len, passages))
            for question, passages in zip(self._questions, self._passages, strict=True)
        ]

    def collate(self, positions: Sequence[int]) -> Batch:
        """Pairs as tensors.

        Returns:
            `question_ids` and `question_mask`, int64 [n, tokens]; `passage_ids` and `passage_mask`, int64 [n, 1 +
            negatives, tokens]; `documents`, int64 [n, 1 + negatives]; `gold`, int64 [n, documents], filled with -1.
        """
        asked = self._readers.questions.inputs([self._questions[position] for position in positions])
        rows = [row for position in positions for row in self._passages[position]]
        found = self._readers.passages.inputs(rows)
        shape = len(positions), self._each, -1
        most = max(len(self._gold[position]) for position in positions)
        gold = [[*self._gold[position], *[-1] * (most - len(self._gold[position]))] for position in positions]
        return {
            "question_ids": asked["input_ids"],
            "question_mask": asked["attention_mask"],
            "passage_ids": found["input_ids"].view(shape),
            "passage_mask": found["attention_mask"].view(shape),
            "documents": torch.tensor([self._documents[position] for position in positions]),
            "gold": torch.tensor(gold),
        }


def contrastive_loss(model: Any, batch: Batch) -> tuple[Tensor, Tensor | float]:
    """The sum of the losses of the pairs of a batch, and their count.

    Cross-entropy of the right passage among all passages of the batch, by scaled cosines (van den Oord, Li, Vinyals
    2018, InfoNCE, equation 4; Henderson et al. 2017, Efficient natural language response suggestion, section 4.3, for
    the negatives of the other pairs). Passages of any document that answers the question count as nothing.
    """
    questions, passages = model(
        batch["question_ids"], batch["question_mask"], batch["passage_ids"], batch["passage_mask"]
    )
    count, each, width = passages.shape
    scores = questions.float() @ passages.float().reshape(count * each, width).T * SCALE
    documents = batch["documents"].reshape(1, -1, 1)
    right = (documents == batch["gold"].unsqueeze(1)).any(dim=-1)
    own = torch.arange(count, device=scores.device) * each
    right[torch.arange(count, device=scores.device), own] = False
    scores = scores.masked_fill(right, float("-inf"))
    return nn.functional.cross_entropy(scores, own, reduction="sum"), float(count)


class Pool10:
    """Validation: how well questions find their documents among the passages that were mined for them.

    Args:
        readers: Of the encoder.
        pairs: Of the validation side; the right and wrong passages of all are ranked for each question.
    """

    def __init__(self, readers: Readers, pairs: Sequence[Pair]) -> None:
        self._readers = readers
        pool = {(pair.passage, pair.document) for pair in pairs}
        pool |= {each for pair in pairs for each in pair.negatives}
        self._pool = sorted(pool)
        self._asked = {pair.question: {*pair.gold, pair.document} for pair in pairs}
        self._passages = readers.passages.tokens([text for text, _ in self._pool])
        self._questions = readers.questions.tokens(list(self._asked))

    def ndcg(self, network: PairNetwork) -> float:
        """Mean nDCG@10 over documents, in [0, 1]; higher is better."""
        passages = self._vectors(network, self._readers.passages, self._passages)
        questions = self._vectors(network, self._readers.questions, self._questions)
        scores = []
        for row, gold in zip(questions @ passages.T, self._asked.values(), strict=True):
            ranked = dict.fromkeys(self._pool[place][1] for place in np.argsort(-row, kind="stable").tolist())
            relevant = [document in gold for document in ranked]
            scores.append(ndcg_at(relevant, max(1, sum(relevant)), 10))
        return float(np.mean(scores))

    def _vectors(self, network: PairNetwork, reader: Reader, rows: Sequence[Sequence[int]]) -> Any:
        """float32 [n, width]."""
        device = next(network.parameters()).device
        order = sorted(range(len(rows)), key=lambda place: -len(rows[place]))
        found: list[Any] = [None] * len(rows)
        for start in range(0, len(order), _AT_ONCE):
            part = order[start : start + _AT_ONCE]
            batch = reader.inputs([rows[place] for place in part])
            with torch.no_grad():
                vectors = network.vectors(batch["input_ids"].to(device), batch["attention_mask"].to(device))
            for place, vector in zip(part, vectors.float().cpu().numpy(), strict=True):
                found[place] = vector
        return np.stack(found)
