import pytest

from ..base import SIMPLEST_FIRST, Policy
from ..policies import standard_policies, trains_at
from ..settings import Settings


def test_every_kind_is_replayed_by_default_and_names_are_unique() -> None:
    policies = standard_policies(Settings())
    assert {policy.kind for policy in policies} == set(SIMPLEST_FIRST)
    assert len({policy.name for policy in policies}) == len(policies)


def test_the_simplest_stand_first_and_a_rarer_schedule_is_simpler() -> None:
    policies = standard_policies(Settings(cadences="1, 4, 2"))
    assert policies[0].kind == "never"
    assert [policy.cadence for policy in policies if policy.kind == "scheduled"] == [4, 2, 1]


def test_one_kind_alone_keeps_never_beside_it() -> None:
    found = standard_policies(Settings(cadences="3"), only="scheduled")
    assert [(policy.kind, policy.cadence) for policy in found] == [("never", 0), ("scheduled", 3)]


def test_what_is_left_empty_is_not_replayed() -> None:
    found = standard_policies(Settings(sliding_windows="", half_lives="", label_budgets="", warm_start=False))
    assert {policy.kind for policy in found} == set(SIMPLEST_FIRST) - {
        "sliding_window",
        "recency_weighted",
        "active_learning",
        "warm_start",
    }


def test_a_cadence_counts_from_the_first_model() -> None:
    schedule = Policy("s", "scheduled", 3)
    assert [index for index in range(8) if trains_at(schedule, index)] == [0, 3, 6]
    assert [index for index in range(8) if trains_at(Policy("n", "never", 0), index)] == [0]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "never", "cadence": 1},
        {"kind": "scheduled", "cadence": 0},
        {"kind": "scheduled", "window": 2},
        {"kind": "sliding_window"},
        {"kind": "recency_weighted"},
        {"kind": "active_learning", "budget": 1.5},
    ],
)
def test_a_policy_that_means_nothing_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        Policy("x", **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "wrong",
    [
        {"cadences": ""},
        {"cadences": "0"},
        {"cadences": "1.5"},
        {"cadences": "often"},
        {"half_lives": "-1"},
        {"label_budgets": "1.2"},
        {"sliding_windows": "inf"},
    ],
)
def test_settings_that_list_what_cannot_be_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="write"):
        Settings(**wrong)  # type: ignore[arg-type]
