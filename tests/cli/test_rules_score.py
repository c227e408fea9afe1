"""`advisor rules score`: both forms of a case file, both forms of the result, and a line for every mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call

BROKEN = Path(__file__).resolve().parent.parent / "broken" / "cases"

MISTAKES = {
    "a_list.yaml": "a_list.yaml:1: a mapping is wanted here, with cases",
    "acceptable_misses_expected.yaml": "acceptable_misses_expected.yaml:6: rag is expected and must be acceptable too",
    "bad_code.yaml": "bad_code.yaml:3: volatility has no code 'weakly'; did you mean weekly? allowed: static",
    "empty.yaml": "empty.yaml: empty; it must hold cases",
    "expected_is_no_approach.yaml": "expected_is_no_approach.yaml:5: cases.0.expected: input should be 'prompting'",
    "full_form_misspelt_key.yaml": "full_form_misspelt_key.yaml:11: unknown key 'reason'; did you mean reasons?",
    "full_form_without_choice.yaml": "full_form_without_choice.yaml:5: a case of the kind 'practice' is shown as a "
    "precedent, so it needs choice, reasons, sources",
    "inferred_is_no_fact_of_it.yaml": "inferred_is_no_fact_of_it.yaml:4: unknown fact of this case 'citations'",
    "no_cases.yaml": "no_cases.yaml:1: cases: tuple should have at least 1 item",
    "not_yaml.yaml": "not_yaml.yaml:3: not YAML",
    "number_without_unit.yaml": "number_without_unit.yaml:3: citations has no code 3",
    "two_of_one_id.yaml": "two_of_one_id.yaml:7: case 'C1' stands twice (first at ",
    "unknown_document.yaml": "unknown_document.yaml:7: unknown document 'S9'",
    "unknown_fact.yaml": "unknown_fact.yaml:3: unknown fact 'volatilty'; did you mean volatility?",
    "without_inferred.yaml": "without_inferred.yaml:2: cases.0.inferred is missing",
}
"""For each file of tests/broken/cases: words that the complaint must contain."""

BARE = """\
cases:
  - id: C1
    name: A chatbot
    source: somewhere
    facts: {model_kind: predictive, label_flow: automatic}
    inferred: [label_flow]
    expected: retraining
    acceptable: [retraining]
"""
FULL = """\
title: Ours
kind: invented
note: Made up for a test.
cases:
  - id: C2
    name: Scores
    facts: {model_kind: predictive, label_flow: automatic, labelled_examples: 350}
    inferred: []
    expected: prompting
    acceptable: [prompting]
"""


def test_every_broken_file_has_its_expectation() -> None:
    assert {path.name for path in BROKEN.iterdir()} == set(MISTAKES)


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_found_with_its_place(mistake: str, call: Call) -> None:
    done = call("rules", "score", BROKEN / mistake)
    assert (done.code, done.out) == (1, "")
    assert MISTAKES[mistake] in done.err
    assert "\nnext: " in done.err
    assert len([line for line in done.err.splitlines() if line.startswith("error: ")]) == 1


def test_a_file_that_is_not_there_is_said_so(call: Call) -> None:
    done = call("rules", "score", "nowhere.yaml")
    assert (done.code, done.out) == (1, "")
    assert "nowhere.yaml: cannot be read" in done.err


def test_both_forms_are_scored_together(call: Call, tmp_path: Path) -> None:
    (tmp_path / "bare.yaml").write_text(BARE)
    (tmp_path / "full.yaml").write_text(FULL)
    done = call("rules", "score", "bare.yaml", "full.yaml")
    assert (done.code, done.err) == (0, "")
    assert "Agreement with 2 labelled cases" in done.out
    assert "Ours: Made up for a test." in done.out
    assert "C2: expected prompting, got retraining, high (1.00). Scores" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_json_holds_the_whole_document(call: Call, tmp_path: Path) -> None:
    (tmp_path / "bare.yaml").write_text(BARE)
    done = call("rules", "score", "bare.yaml", "--format", "json", "--quick")
    document = json.loads(done.out)
    assert (document["schema"], document["left_out"]) == ("score/1", None)
    assert document["all_facts"]["total"]["exact"] == 1
    assert document["all_facts"]["brier"] == 0.0


def test_rules_of_ones_own_are_named_beside_the_result(call: Call, tmp_path: Path) -> None:
    (tmp_path / "own" / "cases").mkdir(parents=True)
    (tmp_path / "own" / "cases" / "ours.yaml").write_text(FULL)
    (tmp_path / "bare.yaml").write_text(BARE)
    done = call("rules", "score", "bare.yaml", "--quick", "--rules", "own")
    assert (done.code, done.err) == (0, "own rules: cases/ours.yaml added\n")
