"""A rules folder with a fault: exit code 3, the file and line, what is allowed; and a sound one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Call

BROKEN = Path(__file__).resolve().parent.parent / "broken" / "rules"

MISTAKES = {
    "all_takes_a_list": "criteria/moon.yaml:6: 'all' takes a list of conditions",
    "another_name": "criteria/moon.yaml:1: criterion 'sun' must stand in a file of its name",
    "bad_band": "criteria/moon.yaml:9: '0 to 14' is not a band such as '[20, 180)'",
    "band_missing": "criteria/moon.yaml:9: option 'young' needs a band, since moon_age has a unit",
    "case_that_does_not_hold": "criteria/moon.yaml:4: moon_is_full, fires case 1: the condition is false, wanted true",
    "case_with_unknown_code": "criteria/moon.yaml:4: moon_is_full, silent case 1: volatility has no code 'statik'; "
    "did you mean static? allowed: static, monthly",
    "case_with_unknown_fact": "criteria/moon.yaml:4: moon_is_full, fires case 1: unknown fact 'volatilty'; "
    "did you mean volatility?",
    "cliff": "criteria/moon.yaml:4: fact moon_age: from young to middle the verdict turns from prompting to",
    "condition_is_empty": "criteria/moon.yaml:6: a condition is a mapping such as",
    "condition_on_unordered_fact": "criteria/moon.yaml:6: task_type has no order, so 'at_least' means nothing",
    "conflict_that_never_holds": "conflicts.yaml:2: conflict moon_in_the_request: no answers fulfil its condition",
    "cyclic_when": "these facts wait for one another: moon_age -> moon_light -> moon_age",
    "effect_is_empty": "criteria/moon.yaml:7: the effect is empty",
    "empty_band": "criteria/moon.yaml:9: the band '[14, 0)' is empty",
    "empty_file": "criteria/moon.yaml: empty; it must hold criterion, title",
    "experiment_too_long": "patterns/moon.yaml:11: patterns.0.first_experiment.days: input should be less than or "
    "equal to 14",
    "experiment_with_a_long_title": "patterns/moon.yaml:9: patterns.0.first_experiment.title: string should have at "
    "most 76 characters",
    "experiment_with_unknown_source": "patterns/moon.yaml:14: unknown source 'E4711'",
    "experiment_without_a_stop": "patterns/moon.yaml:8: patterns.0.first_experiment.stop_when is missing",
    "extra_key": "criteria/moon.yaml:8: unknown key 'becuase'; did you mean because? allowed: because, cases, effect",
    "extra_key_at_the_top": "criteria/moon.yaml:2: unknown key 'titel'; did you mean title? allowed: accepted, asks",
    "fact_asked_twice": "criteria/moon.yaml:4: fact 'citations' is asked twice",
    "fact_that_no_rule_reads": "criteria/moon.yaml:4: fact moon_age: no rule reads it",
    "figure_better_than_its_source": "prices.yaml:2: E26 has the status second_hand in sources.yaml, not read",
    "figure_from_an_unknown_list": "prices.yaml:2: unknown list 'our_list'; did you mean gpu_lists? allowed: ",
    "figure_from_nowhere": "prices.yaml:2: unknown evidence 'E4711'; allowed: ",
    "figure_in_another_currency": "prices.yaml:1: figures in EUR and USD cannot be added up",
    "figure_in_two_forms": "prices.yaml:2: gpu_hour takes either 'value', or 'low' and 'high'",
    "figure_nobody_knows": "prices.yaml:2: unknown figure 'gpu_huor'; did you mean gpu_hour? allowed: activation_bytes",
    "figure_per_thousand": "prices.yaml:2: large_input_price is counted 'per million tokens', not 'per thousand ",
    "figure_that_costs_nothing": "prices.yaml:2: figures.gpu_hour.value: input should be greater than or equal to",
    "figure_that_is_no_money": "prices.yaml:2: output_tokens is no money: it takes no currency",
    "figure_upside_down": "prices.yaml:2: gpu_hour: 'low' is above 'high'",
    "figure_with_one_end": "prices.yaml:2: gpu_hour takes either 'value', or 'low' and 'high'",
    "file_in_no_place": "critera/moon.yaml: no rules file stands there; did you mean criteria/<name>.yaml?",
    "gap_between_bands": "moon.yaml:4: moon_age: the bands at 13 and 14 leave a gap or overlap",
    "labelled_case_of_a_built_in_id": "cases/moon.yaml:5: case 'PUB01' stands twice (first at rules/cases/",
    "labelled_case_with_unknown_code": "cases/moon.yaml:7: volatility has no code 'weakly'; did you mean weekly?",
    "labelled_case_without_a_source": "cases/moon.yaml:5: a case of the kind 'practice' is shown as a precedent, so it "
    "needs sources",
    "last_stage_that_goes_on": "patterns/moon.yaml:22: the last stage says 'back_when', and only that",
    "list_instead_of_mapping": "criteria/moon.yaml:1: a mapping is wanted here, with criterion, title",
    "missing_key": "criteria/moon.yaml:4: rules.0.because is missing",
    "not_yaml": "criteria/moon.yaml:13: not YAML",
    "number_with_one_side": "criteria/moon.yaml:4: moon_is_full turns between monthly_queries 100k_1m and 10k_100k",
    "one_option": "criteria/moon.yaml:4: moon_age needs at least two options",
    "one_stage": "patterns/moon.yaml:15: patterns.0.stages: tuple should have at least 2 items",
    "opposite_exception": "criteria/moon.yaml:15: moon_shines moves retraining the other way, and fires only",
    "opposite_rules": "criteria/moon.yaml:4: moon_is_full moves retraining the other way, on the same",
    "option_not_told_apart": "criteria/moon.yaml:4: fact moon_age: no rule tells middle from old",
    "pattern_with_unknown_setting": "patterns/moon.yaml:7: no component has the setting retrieval.modus; did you mean "
    "retrieval.mode?",
    "pattern_without_sources": "patterns/moon.yaml:6: patterns.0.sources: tuple should have at least 1 item",
    "points_are_a_truth_value": "criteria/moon.yaml:7: rules.0.effect.support.rag: input should be a valid number",
    "points_behind_a_stop": "criteria/moon.yaml:15: moon_shines decides nothing: moon_is_full",
    "points_out_of_range": "criteria/moon.yaml:7: rules.0.effect.support.rag: input should be less than or equal to 20",
    "recipe_of_no_pattern": "prices.yaml:2: unknown pattern 'plain_ragg'; did you mean plain_rag? allowed: ",
    "recipe_that_reads_nothing_known": "prices.yaml:2: unknown figure 'retrieved_token'; did you mean retrieved_",
    "recipe_without_calls": "prices.yaml:2: recipes.plain_rag.calls: tuple should have at least 1 item",
    "relax_without_veto": "criteria/moon.yaml:7: a veto and 'relax'",
    "repeated_key": "criteria/moon.yaml:10: 'strength' stands twice (first on line 9): keep one",
    "repeated_rule_id": "criteria/moon.yaml:15: rule 'moon_is_full' stands twice (first at ",
    "review_that_is_no_day": "prices.yaml:1: review_by: value error, a day such as '2027-05-20' is wanted",
    "rule_for_impossible_answers": "criteria/moon.yaml:4: rule moon_is_full: its condition holds only in answers that "
    "cannot be (answers_far_yet_nothing_fails)",
    "rule_id_of_a_built_in_rule": "criteria/moon.yaml:4: rule 'facts_move' stands twice (first at ",
    "rule_that_never_fires": "criteria/moon.yaml:4: rule moon_is_full: no answers fulfil its condition",
    "rule_without_unknown_case": "criteria/moon.yaml:4: moon_is_full has no case under 'unknown'",
    "setting_of_another_kind": "criteria/moon.yaml:7: rag.passages cannot be 'many'; wanted is a value like 5",
    "setting_of_no_component": "criteria/moon.yaml:7: no component has the setting retrival.mode; did you mean "
    "retrieval.mode?",
    "setting_with_unknown_key": "criteria/moon.yaml:7: no component has the setting retrieval.modus; did you mean "
    "retrieval.mode? allowed: retrieval.index_folder",
    "setting_with_unknown_value": "criteria/moon.yaml:7: retrieval.mode cannot be 'fuse'; did you mean fused?",
    "settings_that_disagree": "criteria/moon.yaml:15: moon_is_new sets corpus.chunk_words to 50, but moon_is_full (",
    "share_above_one": "prices.yaml:2: routed_share is a share: a number above 0 and up to 1 is wanted",
    "source_without_id": "criteria/moon.yaml:10: a source is {claim: C04} or {evidence: E06}",
    "stage_of_unknown_pattern": "patterns/moon.yaml:16: unknown pattern 'plain_rga'; did you mean plain_rag?",
    "stage_that_goes_nowhere": "patterns/moon.yaml:16: every stage but the last says 'next_when', and only that",
    "stages_without_the_pattern": "patterns/moon.yaml:15: exactly one stage of 'moon_search' must be the "
    "pattern itself: pattern: moon_search",
    "step_said_twice": "criteria/moon.yaml:15: moon_shines: its plan step pilot adds nothing: moon_is_full",
    "stop_met_by_a_veto": "criteria/moon.yaml:15: moon_shines vetoes retraining on answers on which moon_is_full",
    "support_in_vain": "criteria/moon.yaml:15: moon_shines: support of retraining is in vain: moon_is_full",
    "supports_and_opposes": "criteria/moon.yaml:4: moon_is_full supports and opposes rag at once",
    "tag": "criteria/moon.yaml:5: the tag '!moon' is not accepted",
    "unknown_approach": "criteria/moon.yaml:7: rules.0.effect.support.ragg: input should be 'prompting', 'rag'",
    "unknown_code": "criteria/moon.yaml:6: volatility has no code 'weakly'; did you mean weekly? allowed: static",
    "unknown_comparison": "criteria/moon.yaml:6: volatility: one of at_least, at_most is allowed here",
    "unknown_fact": "criteria/moon.yaml:6: unknown fact 'volatilty'; did you mean volatility? allowed: access_control",
    "unknown_need": "criteria/moon.yaml:7: unknown need 'knowlege'; did you mean knowledge? allowed: behaviour",
    "unknown_risk": "criteria/moon.yaml:7: unknown risk 'stale_indx'; did you mean stale_index?",
    "unknown_source": "criteria/moon.yaml:10: unknown source 'C4711'",
    "unknown_step": "criteria/moon.yaml:7: unknown plan step 'colect_labels'; did you mean collect_labels?",
    "unknown_strength": "criteria/moon.yaml:9: rules.0.strength: input should be 'hard', 'strong', 'clear' or 'mild'",
    "veto_of_nothing_known": "criteria/moon.yaml:7: unknown approach or pattern 'ragg'; did you mean rag?",
    "veto_said_twice": "criteria/moon.yaml:15: moon_shines: its veto of scheduled adds nothing: moon_is_full",
    "veto_with_wrong_reach": "criteria/moon.yaml:7: veto of 'incremental_index': an approach takes 'alone' or 'any'",
    "veto_without_relax": "criteria/moon.yaml:7: a veto and 'relax'",
    "vetoes_what_it_supports": "criteria/moon.yaml:4: moon_is_full vetoes rag and speaks for it at once",
}
"""For each folder of tests/broken/rules: words that the complaint must contain."""

SOUND = """\
criterion: moon
title: The phase of the moon
rules:
  - id: moon_is_full
    says: The moon is full.
    when: {volatility: weekly}
    effect: {support: {retraining: 2}}
    because: An example of a reason.
    strength: mild
    sources: [{claim: C04}]
    cases:
      fires: [{volatility: weekly}]
      silent: [{volatility: monthly}, {volatility: daily}]
      unknown: [{citations: helpful}]
