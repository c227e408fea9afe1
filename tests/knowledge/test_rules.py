"""The built-in rules: complete against the published vocabulary, and every option tells something apart."""

from __future__ import annotations

from pathlib import Path

from advisor.knowledge import Knowledge
from advisor.values import Approach, parse_band

GOLDEN = Path(__file__).parent.parent / "golden" / "vocabulary.txt"


def test_the_vocabulary_is_the_published_one(knowledge: Knowledge) -> None:
    """Profiles that others wrote rely on these ids, codes and bands; more may be added, none may go or move."""
    facts = set()
    for line in GOLDEN.read_text().splitlines():
        fact, code, *band = line.split(maxsplit=2)
        facts.add(fact)
        option = knowledge.asks[fact].option(code)
        assert option.band == (parse_band(band[0]) if band else None), line
    assert len(facts) == 28
    for line_order in facts:
        wanted = [line.split()[1] for line in GOLDEN.read_text().splitlines() if line.split()[0] == line_order]
        assert [code for code in knowledge.asks[line_order].codes if code in wanted] == wanted


def test_every_headline_criterion_has_vetoes_or_weights(knowledge: Knowledge) -> None:
    for criterion in ("volatility", "latency", "privacy", "budget", "failure_mode", "baseline", "citations", "labels"):
        effects = [rule.effect for rule in knowledge.rules if rule.criterion == criterion]
        assert any(effect.veto or effect.need or effect.support or effect.oppose or effect.stop for effect in effects)


def test_every_veto_says_what_would_bring_it_back(knowledge: Knowledge) -> None:
    for rule in knowledge.rules:
        assert bool(rule.effect.veto) == bool(rule.effect.relax)


def test_no_remembered_source_stands_alone_behind_a_rule(knowledge: Knowledge) -> None:
    for rule in knowledge.rules:
        assert any(ref.status != "remembered" for ref in rule.sources), rule.id


def test_every_approach_has_a_pattern_that_is_always_possible(knowledge: Knowledge) -> None:
    for approach in Approach:
        assert knowledge.approaches[approach].patterns
