import numpy as np
import pytest

from ..freshness import blocks_for, cut_for_test, judge_freshness, too_short

BLOCKS = 8


def scores(generator: np.random.Generator, slope: float) -> np.ndarray:
    """Models and blocks that differ by chance, and scores that fall by `slope` with each step of distance."""
    places = np.arange(BLOCKS)
    distance = np.abs(places[:, None] - places[None, :])
    by_chance = generator.normal(size=(BLOCKS, 1)) + generator.normal(size=(1, BLOCKS))
    found: np.ndarray = by_chance - slope * distance + 0.5 * generator.normal(size=(BLOCKS, BLOCKS))
    return found


def test_without_drift_the_test_errs_as_often_as_its_level() -> None:
    generator = np.random.default_rng(5)
    found = [judge_freshness(scores(generator, 0.0), 100, 0.1, 199, seed).fades for seed in range(200)]
    assert 8 <= sum(found) <= 34


def test_what_fades_is_found_with_its_size() -> None:
    found = judge_freshness(scores(np.random.default_rng(1), 0.5), 100, 0.01, 999, 0)
    assert found.fades
    assert found.p == pytest.approx(1 / 1000)
    assert found.gain is not None
    assert found.gain > 0.5
    assert found.by_distance[0] > found.by_distance[-1]


def test_good_models_and_easy_blocks_alone_are_no_drift() -> None:
    easier = np.arange(BLOCKS, dtype=np.float64)
    plain = np.random.default_rng(0).normal(size=(BLOCKS, BLOCKS)) * 0.1
    found = judge_freshness(plain + 10 * easier[None, :] + 5 * easier[:, None], 100, 0.01, 999, 0)
    assert not found.fades


def test_a_change_back_and_forth_that_near_rows_do_not_help_with_is_not_fading() -> None:
    same = np.add.outer(np.arange(BLOCKS), np.arange(BLOCKS)) % 2 == 0
    assert not judge_freshness(np.where(same, 1.0, 0.0), 100, 0.01, 999, 0).fades


def test_few_blocks_are_tried_in_every_order() -> None:
    distance = np.abs(np.subtract.outer(np.arange(6), np.arange(6))).astype(float)
    # The best order and its mirror image: 2 of 720.
    assert judge_freshness(1 / np.maximum(distance, 1), 50, 0.01, 999, 0).p == pytest.approx(2 / 720)


def cut(rows_of_windows: list[int], most: int = 12, time: np.ndarray | None = None) -> list[np.ndarray]:
    window_of = np.repeat(np.arange(len(rows_of_windows)), rows_of_windows)
    moments = np.arange(len(window_of), dtype=np.float64) if time is None else time
    draws = cut_for_test(moments, np.arange(len(window_of)), window_of, most, 0)
    return draws[0] if draws else []


def test_blocks_are_windows_and_all_give_as_many_rows() -> None:
    found = cut([100, 400, 80, 120, 300, 90, 200])
    assert [len(block) for block in found] == [80] * 7
    assert [(block.min() >= start) for block, start in zip(found, (0, 100, 500, 580, 700, 1000, 1090), strict=True)]
    assert all((np.diff(block) > 0).all() for block in found)


def test_large_blocks_are_drawn_from_again() -> None:
    window_of = np.repeat(np.arange(7), [100, 300, 300, 300, 300, 300, 300])
    draws = cut_for_test(np.arange(1900.0), np.arange(1900), window_of, 12, 0)
    assert [[len(block) for block in blocks] for blocks in draws] == [[100] * 7] * 3
    assert len(set(np.concatenate([blocks[1] for blocks in draws]).tolist())) > 150


def test_many_windows_and_small_ones_are_joined() -> None:
    assert [len(block) for block in cut([50] * 30, most=10)] == [150] * 10
    joined = cut([100, 5, 5, 100, 100, 100, 100, 100, 3])
    assert len(joined) == 6
    assert joined[0].max() < 100 <= joined[1].min()


def test_few_windows_are_divided_but_never_a_moment() -> None:
    assert [len(block) for block in cut([300, 300])] == [50] * 12
    time = np.repeat(np.arange(8.0), 100)
    found = cut([400, 400], time=time)
    assert all(len(block) == 100 for block in found)
    assert all(len(set(time[block])) == 1 for block in found)


def test_a_short_history_has_no_test() -> None:
    assert cut([90, 89]) == []
    assert cut([500, 500], time=np.repeat([0.0, 1.0], 500)) == []
    found = too_short(179, 0.01)
    assert not found.fades
    assert "6 blocks of 30 rows" in found.why


@pytest.mark.parametrize("level", [0.01, 0.002, 0.001])
def test_the_blocks_that_a_level_needs_can_reach_it(level: float) -> None:
    count = blocks_for(level)
    distance = np.abs(np.subtract.outer(np.arange(count), np.arange(count))).astype(float)
    assert judge_freshness(1 / np.maximum(distance, 1), 50, level, 999, 0).fades
    window_of = np.repeat(np.arange(6), 100)
    # Six windows are too few blocks for a level of .002: they are divided.
    draws = cut_for_test(np.arange(600.0), np.arange(600), window_of, 6, 0, count)
    assert len(draws[0]) == (6 if level == 0.01 else 7)