"""


def test_every_broken_folder_has_its_expectation() -> None:
    assert {path.name for path in BROKEN.iterdir()} == set(MISTAKES)


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_found_with_its_place(mistake: str, call: Call) -> None:
    done = call("rules", "check", "--rules", BROKEN / mistake)
    assert (done.code, done.out) == (3, "")
    assert MISTAKES[mistake] in done.err
    assert "\nnext: " in done.err
    assert len([line for line in done.err.splitlines() if line.startswith("error: ")]) <= 3


@pytest.mark.parametrize("command", ["recommend", "explain", "report", "ask", "rules list"])
def test_broken_rules_are_exit_code_3_whatever_reads_them(command: str, call: Call, help_desk: Path) -> None:
    rest: dict[str, list[object]] = {
        "recommend": [help_desk],
        "explain": [help_desk],
        "report": [help_desk, "--out", "r.html"],
        "ask": ["--plain", "--out", "mine.yaml"],
    }
    done = call(*command.split(), *rest.get(command, []), "--rules", BROKEN / "unknown_fact")
    assert (done.code, done.out) == (3, "")
    assert MISTAKES["unknown_fact"] in done.err
    assert not any(Path().iterdir())


@pytest.mark.parametrize(
    ("name", "said"), [("nowhere", "not a folder"), ("file", "not a folder"), ("empty", "holds no")]
)
def test_what_is_no_rules_folder_is_refused(name: str, said: str, call: Call, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("criterion: moon\n")
    (tmp_path / "empty").mkdir()
    done = call("recommend", "--rules", name)
    assert (done.code, done.out) == (3, "")
    assert f"error: {name}: {said}" in done.err
    assert "\nnext: " in done.err


def test_faults_of_several_files_are_reported_together(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "rules" / "criteria"
    folder.mkdir(parents=True)
    for name in ("moon", "sun", "tide"):
        (folder / f"{name}.yaml").write_text(f"criterion: {name}\ntitel: A title\n")
    done = call("rules", "check", "--rules", "rules")
    assert done.code == 3
    assert all(f"{name}.yaml:2: unknown key 'titel'" in done.err for name in ("moon", "sun", "tide"))


def test_rules_of_your_own_count_and_are_named(call: Call, help_desk: Path, tmp_path: Path) -> None:
    folder = tmp_path / "rules" / "criteria"
    folder.mkdir(parents=True)
    (folder / "moon.yaml").write_text(SOUND)
    checked = call("rules", "check", "--rules", "rules")
    assert (checked.code, checked.err) == (0, "")
    assert checked.out.startswith("sound: ")
    before = json.loads(call("recommend", help_desk, "--format", "json").out)
    done = call("recommend", help_desk, "--rules", "rules", "--format", "json")
    after = json.loads(done.out)
    assert "own rules: criteria/moon.yaml added" in done.err
    assert after["own_rules"] == [["criteria/moon.yaml", "added"]]
    assert after["rules_digest"] != before["rules_digest"]
    points = {rank["approach"]: rank["score"] for rank in after["ranking"]}
    points_before = {rank["approach"]: rank["score"] for rank in before["ranking"]}
    assert points["retraining"] > points_before["retraining"]
    assert "moon_is_full" in call("rules", "list", "--rules", "rules").out


def test_a_price_of_your_own_replaces_ours_and_is_named(call: Call, help_desk: Path, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "prices.yaml").write_text(
        "figures:\n  large_input_price: {value: 1.1, as_of: 2026-10, because: our contract}\n"
    )
    done = call("recommend", help_desk, "--rules", "rules", "--format", "json")
    assert "own rules: prices.yaml changed figures: large_input_price" in done.err
    document = json.loads(done.out)
    assert document["own_rules"] == [["prices.yaml", "changed figures: large_input_price"]]
    used = {figure["id"]: figure for figure in document["cost_basis"]["figures"]}
    price = used["large_input_price"]
    assert (price["amount"], price["origin"], price["source"], price["as_of"]) == (
        {"low": 1.1, "high": 1.1},
        "own_rules",
        "our contract",
        "2026-10",
    )
    assert price["unit"] == "USD per million tokens"
    assert used["large_output_price"]["origin"] == "rules"


def test_prices_past_their_day_are_warned_of(call: Call, help_desk: Path, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "prices.yaml").write_text("review_by: 2020-01-31\nfigures:\n  gpu_hour: {value: 2}\n")
    done = call("recommend", help_desk, "--rules", "rules")
    assert "warning: the prices were to be looked up again by 2020-01-31" in done.err
    assert "2020-01-31" not in done.out


@pytest.mark.parametrize("option", [[], ["--facts"], ["--patterns"], ["--figures"], ["--claims"]])
def test_rules_list_shows_all(option: list[str], call: Call) -> None:
    done = call("rules", "list", *option)
    assert (done.code, done.err) == (0, "")
    assert len(done.out.splitlines()) > 20


@pytest.mark.parametrize("name", ["facts_move", "volatility", "plain_rag", "tuned_helper", "x1_privacy"])
def test_rules_show_shows_one(name: str, call: Call) -> None:
    done = call("rules", "show", name)
    assert (done.code, done.err) == (0, "")
    assert name in done.out
    assert all(len(line) <= 80 for line in done.out.splitlines())
