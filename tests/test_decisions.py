"""The decisions that a sceptical expert would check first."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from advisor.documents import Recommendation

For = Callable[..., Recommendation]

HELP_DESK = {
    "model_kind": "llm",
    "task_type": "dialogue_support",
    "failure_mode": "missing_facts",
    "baseline_quality": "far",
    "knowledge_source": "private_documents",
    "corpus_size": "200k_2m",
    "volatility": "weekly",
    "access_control": "shared",
    "citations": "helpful",
}
EDITOR = {
    "model_kind": "llm",
    "task_type": "text_transformation",
    "failure_mode": "wrong_behaviour",
    "baseline_quality": "far",
    "knowledge_source": "in_request",
    "query_breadth": "narrow",
    "style_strictness": "strict",
    "labelled_examples": "1k_10k",
    "model_access": "open_weights",
    "keep_general_skills": "no",
}
FRAUD = {
    "model_kind": "predictive",
    "task_type": "prediction_ranking",
    "knowledge_source": "behaviour_logs",
    "pattern_drift": "fast",
    "labelled_examples": "gt_10k",
    "label_flow": "automatic",
}


def test_missing_facts_in_changing_documents_are_retrieved(recommend_for: For) -> None:
    recommendation = recommend_for(**HELP_DESK)
    assert recommendation.approach == "rag"
    assert recommendation.confidence.level != "low"


def test_unlearned_behaviour_with_labels_is_tuned(recommend_for: For) -> None:
    assert recommend_for(**EDITOR).approach == "fine_tuning"


def test_a_drifting_predictor_is_retrained(recommend_for: For) -> None:
    recommendation = recommend_for(**FRAUD)
    assert recommendation.approach == "retraining"
    assert {veto.approach for veto in recommendation.vetoes} >= {"prompting", "rag"}


def test_both_needs_make_a_hybrid_and_it_says_what_to_build_first(recommend_for: For) -> None:
    recommendation = recommend_for(
        **{**HELP_DESK, "failure_mode": "both", "style_strictness": "strict", "labelled_examples": "1k_10k"},
        model_access="open_weights",
    )
    assert recommendation.approach == "hybrid"
    assert recommendation.chosen is not None
    assert recommendation.chosen.build_first
    assert recommendation.chosen.second_half_pays_when


@pytest.mark.parametrize("profile", [HELP_DESK, EDITOR])
def test_a_baseline_that_meets_its_target_ends_in_prompting(recommend_for: For, profile: dict[str, str]) -> None:
    recommendation = recommend_for(**{**profile, "baseline_quality": "meets_target", "failure_mode": "none"})
    assert recommendation.approach == "prompting"
    assert "nothing more is needed" in recommendation.headline


def test_a_target_that_is_met_too_dearly_does_not_stop_at_prompting(recommend_for: For) -> None:
    dear = {"baseline_quality": "meets_target", "failure_mode": "cost_latency", "monthly_queries": "gt_10m"}
    assert recommend_for(**{**EDITOR, **dear}).approach == "fine_tuning"


@pytest.mark.parametrize("labels", ["50_199", "200_999", "1k_10k", "gt_10k"])
def test_a_pure_behaviour_task_is_never_a_hybrid(recommend_for: For, labels: str) -> None:
    assert recommend_for(**{**EDITOR, "labelled_examples": labels}).approach != "hybrid"


@pytest.mark.parametrize("volatility", ["static", "monthly", "weekly", "daily", "real_time"])
def test_a_classifier_of_what_is_in_the_request_does_not_move_to_rag(recommend_for: For, volatility: str) -> None:
    recommendation = recommend_for(
        model_kind="encoder",
        task_type="classification",
        knowledge_source="in_request",
        query_breadth="narrow",
        labelled_examples="1k_10k",
        volatility=volatility,
    )
    assert recommendation.approach == "fine_tuning"


@pytest.mark.parametrize("boundary", ["own_cloud", "self_hosted", "offline_edge"])
def test_strict_privacy_alone_does_not_choose_fine_tuning(recommend_for: For, boundary: str) -> None:
    strict = {"access_control": "per_user", "erasure_duty": "on_request", "data_boundary": boundary}
    assert recommend_for(**strict).approach != "fine_tuning"
    assert recommend_for(**{**HELP_DESK, **strict}).approach == "rag"


def test_thousands_of_labels_alone_do_not_choose_fine_tuning(recommend_for: For) -> None:
    assert recommend_for(labelled_examples="gt_10k", model_kind="llm").approach != "fine_tuning"
    assert recommend_for(**{**HELP_DESK, "labelled_examples": "gt_10k"}).approach == "rag"


def test_a_closed_model_is_never_itself_tuned(recommend_for: For) -> None:
    assert recommend_for(**{**EDITOR, "model_access": "closed_no_ft"}).approach not in ("fine_tuning", "retraining")


def test_a_veto_names_what_would_bring_it_back(recommend_for: For) -> None:
    recommendation = recommend_for(**HELP_DESK)
    veto = next(veto for veto in recommendation.vetoes if veto.rule == "facts_outpace_training")
    assert (veto.approach, veto.reach) == ("fine_tuning", "alone")
    assert "monthly" in veto.relax


def test_a_small_shared_corpus_goes_into_the_prompt(recommend_for: For) -> None:
    recommendation = recommend_for(**{**HELP_DESK, "corpus_size": "30000", "volatility": "monthly", "citations": "no"})
    assert (recommendation.approach, recommendation.pattern) == ("prompting", "whole_corpus_prompt")


def test_private_rights_keep_a_small_corpus_out_of_the_prompt(recommend_for: For) -> None:
    assert recommend_for(**{**HELP_DESK, "corpus_size": "30000", "access_control": "per_user"}).approach == "rag"


def test_no_verdict_when_every_constraint_bites(recommend_for: For) -> None:
    recommendation = recommend_for(
        model_kind="predictive", task_type="prediction_ranking", label_flow="none", knowledge_source="behaviour_logs"
    )
    assert recommendation.approach is None
    assert recommendation.undecided == "everything_vetoed"
    assert recommendation.vetoes
    # What a team may change comes first: it can get labels, but its model is what it is.
    first = recommendation.flips[0]
    assert (first.fact, first.approach) == ("label_flow", "retraining")
    assert all(open_fact.worth == 0 for open_fact in recommendation.unknowns)


def test_a_way_out_names_every_answer_that_will_do(recommend_for: For) -> None:
    profile = {"model_kind": "predictive", "task_type": "prediction_ranking", "label_flow": "none"}
    first = recommend_for(**profile, knowledge_source="behaviour_logs").flips[0]
    assert set(first.codes) == {"automatic", "existing_only", "expert_costly"}


def test_where_nothing_can_be_read_only_look_ups_retrieve(recommend_for: For) -> None:
    bare = {"model_kind": "llm", "failure_mode": "missing_facts", "corpus_size": "none", "corpus_quality": "none"}
    assert recommend_for(**bare).pattern in {"structured_lookup", "agentic_file_search"}
    assert recommend_for(**bare, knowledge_source="private_documents").approach != "rag"


def test_demands_that_bite_together_are_given_up_together(recommend_for: For) -> None:
    demands = {"citations": "mandatory", "latency_p95": "le_100ms", "labelled_examples": "lt_50"}
    profile = {**HELP_DESK, **demands, "access_control": "per_user", "corpus_quality": "none"}
    recommendation = recommend_for(**profile)
    assert recommendation.undecided == "everything_vetoed"
    assert {way.fact for way in recommendation.flips} == {"citations", "corpus_quality"}
    assert all([change.fact for change in way.also] == ["latency_p95"] for way in recommendation.flips)
    for way in recommendation.flips:
        changed = {change.fact: change.codes[0] for change in (way, *way.also)}
        assert recommend_for(**{**profile, **changed}).approach == way.approach


def test_answers_that_contradict_each_other_are_reported_not_refused(recommend_for: For) -> None:
    recommendation = recommend_for(**{**HELP_DESK, "baseline_quality": "meets_target"})
    assert "answers_target_met_yet_failing" in {conflict.id for conflict in recommendation.conflicts}


def test_an_exact_number_decides_by_its_band(recommend_for: For) -> None:
    below, at = (recommend_for(**{**EDITOR, "labelled_examples": n}) for n in ("49", "50"))
    assert below.approach != "fine_tuning"
    assert at.approach == "fine_tuning"
