"""Whole-path cases: what the advice is worth on projects that no rule was written for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from advisor.documents import Recommendation
from advisor.knowledge import load_knowledge


@pytest.mark.parametrize(("group", "least"), [("before_the_rules", 30), ("beside_the_rules", 26)])
def test_our_own_cases_end_acceptably(group: str, least: int, recommend_for: Callable[..., Recommendation]) -> None:
    cases = next(one for one in load_knowledge(with_cases=True).cases if one.id == group).cases
    missed = {}
    for case in cases:
        recommendation = recommend_for(**case.facts)
        if recommendation.approach not in case.acceptable:
            missed[case.id] = recommendation.approach
            assert recommendation.confidence.level != "high", case.id
    assert len(cases) - len(missed) >= least, missed
