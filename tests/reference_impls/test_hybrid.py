"""What holds of hybrids for any data: nothing unsupported is made up, promises grow with what is asked of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impls.hybrid.evaluation import two_by_two
from reference_impls.hybrid.patterns import CellName
from reference_impls.hybrid.router.promise import promise_accuracy
from reference_impls.hybrid.significance import paired
from reference_impls.hybrid.smoke import checks
from reference_impls.hybrid.tests.projects import settings as project_settings
from reference_impls.hybrid.tuned_helper.facts import Stated, facts_in
from reference_impls.hybrid.tuned_helper.mending import Helper
from reference_impls.labelled_data.base import Span
from reference_impls.project_base.checks import run_checks
from reference_impls.project_base.environment import apply_environment

_FACT = re.compile(r"\d+ (?:days|months|euros|metres)")
_UNITS = ("days", "months", "euros", "metres")
_THINGS = ("warranty", "cable", "bridge", "trial", "refund", "range", "price", "notice")


def spans(texts: Sequence[str]) -> list[list[Span]]:
    return [[Span(each.start(), each.end(), "quantity") for each in _FACT.finditer(text)] for text in texts]


sentences = st.builds(
    lambda thing, other, number, unit, second: (
        f"The {thing} of the {other} is {number} {unit}" + (f" and {second} {unit}." if second else ".")
    ),
    st.sampled_from(_THINGS),
    st.sampled_from(_THINGS),
    st.integers(1, 99),
    st.sampled_from(_UNITS),
    st.one_of(st.none(), st.integers(1, 99)),
)


@given(said=st.lists(sentences, min_size=1, max_size=3), passage=st.lists(sentences, min_size=1, max_size=5))
def test_whatever_a_helper_lets_out_is_stated_by_a_passage(said: list[str], passage: list[str]) -> None:
    helper = Helper(spans, frozenset({"the", "of", "is", "and"}))
    passages = {1: " ".join(passage)}
    text, mended = helper.mend(" ".join(f"{each[:-1]} [1]." for each in said), passages)
    stated = Stated(passages[1])
    for each in mended:
        assert all(stated.holds(fact) for fact in facts_in(each.after, spans([each.after])[0]))
        if each.outcome == "kept":
            assert each.after == each.before
    assert bool(text) == any(each.after for each in mended)


@given(passage=st.lists(sentences, min_size=1, max_size=4))
def test_what_a_passage_says_itself_is_never_touched(passage: list[str]) -> None:
    helper = Helper(spans, frozenset())
    said = " ".join(f"{each[:-1]} [1]." for each in passage)
    assert helper.mend(said, {1: " ".join(passage)})[0] == said


@given(
    scores=st.lists(st.tuples(st.floats(0.2, 1), st.booleans()), min_size=1, max_size=300), wanted=st.floats(0.5, 0.98)
)
def test_a_promise_says_what_the_examples_show_and_claims_no_more(
    scores: list[tuple[float, bool]], wanted: float
) -> None:
    confidence = np.array([each for each, _ in scores])
    right = np.array([each for _, each in scores])
    found = promise_accuracy(confidence, right, wanted)
    if found is not None:
        kept = confidence >= found.threshold
        assert kept.sum() == found.answered
        assert right[kept].mean() == pytest.approx(found.accuracy)
        assert found.accuracy >= found.promised == wanted


@settings(deadline=None)
@given(rows=st.lists(st.tuples(*[st.sampled_from([0.0, 1.0])] * 4), min_size=2, max_size=40), seed=st.integers(0, 1000))
def test_a_table_does_not_depend_on_the_order_of_its_items(
    rows: list[tuple[float, float, float, float]], seed: int
) -> None:
    names: tuple[CellName, ...] = ("base", "base_retrieval", "tuned", "tuned_retrieval")
    order = np.random.default_rng(seed).permutation(len(rows)).tolist()

    def table(places: Sequence[int]) -> object:
        scores = {name: [rows[place][column] for place in places] for column, name in enumerate(names)}
        made = two_by_two("router", "m", [f"{place}" for place in places], scores, systems=dict.fromkeys(names, "x"))
        return [(cell.score, cell.interval) for cell in made.cells], [(each.p, each.p_holm) for each in made.against]

    assert table(range(len(rows))) == table(order)


@given(st.lists(st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0])), min_size=1, max_size=30))
def test_a_comparison_turned_round_is_the_same_with_its_sign(pairs: list[tuple[float, float]]) -> None:
    first, second = [one for one, _ in pairs], [other for _, other in pairs]
    groups = [f"{place // 3}" for place in range(len(pairs))]
    one, p_one = paired("m", first, second, groups)
    other, p_other = paired("m", second, first, groups)
    assert one.difference == pytest.approx(-other.difference)
    assert p_one == p_other


@pytest.mark.soak
@pytest.mark.parametrize("pattern", ["router", "tuned_helper"])
def test_the_smoke_checks_pass_on_the_sample(tmp_path: Path, pattern: str) -> None:
    settings = project_settings(tmp_path, hybrid__pattern=pattern, project_base__threads=1)
    apply_environment(settings.project_base)
    failed = [each for each in run_checks(checks(settings, tmp_path), lambda _: None) if not each.passed]
    assert not failed, [(each.name, each.message) for each in failed]
