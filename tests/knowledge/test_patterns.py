"""The patterns: each can be begun within two weeks, grown by thresholds, and traced to what it rests on."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from advisor import resources
from advisor.checks import check_knowledge
from advisor.checks.disagreement import disagreements
from advisor.deciding import choose_settings
from advisor.knowledge import Knowledge, Pattern, Rule, Stage, load_knowledge

KNOWLEDGE = load_knowledge()
PATTERNS = list(KNOWLEDGE.patterns.values())
_NUMBERS = "one|two|three|four|five|nine|ten|half|third|quarter|tenth|once|twice|point|doubling|spread"
_MEASURED = re.compile(rf"\d|\b({_NUMBERS})\b", re.IGNORECASE)
"""What can be checked against a measurement names a number, or the spread of one."""


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.id)
def test_every_pattern_can_be_tried_within_two_weeks_and_given_up(pattern: Pattern) -> None:
    experiment = pattern.first_experiment
    assert 1 <= experiment.days <= 14
    assert experiment.do
    assert experiment.measure
    assert _MEASURED.search(experiment.stop_when), experiment.stop_when


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.id)
def test_every_pattern_grows_by_measured_thresholds(pattern: Pattern) -> None:
    *before, last = pattern.stages
    assert before
    assert all(_MEASURED.search(stage.next_when or "") for stage in before)
    assert _MEASURED.search(last.back_when or "")
    assert all(stage.keeps and stage.throws_away for stage in pattern.stages)
    assert [stage.pattern for stage in pattern.stages].count(pattern.id) == 1


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.id)
def test_every_pattern_rests_on_something_read(pattern: Pattern, knowledge: Knowledge) -> None:
    assert pattern.sources
    refs = [
        *pattern.sources,
        *pattern.first_experiment.sources,
        *(ref for one in pattern.stages for ref in one.sources),
    ]
    assert all(ref.id in knowledge.sources and ref.status != "remembered" for ref in refs)


def test_no_two_patterns_share_an_experiment_or_a_threshold(knowledge: Knowledge) -> None:
    titles = [pattern.first_experiment.title for pattern in knowledge.patterns.values()]
    stops = [pattern.first_experiment.stop_when for pattern in knowledge.patterns.values()]
    assert len(set(titles)) == len(set(stops)) == len(knowledge.patterns)
    backs = [pattern.stages[-1].back_when for pattern in knowledge.patterns.values()]
    assert len(set(backs)) == len(backs)


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.id)
def test_a_stage_names_sources_only_for_a_figure(pattern: Pattern) -> None:
    stages: tuple[Stage, ...] = pattern.stages
    for stage in stages:
        if stage.sources:
            text = f"{stage.do} {stage.next_when or stage.back_when}"
            assert re.search(r"\d|half|billion", text), (pattern.id, stage.title)


def _setter(rule: Rule, strength: str, rule_id: str, **keys: int) -> Rule:
    effect = replace(rule.effect, set={"rag": keys})
    return replace(rule, id=rule_id, strength=strength, effect=effect)


def test_the_strongest_rule_sets_a_key_whatever_the_order(knowledge: Knowledge) -> None:
    some = knowledge.rule("facts_move")
    pattern = knowledge.patterns["plain_rag"]
    mild = _setter(some, "mild", "a", passages=1, question_characters=10)
    clear, hard = _setter(some, "clear", "b", passages=2), _setter(some, "hard", "c", passages=3)
    for fired in ([mild, clear, hard], [hard, clear, mild], [clear, hard, mild]):
        chosen = {(one.section, one.key): one for one in choose_settings(pattern, fired)}
        assert chosen["rag", "passages"].value == 3
        assert chosen["rag", "passages"].rule is hard
        assert chosen["rag", "question_characters"].value == 10
        assert chosen["retrieval", "mode"].rule is None


def test_rules_set_nothing_in_rooms_that_the_project_lacks(knowledge: Knowledge) -> None:
    rule = _setter(knowledge.rule("facts_move"), "hard", "a", passages=1)
    bare = knowledge.patterns["agentic_file_search"]
    assert bare.rooms == ()
    assert choose_settings(bare, [rule]) == ()


def _both(knowledge: Knowledge, one: Rule, other: Rule) -> Knowledge:
    return replace(knowledge, rules=(one, other))


def test_equals_that_disagree_are_found_only_where_both_can_hold(knowledge: Knowledge) -> None:
    fast, slow = knowledge.rule("short_prompt_and_short_answer"), knowledge.rule("time_to_read_more")
    daily, joined = knowledge.rule("index_before_each_answer"), knowledge.rule("joined_answers_read_more")
    three = {name: _setter(rule, "mild", name, passages=3) for name, rule in (("fast", fast), ("daily", daily))}
    eight = {name: _setter(rule, "mild", name, passages=8) for name, rule in (("slow", slow), ("joined", joined))}
    (fault,) = disagreements(_both(knowledge, three["daily"], eight["joined"]))
    assert "joined sets rag.passages to 8, but daily (" in fault.says
    assert not list(disagreements(_both(knowledge, three["fast"], eight["slow"]))), "no time is both short and long"
    strong = replace(eight["joined"], strength="strong")
    assert not list(disagreements(_both(knowledge, three["daily"], strong))), "the stronger one decides"
    same = _setter(joined, "mild", "joined", passages=3)
    assert not list(disagreements(_both(knowledge, three["daily"], same))), "they agree"


def test_what_does_not_apply_together_is_no_disagreement(knowledge: Knowledge) -> None:
    """Citations do not apply where everything is in the request, so rules on both never meet."""
    cited = _setter(knowledge.rule("source_must_be_named"), "mild", "cited", passages=3)
    inside = _setter(knowledge.rule("all_in_the_request"), "mild", "inside", passages=8)
    assert not list(disagreements(_both(knowledge, cited, inside)))


def test_the_examples_of_the_readme_make_a_sound_folder(tmp_path: Path) -> None:
    """The criterion, the rule that sets a key and the pattern of rules/README.md, as a folder on top of ours."""
    rules = resources.folder("rules")
    blocks = re.findall(r"(?s)```yaml\n(.*?)```", (rules / "README.md").read_text())
    criterion = next(block for block in blocks if block.startswith("criterion: audience"))
    setter = next(block for block in blocks if "few_passages_for_customers" in block)
    named = next(block for block in blocks if "cached_answers: null" in block)
    pattern = next(block for block in blocks if "- id: cached_answers" in block)
    (tmp_path / "criteria").mkdir()
    (tmp_path / "patterns").mkdir()
    (tmp_path / "criteria" / "audience.yaml").write_text(criterion + setter)
    approaches = (rules / "approaches.yaml").read_text().replace("    patterns:\n      plain_rag: rag\n", named)
    (tmp_path / "approaches.yaml").write_text(approaches)
    (tmp_path / "patterns" / "rag.yaml").write_text((rules / "patterns" / "rag.yaml").read_text() + pattern)
    knowledge = load_knowledge(tmp_path, with_cases=True)
    assert check_knowledge(knowledge, date(2026, 11, 20)).faults == ()
    assert knowledge.patterns["cached_answers"].first_experiment.days == 4
    assert knowledge.rule("few_passages_for_customers").effect.set == {"rag": {"passages": 3}}
