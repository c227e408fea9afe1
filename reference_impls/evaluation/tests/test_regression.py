import numpy as np
import pytest

from ..paired import compare
from ..regression import regression, regression_in_words


def outcomes(won: int, lost: int, items: int) -> tuple[list[bool], list[bool]]:
    same = [True] * (items - won - lost)
    return [True] * won + [False] * lost + same, [False] * won + [True] * lost + same


@pytest.mark.parametrize(
    ("won", "lost", "items", "outcome", "certain"),
    [
        (30, 5, 400, "improved", True),
        (5, 30, 400, "regressed", True),
        (6, 6, 2000, "unchanged", True),
        (3, 3, 40, "unchanged", False),
        (0, 0, 20, "unchanged", False),
    ],
)
def test_the_outcome_follows_from_the_difference(won: int, lost: int, items: int, outcome: str, certain: bool) -> None:
    found = regression(*outcomes(won, lost, items))
    assert (found.outcome, found.certain) == (outcome, certain)
    assert found.newly_right == tuple(range(won))
    assert found.newly_wrong == tuple(range(won, won + lost))
    assert found.changed_groups == ()


def test_an_average_does_not_hide_a_label_that_got_worse() -> None:
    new, old = outcomes(12, 12, 3000)
    groups = ["a"] * 12 + ["b"] * 12 + [f"other {number % 20}" for number in range(2976)]
    found = regression(new, old, groups)
    assert found.difference.verdict == "not worse"
    assert found.outcome == "regressed"
    (worse,) = found.worse_groups
    assert (worse.group, worse.items, worse.newly_right, worse.newly_wrong) == ("b", 12, 0, 12)
    assert worse.p == pytest.approx(2 * 2 / 4096)
    assert [each.group for each in found.changed_groups] == ["b", "a"]
    told = regression_in_words(found, "0001-lora")
    assert told.startswith("regressed: accuracy is not worse than 0001-lora by more than 0.02")
    assert "12 items are newly right, 12 newly wrong." in told
    assert told.endswith("Worse beyond chance on: b (12 of 12 newly wrong, 0 newly right).")


def test_a_better_model_stays_better_and_names_what_got_worse() -> None:
    new, old = outcomes(60, 8, 500)
    found = regression(new, old, ["a"] * 60 + ["b"] * 8 + ["c"] * 432)
    assert found.outcome == "improved"
    assert [each.group for each in found.worse_groups] == ["b"]


def test_many_labels_do_not_make_one_worse_by_chance() -> None:
    false_alarms = 0
    same = compare("accuracy", [1.0], [1.0])
    groups = [f"label {number % 40}" for number in range(2000)]
    for seed in range(100):
        old, new = np.random.default_rng(seed).random((2, 2000)) < 0.8
        false_alarms += bool(regression(new.tolist(), old.tolist(), groups, same).worse_groups)
    assert false_alarms <= 6


def test_a_label_with_few_changes_needs_no_correction_and_gets_no_blame() -> None:
    new, old = outcomes(0, 5 + 7, 900)
    found = regression(new, old, ["few"] * 5 + ["many"] * 7 + ["same"] * 888)
    assert [each.group for each in found.worse_groups] == ["many"]
    assert found.worse_groups[0].p == pytest.approx(2 / 2**7)


def test_another_measure_can_decide() -> None:
    new, old = outcomes(30, 5, 400)
    same = compare("macro-F1", [1.0] * 1000, [1.0] * 1000)
    found = regression(new, old, difference=same)
    assert (found.outcome, found.difference.measure) == ("unchanged", "macro-F1")


def test_all_must_be_of_one_length() -> None:
    for new, old, groups in (([], [], None), ([True], [], None), ([True], [True], ["a", "b"])):
        with pytest.raises(ValueError, match="at least one item"):
            regression(new, old, groups)
