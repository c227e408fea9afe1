import itertools

import numpy as np
import pytest

from ..plan import epoch_batches, padded_tokens, share_of

LENGTHS = np.random.default_rng(0).integers(1, 60, 1000)


@pytest.mark.parametrize(("most", "budget"), [(32, 100_000), (32, 200), (7, 64), (1, 1), (5000, 500), (5000, 10**9)])
def test_each_item_comes_once_and_no_batch_is_too_large(most: int, budget: int) -> None:
    batches = epoch_batches(LENGTHS, most, budget, 0, 0)
    assert sorted(np.concatenate(batches).tolist()) == list(range(1000))
    for batch in batches:
        assert len(batch) <= most
        assert len(batch) == 1 or padded_tokens(batch, LENGTHS) <= budget


def test_the_seed_and_the_epoch_decide_the_order() -> None:
    first, again, other_epoch, other_seed = (
        np.concatenate(epoch_batches(LENGTHS, 8, 10_000, seed, epoch)).tolist()
        for seed, epoch in ((3, 0), (3, 0), (3, 1), (4, 0))
    )
    assert first == again
    assert first != other_epoch
    assert first != other_seed


def test_who_shares_a_batch_differs_between_epochs() -> None:
    together = [
        {frozenset(batch.tolist()) for batch in epoch_batches(LENGTHS, 8, 10_000, 0, epoch)} for epoch in (0, 1)
    ]
    assert not together[0] & together[1]


def test_little_is_spent_on_padding_and_all_batches_but_one_are_full() -> None:
    batches = epoch_batches(LENGTHS, 16, 10**9, 0, 0)
    padded = sum(padded_tokens(batch, LENGTHS) for batch in batches)
    assert padded < 1.1 * LENGTHS.sum()
    chance = [LENGTHS[start : start + 16] for start in range(0, 1000, 16)]
    assert sum(len(group) * group.max() for group in chance) > 1.8 * LENGTHS.sum()
    assert sorted(len(batch) for batch in batches)[1] == 16


def test_lengths_of_batches_come_in_no_order() -> None:
    longest = [int(LENGTHS[batch].max()) for batch in epoch_batches(LENGTHS, 8, 10_000, 0, 0)]
    rising = sum(first <= second for first, second in itertools.pairwise(longest)) / (len(longest) - 1)
    assert 0.35 < rising < 0.65


@pytest.mark.parametrize(("parts", "processes"), [(1, 1), (3, 1), (1, 4), (2, 3), (5, 7)])
def test_parts_and_processes_share_a_batch_without_rest(parts: int, processes: int) -> None:
    batch = np.arange(16)
    shares = [share_of(batch, part, parts, rank, processes) for part in range(parts) for rank in range(processes)]
    assert sorted(np.concatenate(shares).tolist()) == list(range(16))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_an_item_of_no_length_and_a_single_item_make_batches() -> None:
    assert [batch.tolist() for batch in epoch_batches([0], 8, 16, 0, 0)] == [[0]]
    assert padded_tokens(np.array([0]), [0]) == 1
