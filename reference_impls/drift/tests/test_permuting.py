"""The permutation of blocks, against all exchanges and against its own level."""

from itertools import combinations

import numpy as np
import pytest

from ..blocks import block_sums, lengths_for
from ..permuting import Draws, Part, draws_for, permute, within_reach
from .drifting import autoregressive


def difference(current: Draws, reference: Draws) -> Draws:
    return np.asarray(np.abs(current - reference))


def test_p_is_the_share_of_all_exchanges_that_reach_what_was_seen() -> None:
    draw = np.random.default_rng(7)
    reference, current = draw.normal(size=(5, 1)).astype(np.float32), draw.normal(1.3, 1, (5, 1)).astype(np.float32)
    both = np.concatenate([reference, current])[:, 0]
    all_of_them = [abs(2 * both[list(chosen)].sum() - both.sum()) for chosen in combinations(range(10), 5)]
    seen = abs(current.sum() - reference.sum())
    exact = np.mean(np.array(all_of_them) >= seen - 1e-5)
    found = permute([Part(reference, current, difference)], 0.01, 0)
    assert found.p[0] == pytest.approx(exact, abs=0.03)
    assert found.value[0] == pytest.approx(seen)


def test_the_correction_for_many_is_no_smaller_than_one_and_no_larger_than_bonferronis() -> None:
    draw = np.random.default_rng(8)
    reference, current = draw.normal(size=(2, 32, 20)).astype(np.float32)
    found = permute([Part(reference, current, difference)], 0.01, 0)
    assert (found.family_p >= found.p - 1e-9).all()
    assert found.family_p.min() <= 20 * found.p.min() * 1.1


def test_aspects_that_are_all_alike_need_no_correction() -> None:
    draw = np.random.default_rng(9)
    reference, current = (np.repeat(draw.normal(by, 1, (16, 1)), 30, axis=1).astype(np.float32) for by in (0, 0.6))
    found = permute([Part(reference, current, difference)], 0.01, 0)
    assert found.family_p[0] == pytest.approx(found.p[0], abs=1e-3)


def test_what_cannot_change_is_never_certain() -> None:
    same = np.ones((20, 1), dtype=np.float32)
    assert permute([Part(same, same, difference)], 0.01, 0).family_p[0] == 1


def test_few_draws_where_nothing_is_there_and_as_many_as_the_level_needs_where_something_is() -> None:
    draw = np.random.default_rng(10)
    reference = draw.normal(size=(32, 3)).astype(np.float32)
    nothing = permute([Part(reference, draw.normal(size=(32, 3)).astype(np.float32), difference)], 1e-4, 0)
    something = permute([Part(reference, reference + 3, difference)], 1e-4, 0)
    assert nothing.draws == 1000
    assert something.draws == draws_for(1e-4) == 50_000
    assert something.family_p.max() < 1e-4


@pytest.mark.parametrize("alpha", [0.01, 2e-5, 4e-6, 1.01e-6])
def test_what_is_within_reach_can_be_reached_and_nothing_else(alpha: float) -> None:
    # 401 windows with five questions have 5e-6 of a level of .01 each.
    assert within_reach(alpha)
    assert 1 / (draws_for(alpha) + 1) <= alpha
    assert not within_reach(9e-7)
    lengths = lengths_for(500, 500)
    assert lengths.tells(0, alpha)
    assert not lengths.tells(0, 9e-7)


def test_where_no_draw_can_win_any_more_the_test_ends() -> None:
    draw = np.random.default_rng(5)
    reference = draw.normal(size=(32, 1)).astype(np.float32)
    found = permute([Part(reference, reference + 0.6, difference)], 2e-6, 0)
    assert found.family_p[0] > 1e-3
    assert 1000 < found.draws < 100_000


def test_the_same_seed_gives_the_same_result() -> None:
    draw = np.random.default_rng(11)
    reference, current = draw.normal(size=(2, 16, 4)).astype(np.float32)
    first, second = (permute([Part(reference, current, difference)], 0.01, 3) for _ in range(2))
    assert first.p.tolist() == second.p.tolist()


@pytest.mark.parametrize("memory", [0.0, 0.9])
def test_blocks_keep_the_level_where_rows_do_not(memory: float) -> None:
    level, histories = 0.1, 150
    rejected = {"rows": 0, "blocks": 0}
    for seed in range(histories):
        series = autoregressive(640, 1, memory, np.random.default_rng([12, seed]))
        for name, rows in (("rows", 4), ("blocks", 80)):
            sums = block_sums(series, 1, rows)
            half = len(sums) // 2
            found = permute([Part(sums[:half], sums[half:], difference)], level, seed)
            rejected[name] += found.p[0] <= level
    # Three standard errors of a share of .1 in 150 are .073.
    assert rejected["blocks"] / histories < level + 0.073
    if memory:
        assert rejected["rows"] / histories > 0.4
