"""Every claim, contradiction and technical error of the documents is accounted for."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from advisor.checks.claims import encoding, lost_claims, uses_of_sources
from advisor.knowledge import Knowledge, Source

ERRORS = {
    "S0": {4, 6, 7, 8, 9, 11, 12, 13, 14, 20},
    "S1": {15, 16},
    "S2": {1, 2, 3, 4, 5, 19},
    "S3": {10},
    "S4": {17, 18},
}
"""The technical errors of each document; the fourth stands in two."""


def of_kind(rules: Knowledge, kind: str) -> dict[str, Source]:
    return {key: source for key, source in rules.sources.items() if source.kind == kind}


def with_source(rules: Knowledge, source: Source) -> Knowledge:
    return replace(rules, sources={**rules.sources, source.id: source})


def says(rules: Knowledge) -> list[str]:
    return [flaw.says for flaw in lost_claims(rules)]


def test_the_83_claims_stand(rules: Knowledge) -> None:
    assert list(of_kind(rules, "claim")) == [f"C{number:02}" for number in range(1, 84)]


def test_the_published_evidence_stands_with_its_variants(rules: Knowledge) -> None:
    variants = {"E04b", "E06b", "E09b", "E13b", "E15b", "E28b", "E39b", "E39c", "E39d", "E40b"}
    assert set(of_kind(rules, "evidence")) == {f"E{number:02}" for number in range(1, 43)} | variants


def test_the_21_contradictions_are_settled(rules: Knowledge) -> None:
    numbers = [int(match[1]) for one in rules.conflicts if (match := re.match(r"x(\d+)_", one.id))]
    assert numbers == list(range(1, 22))
    assert all(one.between and one.resolution and one.because and one.when.facts() for one in rules.conflicts)


def test_each_side_of_a_contradiction_says_where_it_is_right(rules: Knowledge) -> None:
    """All but two have a condition: what tuned models weigh (T6) and the cost table without a source (T8) are wrong."""
    nowhere = set()
    for conflict in rules.conflicts:
        if re.match(r"x\d+_", conflict.id):
            assert len(conflict.sides) >= 2, conflict.id
            assert len({side.holds_when for side in conflict.sides}) == len(conflict.sides), conflict.id
            nowhere |= {conflict.id for side in conflict.sides if side.holds_when is None}
    assert nowhere == {"x16_model_size", "x18_entity_costs"}


def test_each_technical_error_is_named_under_its_document_and_nowhere_else(rules: Knowledge) -> None:
    documents = of_kind(rules, "document")
    named = {key: {int(n) for n in re.findall(r"\bT(\d+)\b", one.shows or "")} for key, one in documents.items()}
    assert named == ERRORS
    assert set().union(*ERRORS.values()) == set(range(1, 21))


def test_no_claim_is_lost_and_none_is_both_used_and_given_up(rules: Knowledge) -> None:
    assert says(rules) == []


def test_a_claim_that_nothing_uses_is_found(rules: Knowledge) -> None:
    stray = replace(rules.sources["C33"], not_encoded=None)
    assert "claim C33: nothing rests on it; use it, or write 'not_encoded' with the reason" in says(
        with_source(rules, stray)
    )


def test_a_claim_that_is_given_up_and_used_is_found(rules: Knowledge) -> None:
    torn = with_source(rules, replace(rules.sources["C03"], not_encoded="no reason"))
    assert "claim C03: 'not_encoded', and yet used by rule facts_stand_still" in says(torn)


def test_a_claim_that_is_given_up_may_lose_a_conflict(rules: Knowledge) -> None:
    assert rules.sources["C60"].not_encoded
    shown = encoding(rules.sources["C60"], uses_of_sources(rules))
    assert shown.startswith("not encoded: ")
    assert shown.endswith("(named in conflict x16_model_size)")


@pytest.mark.parametrize(("missing", "said"), [("C40", "the numbers of C run up to 83, and 40 is missing")])
def test_a_gap_in_the_numbers_is_found(rules: Knowledge, missing: str, said: str) -> None:
    left = {key: source for key, source in rules.sources.items() if key != missing}
    assert said in says(replace(rules, sources=left))


def test_a_missing_contradiction_is_found(rules: Knowledge) -> None:
    left = tuple(one for one in rules.conflicts if one.id != "x5_fraud")
    assert "the numbers of x run up to 21, and 5 is missing" in says(replace(rules, conflicts=left))


def test_a_technical_error_without_a_note_is_found(rules: Knowledge) -> None:
    silent = with_source(rules, replace(rules.sources["S3"], shows="Short comparison by task."))
    assert "no document's note names the technical error T10" in says(silent)


def test_a_document_that_no_claim_comes_from_is_found(rules: Knowledge) -> None:
    stray = replace(rules.sources["S4"], id="S5", where="rules/sources.yaml:1")
    assert "document S5: nothing rests on it" in says(with_source(rules, stray))
