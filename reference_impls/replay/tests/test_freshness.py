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
    # Seven are too few to show a change halfway: each gives two.
    assert [len(block) for block in found] == [40] * 14
    starts = (0, 50, 100, 300, 500, 540, 580, 640, 700, 850, 1000, 1045, 1090, 1190)
    assert all(block.min() >= start for block, start in zip(found, starts, strict=True))
    assert all((np.diff(block) > 0).all() for block in found)


def test_large_blocks_are_drawn_from_again() -> None:
    window_of = np.repeat(np.arange(10), [100] + [300] * 9)
    draws = cut_for_test(np.arange(2800.0), np.arange(2800), window_of, 12, 0)
    assert [[len(block) for block in blocks] for blocks in draws] == [[100] * 10] * 3
    assert len(set(np.concatenate([blocks[1] for blocks in draws]).tolist())) > 150


def test_many_windows_and_small_ones_are_joined() -> None:
    assert [len(block) for block in cut([50] * 30, most=10)] == [150] * 10
    joined = cut([100, 5, 5, *[100] * 9, 3], most=14)
    assert len(joined) == 10
    assert joined[0].max() < 100 <= joined[1].min()


def test_few_windows_are_divided_but_never_a_moment() -> None:
    assert [len(block) for block in cut([300, 300])] == [60] * 10
    # A window that cannot be divided leaves all as they are.
    assert [len(block) for block in cut([300, 300, 300, 300, 300, 300, 45])] == [45] * 7
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
    # Six windows of one moment each are too few blocks for a level of .002, and cannot be divided.
    window_of = np.repeat(np.arange(6), 100)
    draws = cut_for_test(window_of.astype(np.float64), np.arange(600), window_of, 6, 0, level)
    assert len(draws) == (1 if level == 0.01 else 0)


@pytest.mark.parametrize("level", [0.1, 0.05, 0.01, 0.001])
@pytest.mark.parametrize("windows", [1, 2, 3, 5, 6, 7, 8, 9, 10, 12, 15, 30])
def test_a_plain_change_halfway_is_shown_however_few_the_windows_are(windows: int, level: float) -> None:
    rows = 1800
    window_of = np.arange(rows) * windows // rows
    blocks = cut_for_test(np.arange(float(rows)), np.arange(rows), window_of, 14, 0, level)[0]
    # The share of rows that follow the first of two opposite rules; a model learns what most of its rows follow.
    first = np.array([np.mean(block < rows / 2) for block in blocks])
    learnt = np.round(first)[:, None]
    found = judge_freshness(learnt * first + (1 - learnt) * (1 - first), len(blocks[0]), level, 9999, 0)
    assert found.fades, found.why
