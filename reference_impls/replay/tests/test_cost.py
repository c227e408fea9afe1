import math

import pytest

from ..cost import cost, prices
from ..results import Prices
from ..settings import Settings
from ..staleness import best_cadence, fading
from .made import EACH, NEVER, WINDOWS, made, rates

AT = Prices(error=2.0, label=0.5, retrain=100.0, compute_hour=36.0)


def test_a_cost_is_its_parts_at_their_prices() -> None:
    found = cost((3.0, 4.0), new_labels=10, retrains=2, new_seconds=100.0, at=AT)
    assert (found.errors, found.labels, found.retrains, found.compute) == (14.0, 5.0, 200.0, 1.0)
    assert found.total == 220.0


def test_prices_come_from_the_settings() -> None:
    assert prices(Settings(cost_of_error=3.0, cost_of_retrain=7.0)) == Prices(
        error=3.0, label=0.0, retrain=7.0, compute_hour=0.0
    )


def test_the_cadence_has_the_lowest_cost_of_all_where_loss_grows_evenly() -> None:
    slope, rows = 0.01, 50.0
    found = best_cadence((slope, (slope / 2, 2 * slope)), rows, 0.0, AT)
    assert found is not None

    def a_window(cadence: float) -> float:
        return AT.retrain / cadence + slope * rows * AT.error * (cadence - 1) / 2

    assert a_window(found) == min(a_window(found * factor) for factor in (0.8, 0.9, 1.0, 1.1, 1.25))
    assert found == pytest.approx(math.sqrt(2 * 100.0 / (0.01 * 50.0 * 2.0)))


def test_a_free_retrain_is_made_at_every_window_and_age_that_costs_nothing_gives_no_cadence() -> None:
    free = AT.model_copy(update={"retrain": 0.0})
    assert best_cadence((0.1, (0.05, 0.15)), 50.0, 0.0, free) == 1.0
    assert best_cadence((0.1, (-0.01, 0.21)), 50.0, 0.0, AT) is None
    assert best_cadence(None, 50.0, 0.0, AT) is None


def test_what_fades_by_chance_alone_gives_no_cadence() -> None:
    found = []
    for rises in (0.0, 0.05):
        lost = rates(*[0.1 + rises * age for age in range(WINDOWS)], seed=3)
        replayed = made({NEVER: lost, EACH: rates(*[0.1] * WINDOWS, seed=4)})
        found.append(fading(replayed.policies, replayed.blocks, 999, 0))
    by_chance, fades = found
    assert by_chance is not None
    assert by_chance[1][0] < 0 < by_chance[1][1]
    assert fades is not None
    assert fades[1][0] < 0.05 < fades[1][1]
    assert fades[1][0] > 0
