"""Documents packed into blocks of fixed length, general text mixed in, and what a model has to guess in them."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .base import Tokens

if TYPE_CHECKING:
    import torch

IGNORED = -100
"""The label of a token that does not count in the loss."""
_AS_IT_IS = 0.1
_ANOTHER = 0.1
"""Of the chosen tokens a tenth stays and a tenth becomes any other, as in BERT (Devlin et al. 2019, section 3.1)."""


@dataclass(frozen=True)
class Specials:
    """The special tokens of a model.

    Attributes:
        before: Starts each block; None for none.
        after: Ends each document.
        padding: Fills up the shorter rows of a batch; it is masked.
        mask: Stands for a token that is to be guessed; None for a causal model.
        never: Tokens that are not to be guessed.
        vocabulary: How many tokens there are.
    """

    before: int | None
    after: int
    padding: int
    mask: int | None
    never: frozenset[int]
    vocabulary: int


@dataclass(frozen=True)
class Packed:
    """What is trained on.

    Attributes:
        blocks: Domain first, then general; all but the last of each have the full length.
        domain: How many of them are of the domain.
        domain_tokens: Tokens in those.
        general_tokens: Tokens in the others, repetitions counted.
        repeated: How often each general document is read in one pass: 1 or more where there is too little for the
            share, less where only a part is needed; 0 without.
    """

    blocks: tuple[Tokens, ...]
    domain: int
    domain_tokens: int
    general_tokens: int
    repeated: float

    @property
    def share(self) -> float:
        """Share of general tokens."""
        return self.general_tokens / max(1, self.domain_tokens + self.general_tokens)

    @property
    def digest(self) -> str:
        """sha256 over all blocks."""
        digest = hashlib.sha256()
        for block in self.blocks:
            digest.update(len(block).to_bytes(8, "big") + block.tobytes())
        return digest.hexdigest()


def pack(documents: Sequence[Tokens], length: int, specials: Specials) -> list[Tokens]:
    """Documents one behind another, cut into blocks: int32 [at most length] each.

    A document ends with the end token, and the next one begins in the same block, so that no place is wasted on
    padding; what begins in one block may end in the next.

    Args:
        documents: Tokens without special ones.
        length: Tokens of a block, the start token counted.
        specials: Of the model.
    """
    if not documents:
        return []
    ended = [part for document in documents for part in (document, np.array([specials.after], dtype=np.int32))]
    stream = np.concatenate(ended).astype(np.int32)
    start = [] if specials.before is None else [specials.before]
    step = length - len(start)
    return [
        np.concatenate([np.array(start, dtype=np.int32), stream[place : place + step]])
        for place in range(0, len(stream), step)
    ]


def mix(
    domain: Sequence[Tokens], general: Sequence[Tokens], share: float, length: int, specials: Specials, seed: int
) -> Packed:
    """Packs both kinds and takes as much general text as its share asks for, the same in each pass.

    Args:
        domain: Documents as tokens.
        general: Documents as tokens; where they are too few for the share they come several times.
        share: Of general tokens among all, in [0, 1).
        length: Of a block.
        specials: Of the model.
        seed: Which part of the general text is taken.
    """
    chance = np.random.default_rng([seed, 1])
    ordered = [domain[place] for place in chance.permutation(len(domain))]
    blocks = pack(ordered, length, specials)
    replayed = pack([general[place] for place in chance.permutation(len(general))], length, specials)
    wanted = sum(map(len, blocks)) * share / (1 - share)
    there = sum(map(len, replayed))
    taken: list[Tokens] = []
    tokens = 0
    while replayed and tokens < wanted - length / 2:
        block = replayed[len(taken) % len(replayed)]
        taken.append(block)
        tokens += len(block)
    return Packed(
        blocks=(*blocks, *taken),
        domain=len(blocks),
        domain_tokens=sum(map(len, blocks)),
        general_tokens=tokens,
        repeated=tokens / there if there else 0.0,
    )


class TrainingBlocks:
    """Blocks as batches of a training run.

    A masked model gets other tokens to guess each time that it meets a block: the draw comes from torch's generator,
    which training seeds anew for each step, so that an interrupted run draws what an uninterrupted one does.

    Args:
        blocks: int32 [tokens] each.
        specials: Of the model; without a mask token every token but the first is to be foretold.
        mask_share: Share of the tokens that are to be guessed.
    """

    def __init__(self, blocks: Sequence[Tokens], specials: Specials, mask_share: float) -> None:
        self._blocks = blocks
        self._specials = specials
        self._mask_share = mask_share
        self._never = sorted(specials.never)

    @property
    def lengths(self) -> list[int]:
        """Tokens of each block."""
        return [len(block) for block in self._blocks]

    def collate(self, positions: Sequence[int]) -> dict[str, "torch.Tensor"]:
        """Blocks as tensors, filled up on the right.

        Returns:
            `input_ids`, `attention_mask` and `labels`, int64 [n, tokens]; labels are IGNORED where nothing is asked.
        """
        batch = padded([self._blocks[position] for position in positions], self._specials.padding)
        if self._specials.mask is None:
            batch["labels"] = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, IGNORED)
            return batch
        return self._masked(batch, self._specials.mask)

    def _masked(self, batch: dict[str, "torch.Tensor"], mask: int) -> dict[str, "torch.Tensor"]:
        import torch  # noqa: PLC0415 -- heavy

        tokens = batch["input_ids"]
        allowed = (batch["attention_mask"] == 1) & ~torch.isin(tokens, torch.tensor(self._never))
        chosen = allowed & (torch.rand(tokens.shape) < self._mask_share)
        if not chosen.any():
            # A batch of one short block may draw nothing, and a step without a loss teaches nothing.
            place = int(torch.where(allowed.any(), allowed.int().argmax(), torch.tensor(0)))
            chosen.view(-1)[place] = bool(allowed.view(-1)[place])
        labels = tokens.masked_fill(~chosen, IGNORED)
        kind = torch.rand(tokens.shape)
        other = torch.randint(self._specials.vocabulary, tokens.shape)
        shown = tokens.masked_fill(chosen & (kind >= _AS_IT_IS + _ANOTHER), mask)
        shown = torch.where(chosen & (kind >= _AS_IT_IS) & (kind < _AS_IT_IS + _ANOTHER), other, shown)
        return {"input_ids": shown, "attention_mask": batch["attention_mask"], "labels": labels}


def padded(rows: Sequence[Tokens], padding: int) -> dict[str, "torch.Tensor"]:
    """Rows as `input_ids` and `attention_mask`, int64 [n, longest]."""
    import torch  # noqa: PLC0415 -- heavy

    width = max(map(len, rows))
    tokens = torch.full((len(rows), width), padding, dtype=torch.int64)
    mask = torch.zeros_like(tokens)
    for place, row in enumerate(rows):
        tokens[place, : len(row)] = torch.from_numpy(np.array(row, dtype=np.int64))
        mask[place, : len(row)] = 1
    return {"input_ids": tokens, "attention_mask": mask}


def windows(document: Tokens, length: int) -> list[Tokens]:
    """A document cut into pieces of at most this length, for judging: no piece holds anything of another document."""
    return [document[start : start + length] for start in range(0, len(document), length)]


def maskings(count: int, share: float, seed: int) -> Iterator[NDArray[np.bool_]]:
    """Ways to hide tokens that together hide each of them once: bool [count] each, about `share` of them true.

    Args:
        count: Tokens.
        share: In (0, 1).
        seed: The same seed hides the same tokens.
    """
    rounds = max(1, round(1 / share))
    turn = np.random.default_rng([seed, count]).permutation(count) % rounds
    for number in range(rounds):
        yield turn == number
