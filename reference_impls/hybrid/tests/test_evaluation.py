"""The 2 x 2 table: scores, differences, corrected tests and the verdict."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from ...evaluation.holm import holm
from ...evaluation.paired import MARGIN, mcnemar_exact
from ...project_base.errors import UserError
from ..evaluation import TwoByTwo, read_table, two_by_two
from ..patterns import PATTERNS, CellName
from ..result_files import known_result, result_file, write_result
from ..show import table_text
from ..significance import interval_of, paired, sign_flip_p

SYSTEMS: dict[CellName, str] = {
    "base": "nothing",
    "base_retrieval": "retrieval alone",
    "tuned": "the tuned part alone",
    "tuned_retrieval": "the hybrid",
}


def scores(items: int, hybrid: int, retrieval: int, tuned: int, base: int = 0) -> dict[CellName, list[float]]:
    """The first so many items are right."""
    counts = {"base": base, "base_retrieval": retrieval, "tuned": tuned, "tuned_retrieval": hybrid}
    return {name: [float(place < count) for place in range(items)] for name, count in counts.items()}  # type: ignore[misc]


def table(found: dict[CellName, list[float]], **more: object) -> TwoByTwo:
    ids = [f"q{place}" for place in range(len(found["tuned_retrieval"]))]
    return two_by_two("router", "share right", ids, found, systems=SYSTEMS, **more)  # type: ignore[arg-type]


def test_scores_differences_and_corrected_tests_are_those_of_the_items() -> None:
    found = table(scores(100, 90, 70, 60, 10))
    assert [(cell.name, cell.score) for cell in found.cells] == [
        ("base", 0.1),
        ("base_retrieval", 0.7),
        ("tuned", 0.6),
        ("tuned_retrieval", 0.9),
    ]
    told = [(cell.tuned, cell.retrieval) for cell in found.cells]
    assert told == [(False, False), (False, True), (True, False), (True, True)]
    assert [each.cell for each in found.against] == ["base_retrieval", "tuned", "base"]
    ps = [mcnemar_exact(won, 0) for won in (20, 30, 80)]
    assert [each.p for each in found.against] == pytest.approx(ps)
    assert [each.p_holm for each in found.against] == pytest.approx(holm(ps))
    assert [round(each.difference.difference, 9) for each in found.against] == [0.2, 0.3, 0.8]
    assert [each.half for each in found.against] == [True, True, False]
    assert found.verdict == "pays"
    assert found.outcomes[65].scores == {"base": 0, "base_retrieval": 1, "tuned": 0, "tuned_retrieval": 1}


def test_a_hybrid_has_to_beat_both_halves() -> None:
    assert table(scores(1000, 900, 700, 900)).verdict == "does_not_pay"
    assert table(scores(1000, 900, 900, 700)).verdict == "does_not_pay"
    assert table(scores(100, 60, 90, 40)).verdict == "does_not_pay"
    assert table(scores(12, 9, 8, 7)).verdict == "cannot_tell"


def test_being_as_good_suffices_only_where_that_is_said_and_only_within_the_margin() -> None:
    equal = scores(1000, 900, 900, 500)
    assert table(equal).verdict == "does_not_pay"
    found = table(equal, equal_suffices={"base_retrieval": "a call is saved"})
    assert found.verdict == "pays"
    assert "a call is saved" in found.why
    worse = table(scores(1000, 850, 900, 500), equal_suffices={"base_retrieval": "a call is saved"})
    assert worse.verdict == "does_not_pay"


def test_a_gain_that_is_shown_to_be_small_does_not_pay() -> None:
    found = scores(1500, 1140, 1125, 100)
    assert table(found, least_gain=0.0).verdict == "pays"
    assert table(found, least_gain=0.05).verdict == "does_not_pay"


def test_a_missing_half_is_told_and_left_out() -> None:
    found = scores(100, 90, 60, 0)
    del found["tuned"], found["base"]
    made = table(found, why_not={"tuned": "it cannot answer alone", "base": "nobody would use it"})
    assert made.verdict == "pays"
    assert made.cell("tuned").score is None
    assert made.cell("tuned").why_not == "it cannot answer alone"
    assert "not measured" in table_text(made)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tuned_retrieval": [1.0] * 9}, "one score in"),
        ({"tuned_retrieval": [1.5] * 10}, "one score in"),
        ({"tuned": None}, "either scores or a reason"),
        ({"tuned": None, "base_retrieval": None}, "at least one half"),
        ({"tuned_retrieval": None}, "at least one half"),
    ],
)
def test_a_table_of_half_the_data_is_refused(change: dict[CellName, list[float] | None], says: str) -> None:
    found = {name: values for name, values in {**scores(10, 9, 8, 7), **change}.items() if values is not None}
    with pytest.raises(ValueError, match=says):
        two_by_two("router", "m", [f"{place}" for place in range(10)], found, systems=SYSTEMS)


def test_ids_may_not_repeat_and_groups_must_be_whole() -> None:
    with pytest.raises(ValueError, match="an id of its own"):
        two_by_two("router", "m", ["a", "a"], scores(2, 2, 1, 1), systems=SYSTEMS)
    with pytest.raises(ValueError, match="for all items or for none"):
        table(scores(10, 9, 8, 7), groups=["x"] * 9)


def test_items_of_one_group_do_not_pass_for_independent_ones() -> None:
    # Ten documents with forty questions each; on seven of them every question is won, on three every one is lost.
    first = [float(document < 7) for document in range(10) for _ in range(40)]
    second = [1 - value for value in first]
    groups = [f"{document}" for document in range(10) for _ in range(40)]
    alone, p_alone = paired("m", first, second)
    together, p_together = paired("m", first, second, groups)
    assert alone.difference == together.difference == pytest.approx(0.4)
    assert p_alone < 1e-6
    assert p_together > 0.2
    assert alone.verdict == "better"
    assert together.verdict == "cannot tell"
    assert together.questions_needed is not None
    assert together.questions_needed > 400
    low, high = interval_of(first, groups) or (0, 0)
    narrow = interval_of(first) or (0, 0)
    assert high - low > 2 * (narrow[1] - narrow[0])


def test_groups_of_one_item_change_nothing() -> None:
    first, second = [1.0, 1.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]
    assert paired("m", first, second, ["a", "b", "c", "d"]) == paired("m", first, second)


@pytest.mark.parametrize("differences", [[0.5, 0.2, 0.9, 0.4, 0.1, 0.3], [1.0, -0.5, 0.25, 2.0, -1.0, 0.75, 0.5]])
def test_the_sign_flip_test_agrees_with_all_flips(differences: list[float]) -> None:
    values = np.array(differences)
    sums = [abs(float(np.dot(signs, values))) for signs in product((-1, 1), repeat=len(values))]
    exact = float(np.mean([each >= abs(values.sum()) - 1e-12 for each in sums]))
    assert sign_flip_p(values) == pytest.approx(exact, abs=0.015)
    assert sign_flip_p(np.zeros(5)) == 1.0


def test_a_result_is_written_read_and_known_again(tmp_path: Path) -> None:
    found = table(scores(50, 45, 30, 20), version="0001-head", groups=[f"{place // 5}" for place in range(50)])
    file = write_result(tmp_path / "results", found)
    assert file == result_file(tmp_path / "results", "router", "0001-head")
    assert read_table(file) == found
    assert '"schema": "hybrid/1"' in file.read_text(encoding="utf-8")
    assert known_result(tmp_path / "results", "router", "0002-head") is None
    file.write_text(file.read_text(encoding="utf-8").replace("hybrid/1", "hybrid/2"), encoding="utf-8")
    with pytest.raises(UserError, match=r"is no result of a hybrid|is damaged"):
        known_result(tmp_path / "results", "router", "0001-head")


def test_the_printed_table_holds_verdict_differences_and_the_way_back() -> None:
    told = table_text(table(scores(1000, 900, 900, 600)))
    assert "DOES NOT PAY" in told
    assert f"below {MARGIN:g}" in told
    assert PATTERNS["router"].dropping in " ".join(told.split())
    assert "hybrid minus retrieval alone: +0.000" in told
    assert max(map(len, told.splitlines())) <= 80


def test_a_part_that_does_nothing_does_not_pay_whatever_the_items_say() -> None:
    same = scores(12, 9, 9, 0)
    assert table(same, equal_suffices={"base_retrieval": "a call is saved"}).verdict == "cannot_tell"
    found = table(same, equal_suffices={"base_retrieval": "a call is saved"}, idle="it routes nothing")
    assert (found.verdict, found.no_gain) == ("does_not_pay", "it routes nothing")
    assert found.why.startswith("The second half does not pay: it routes nothing. +0.000 over retrieval alone")
