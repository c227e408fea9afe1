"""The score: hand-made cases whose every figure is worked out here by hand, and the path that judges them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings

from advisor.documents.score import Cell, Tally
from advisor.knowledge import Knowledge, load_knowledge
from advisor.knowledge.case_files import read_cases
from advisor.pipeline import advise
from advisor.scoring import judge, score
from advisor.values import Approach
from tests.profiles import answers_of, profiles

KNOWLEDGE = load_knowledge()

MINI = """\
cases:
  - {id: RIGHT, facts: {model_kind: predictive, label_flow: automatic}, inferred: [model_kind, label_flow],
     expected: retraining, acceptable: [retraining]}
  - {id: NEARLY, facts: {model_kind: predictive, label_flow: automatic}, inferred: [],
     expected: fine_tuning, acceptable: [fine_tuning, retraining]}
  - {id: WRONG, facts: {model_kind: predictive, label_flow: automatic}, inferred: [],
     expected: hybrid, acceptable: [hybrid], sure: false}
  - {id: NOTHING, facts: {model_kind: predictive, label_flow: none}, inferred: [label_flow],
     expected: retraining, acceptable: [retraining]}
"""
"""A predictive model whose outcomes come back by themselves can only be retrained, whatever else turns out: the
confidence is 1. Without outcomes everything is vetoed. With nothing known there is no verdict."""


@pytest.fixture
def mini(tmp_path: Path) -> Path:
    path = tmp_path / "mini.yaml"
    path.write_text(MINI)
    return path


def test_every_figure_of_a_small_set_is_the_one_worked_out_by_hand(mini: Path, knowledge: Knowledge) -> None:
    found = score([read_cases(mini, knowledge)], knowledge)
    whole, stated = found.all_facts, found.stated_facts
    # RIGHT, NEARLY and WRONG get retraining with confidence 1, NOTHING gets no verdict.
    assert whole.total == Tally(cases=4, exact=1, acceptable=2, abstained=1, high=3, high_acceptable=2)
    assert whole.confusion == (
        Cell(expected=Approach.FINE_TUNING, got=Approach.RETRAINING, cases=1),
        Cell(expected=Approach.RETRAINING, got=Approach.RETRAINING, cases=1),
        Cell(expected=Approach.RETRAINING, got=None, cases=1),
        Cell(expected=Approach.HYBRID, got=Approach.RETRAINING, cases=1),
    )
    # Squares of confidence minus outcome: (1 - 1), (1 - 1), (1 - 0); NOTHING gave no verdict to be sure of.
    assert whole.brier == pytest.approx((0 + 0 + 1) / 3, abs=1e-4)
    high, medium, low = whole.levels
    assert (high.level, high.cases, high.exact, high.acceptable, high.mean) == ("high", 3, 1, 2, 1.0)
    assert [(level.cases, level.mean) for level in (medium, low)] == [(0, None), (0, None)]
    assert [(one.case, one.got, one.undecided) for one in whole.disagreements] == [
        ("NOTHING", None, "everything_vetoed"),
        ("WRONG", "retraining", None),
        ("NEARLY", "retraining", None),
    ]
    # Stated alone: RIGHT knows nothing and gets no verdict; NOTHING keeps model_kind and is retrained.
    assert (stated.total.exact, stated.total.acceptable, stated.total.abstained) == (1, 2, 1)
    assert found.groups[0].all_facts == whole.total
    assert (found.groups[0].group, found.groups[0].title) == ("mini", "Mini")
    # Left out, model_kind leaves nothing to go by: RIGHT and NEARLY are lost, WRONG and NOTHING were not right before.
    # Without label_flow three are retrained as before, and NOTHING too, which is right there.
    assert found.left_out is not None
    assert (found.left_out.verdicts, found.left_out.acceptable) == (8, 3)
    assert [(one.fact, one.cases, one.lost, one.gained) for one in found.left_out.facts] == [
        ("model_kind", 4, 2, 0),
        ("label_flow", 4, 0, 1),
    ]


def test_without_a_verdict_there_is_no_brier_score(mini: Path, knowledge: Knowledge) -> None:
    group = read_cases(mini, knowledge)
    nothing = dataclasses.replace(group, cases=group.cases[-1:])
    found = score([nothing], knowledge, leave_one_out=False)
    assert found.all_facts.brier is None
    assert found.left_out is None


def test_groups_of_the_same_name_are_counted_apart(mini: Path, knowledge: Knowledge) -> None:
    group = read_cases(mini, knowledge)
    found = score([group, group], knowledge, leave_one_out=False)
    assert [one.all_facts.cases for one in found.groups] == [4, 4]
    assert found.all_facts.total.cases == 8


def test_progress_is_told_once_a_case(mini: Path, knowledge: Knowledge) -> None:
    told: list[None] = []
    score([read_cases(mini, knowledge)], knowledge, after_case=lambda: told.append(None))
    assert len(told) == 4


@given(profiles(KNOWLEDGE))
@settings(max_examples=30, deadline=None)
def test_the_verdict_is_that_of_the_whole_path(codes: dict[str, str]) -> None:
    judged, whole = judge(codes, KNOWLEDGE), advise(answers_of(codes), KNOWLEDGE)
    assert (judged.approach, judged.undecided) == (whole.approach, whole.undecided)
    assert (judged.level, judged.confidence) == (whole.confidence.level, whole.confidence.score)
