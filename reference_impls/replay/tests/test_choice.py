import numpy as np
import pytest

from ...project_base.errors import UserError
from ..base import Policy
from ..chart import chart
from ..choice import choose
from ..freshness import too_short
from ..results import Prices, Replayed
from ..table import replay_table
from .made import EACH, NEVER, ROWS, SECOND, WARM, WINDOWS, made, rates

FRESH = (0.1,) * WINDOWS
STALE = tuple(0.1 + 0.05 * age for age in range(WINDOWS))
HALF = tuple(0.1 + 0.05 * (age % 2) for age in range(WINDOWS))


def test_what_beats_no_retraining_by_far_is_chosen() -> None:
    found = choose(made({NEVER: rates(*STALE), EACH: rates(*FRESH)}))
    assert (found.policy, found.cadence, found.do_not_retrain) == (EACH.name, 1, False)
    assert found.every == "every window (about 30 days)"
    assert found.against_never[0].saved == pytest.approx(0.05 * 28 * ROWS, rel=0.1)


def test_where_nothing_fades_the_answer_is_not_to_retrain_and_the_gain_is_explained() -> None:
    found = choose(made({NEVER: rates(*STALE), EACH: rates(*FRESH)}, fades=False))
    assert found.do_not_retrain
    assert found.policy == "never"
    assert "more rows to learn from" in found.why
    assert found.best_cadence is None


def test_equal_policies_end_in_no_retraining() -> None:
    same = rates(*FRESH)
    found = choose(made({NEVER: same, EACH: same, WARM: same}))
    assert found.do_not_retrain
    assert not any(each.shown for each in found.against_never)
    assert "policy is shown to cost less" in found.why


def test_a_gain_that_chance_can_make_is_not_enough() -> None:
    found = choose(made({NEVER: rates(*FRESH, seed=1), EACH: rates(*[0.095] * WINDOWS, seed=2)}))
    assert found.do_not_retrain


def test_a_tie_goes_to_the_simpler_policy() -> None:
    fresh = rates(*FRESH)
    nearly = fresh.copy()
    nearly[np.flatnonzero(fresh)[0]] = 0.0
    found = choose(made({NEVER: rates(*STALE), EACH: fresh, WARM: nearly}))
    assert found.policy == EACH.name
    assert found.against_cheapest[0].policy == WARM.name
    assert "the simpler one is taken" in found.why


def test_a_more_complex_policy_that_is_shown_to_be_better_is_taken() -> None:
    found = choose(made({NEVER: rates(*STALE), EACH: rates(*FRESH), WARM: rates(*[0.03] * WINDOWS)}))
    assert found.policy == WARM.name


def test_the_price_of_a_retrain_moves_the_cadence_and_then_ends_retraining() -> None:
    replayed = made({NEVER: rates(*STALE), SECOND: rates(*HALF), EACH: rates(*FRESH)})
    cadences = {
        price: choose(replayed, Prices(error=1.0, label=0.0, retrain=price, compute_hour=0.0)).cadence
        for price in (0.0, 12.0, 200.0)
    }
    assert cadences == {0.0: 1, 12.0: 2, 200.0: 0}


def test_the_most_that_a_retrain_may_cost_is_where_the_balance_turns() -> None:
    replayed = made({NEVER: rates(*STALE), EACH: rates(*FRESH)})
    found = choose(replayed)
    assert found.most_a_retrain_may_cost is not None
    never, each = replayed.played(NEVER.name), replayed.played(EACH.name)
    left = sum(never.losses) - sum(each.losses) - each.retrains * found.most_a_retrain_may_cost
    assert left == pytest.approx(0.0, abs=1e-6)


def test_labels_that_are_dear_end_retraining() -> None:
    assert choose(made({NEVER: rates(*STALE), EACH: rates(*FRESH)}, label=1.0)).do_not_retrain


