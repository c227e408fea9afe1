"""Blocks hold every token once, the share of general text is kept, and what is hidden covers a document exactly."""

import numpy as np
import torch

from ...training.seeds import seed_everything
from ..blocks import IGNORED, Specials, TrainingBlocks, maskings, mix, pack, windows

SPECIALS = Specials(before=1, after=2, padding=0, mask=3, never=frozenset({0, 1, 2, 3}), vocabulary=500)
CAUSAL = Specials(before=None, after=2, padding=0, mask=None, never=frozenset(), vocabulary=500)


def texts(count: int, start: int = 10, length: int = 30) -> list[np.ndarray[tuple[int], np.dtype[np.int32]]]:
    draw = np.random.default_rng(count)
    return [draw.integers(start, start + 100, draw.integers(5, length)).astype(np.int32) for _ in range(count)]


def test_blocks_hold_every_token_once_and_in_order() -> None:
    given = texts(20)
    blocks = pack(given, 16, SPECIALS)
    assert {len(block) for block in blocks[:-1]} == {16}
    assert all(block[0] == 1 for block in blocks)
    stream = np.concatenate([block[1:] for block in blocks])
    wanted = np.concatenate([np.append(text, 2) for text in given])
    assert np.array_equal(stream, wanted)
    assert pack([], 16, SPECIALS) == []
    assert np.array_equal(np.concatenate(pack(given, 7, CAUSAL)), wanted)


def test_general_text_has_its_share_and_comes_again_where_it_is_little() -> None:
    domain, general = texts(100), texts(5, start=300)
    packed = mix(domain, general, 0.25, 16, SPECIALS, 0)
    assert abs(packed.share - 0.25) < 0.02
    assert packed.repeated > 1
    kept = packed.blocks[packed.domain :]
    assert all((np.isin(block, [1, 2]) | (block >= 300)).all() for block in kept)
    much = mix(texts(5), texts(100, start=300), 0.25, 16, SPECIALS, 0)
    assert abs(much.share - 0.25) < 0.1
    assert much.repeated < 1
    none = mix(domain, [], 0.25, 16, SPECIALS, 0)
    assert (none.share, none.domain) == (0, len(none.blocks))
    assert mix(domain, general, 0.25, 16, SPECIALS, 0).digest == packed.digest
    assert mix(domain, general, 0.25, 16, SPECIALS, 1).digest != packed.digest


def test_a_masked_batch_asks_for_its_share_and_never_for_special_tokens() -> None:
    blocks = pack(texts(400), 64, SPECIALS)
    batches = TrainingBlocks(blocks, SPECIALS, 0.15)
    everything = range(len(blocks))
    seed_everything(1)
    batch = batches.collate(list(everything))
    original = batches.collate(list(everything))["input_ids"]
    asked = batch["labels"] != IGNORED
    real = batch["attention_mask"] == 1
    assert abs(float(asked.sum() / real.sum()) - 0.15) < 0.02
    assert not torch.isin(batch["labels"][asked], torch.tensor([0, 1, 2, 3])).any()
    hidden = float((batch["input_ids"][asked] == 3).float().mean())
    same = float((batch["input_ids"][asked] == batch["labels"][asked]).float().mean())
    assert abs(hidden - 0.8) < 0.05
    assert abs(same - 0.1) < 0.04
    assert original.shape == batch["input_ids"].shape
    seed_everything(1)
    again = batches.collate(list(everything))
    assert all(torch.equal(batch[name], again[name]) for name in batch)
    other = batches.collate(list(everything))
    assert not torch.equal(batch["labels"], other["labels"])


def test_a_tiny_batch_asks_for_something() -> None:
    batches = TrainingBlocks([np.array([1, 50, 2], dtype=np.int32)], SPECIALS, 0.05)
    for seed in range(20):
        seed_everything(seed)
        assert int((batches.collate([0])["labels"] != IGNORED).sum()) == 1


def test_a_causal_batch_asks_for_every_token_that_is_there() -> None:
    blocks = pack(texts(3), 16, CAUSAL)
    batch = TrainingBlocks(blocks, CAUSAL, 0.15).collate(range(len(blocks)))
    assert torch.equal(batch["labels"] != IGNORED, batch["attention_mask"] == 1)


def test_each_token_of_a_document_is_hidden_once() -> None:
    for count, share in ((1, 0.15), (7, 0.15), (100, 0.15), (100, 0.5), (64, 0.33)):
        rounds = list(maskings(count, share, 4))
        assert np.array_equal(np.sum(rounds, axis=0), np.ones(count))
        assert len(rounds) == round(1 / share)
    assert [len(piece) for piece in windows(np.arange(25, dtype=np.int32), 10)] == [10, 10, 5]
