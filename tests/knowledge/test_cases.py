"""Whole-path cases: what the advice is worth on projects that no rule was written for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from advisor import resources
from advisor.documents import Recommendation
from advisor.strict_yaml import load_file


@pytest.mark.parametrize(("group", "least"), [("before_the_rules", 30), ("beside_the_rules", 26)])
def test_our_own_cases_end_acceptably(group: str, least: int, recommend_for: Callable[..., Recommendation]) -> None:
    cases = load_file(resources.folder("rules") / "cases" / "own.yaml").data[group]
    missed = {}
    for case in cases:
        recommendation = recommend_for(**{fact: str(code) for fact, code in case["facts"].items()})
        if recommendation.approach not in case["acceptable"]:
            missed[case["id"]] = recommendation.approach
            assert recommendation.confidence.level != "high", case["id"]
    assert len(cases) - len(missed) >= least, missed
