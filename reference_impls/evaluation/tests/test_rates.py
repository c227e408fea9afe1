import pytest

from ..rates import wilson_interval


@pytest.mark.parametrize(
    ("errors", "trials", "expected"),
    [(0, 10, (0.0, 0.2775)), (1, 10, (0.0179, 0.4042)), (5, 10, (0.2366, 0.7634)), (10, 10, (0.7225, 1.0))],
)
def test_intervals_as_in_published_tables(errors: int, trials: int, expected: tuple[float, float]) -> None:
    assert wilson_interval(errors, trials) == pytest.approx(expected, abs=5e-5)


def test_nothing_is_known_without_trials() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("errors", range(21))
def test_an_interval_holds_its_rate_and_shrinks_with_more_trials(errors: int) -> None:
    low, high = wilson_interval(errors, 20)
    assert 0 <= low <= errors / 20 <= high <= 1
    closer = wilson_interval(errors * 10, 200)
    assert closer[1] - closer[0] < high - low