def test_the_choice_is_made_again_on_the_earlier_windows_and_shown_on_the_later_ones() -> None:
    # The schedule helps in the first half and harms in the second: a choice on the first half pays for it later.
    helps = rates(*[0.05] * 4, *[0.3] * 4)
    found = choose(made({NEVER: rates(*[0.3] * 4, *[0.25] * 4), EACH: helps})).optimism
    assert found.chosen_before == EACH.name
    assert found.later_metric is not None
    assert found.later_never is not None
    assert found.later_metric < found.later_never
    assert found.later_best == found.later_never


def test_the_earlier_choice_knows_nothing_of_the_later_windows() -> None:
    policies = {NEVER: rates(*STALE), EACH: rates(*FRESH)}
    # What fades in the later windows alone could not be known before them.
    found = choose(made(policies, earlier_fades=False))
    assert found.policy == EACH.name
    assert found.optimism.chosen_before == "never"


def test_draws_are_enough_for_the_level_and_the_number_of_policies() -> None:
    many = {Policy(f"schedule {number}", "scheduled", 1): rates(*FRESH, seed=number) for number in range(10)}
    found = choose(made({NEVER: rates(*[0.5] * WINDOWS), **many}, level=0.001), resamples=999)
    assert not found.do_not_retrain
    assert max(each.corrected for each in found.against_never) <= 0.001


def test_where_no_gain_could_be_shown_it_is_told() -> None:
    found = choose(made({NEVER: rates(*[0.9] * WINDOWS), EACH: rates(*FRESH)}, block=ROWS * WINDOWS // 3))
    assert found.do_not_retrain
    assert "3 blocks, too few" in found.why
    assert "shown to cost less" not in found.why


def test_a_history_too_short_for_the_test_of_freshness_is_not_called_still() -> None:
    replayed = made({NEVER: rates(*STALE), EACH: rates(*FRESH)})
    found = choose(replayed.model_copy(update={"freshness": too_short(100, 0.002)}))
    assert found.do_not_retrain
    assert "7 blocks of 30 rows" in found.why
    assert "one training on all rows" not in found.why


def test_a_cadence_that_no_replay_could_try_is_not_asked_for() -> None:
    replayed = made({NEVER: rates(*STALE), EACH: rates(*FRESH)})
    for price, told in ((100.0, "add 4 to replay.cadences"), (1e9, "than this history can tell")):
        found = choose(replayed, Prices(error=1.0, label=0.0, retrain=price, compute_hour=0.0))
        assert told in found.why, found.why


def test_choosing_among_policies_that_differ_by_chance_alone_is_optimistic() -> None:
    policies = {NEVER: rates(*FRESH), EACH: rates(*FRESH, seed=1), WARM: rates(*FRESH, seed=2)}
    assert choose(made(policies)).optimism.bootstrap > 0.002


def test_without_never_nothing_can_be_judged() -> None:
    with pytest.raises(UserError, match="never"):
        choose(made({EACH: rates(*FRESH)}))


def test_documents_come_back_from_json_and_say_their_form() -> None:
    replayed = made({NEVER: rates(*STALE), EACH: rates(*FRESH)})
    text = replayed.model_dump_json(by_alias=True)
    assert '"schema":"replay/1"' in text
    assert Replayed.model_validate_json(text) == replayed


def test_table_and_chart_say_the_same_and_fit_the_terminal() -> None:
    replayed = made({NEVER: rates(*STALE), SECOND: rates(*HALF), EACH: rates(*FRESH)}, retrain=1.0)
    choice = choose(replayed)
    shown = replay_table(replayed, choice)
    assert max(map(len, shown.splitlines())) <= 80
    assert f"*{choice.policy}" in shown
    for point in chart(replayed, choice).points:
        assert point.cost_interval[0] <= point.cost <= point.cost_interval[1]
        assert f"{point.metric:.3f}" in shown
        assert point.chosen == (point.policy == choice.policy)
