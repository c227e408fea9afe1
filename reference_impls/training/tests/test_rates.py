import pytest

from ..rates import rate_factor
from .tiny import settings


@pytest.mark.parametrize(
    ("schedule", "middle", "end"), [("linear", 0.5, 0.0), ("cosine", 0.5, 0.0), ("constant", 1.0, 1.0)]
)
def test_the_rate_rises_then_follows_its_schedule(schedule: str, middle: float, end: float) -> None:
    given = settings(schedule=schedule, warm_up=0.2)
    assert rate_factor(0.0, given) == 0
    assert rate_factor(0.1, given) == pytest.approx(0.5)
    assert rate_factor(0.2, given) == pytest.approx(1.0)
    assert rate_factor(0.6, given) == pytest.approx(middle)
    assert rate_factor(1.0, given) == pytest.approx(end)
    assert rate_factor(1.5, given) == pytest.approx(end)


def test_cosine_stays_high_longer_than_a_line() -> None:
    assert rate_factor(0.2, settings(schedule="cosine", warm_up=0.0)) > 0.85
    assert rate_factor(0.2, settings(schedule="linear", warm_up=0.0)) == pytest.approx(0.8)


def test_a_warm_up_over_the_whole_run_only_rises() -> None:
    assert [rate_factor(share, settings(warm_up=1.0)) for share in (0.0, 0.5, 1.0)] == [0, 0.5, 1]
