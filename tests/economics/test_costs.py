"""The arithmetic of costs, worked out by hand, and what must hold for every project."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from advisor.ask.answers_file import with_answers
from advisor.documents import Answers, Recommendation
from advisor.documents.costs import Amount, ApproachCosts, CostLine
from advisor.knowledge import Knowledge, load_knowledge
from advisor.pipeline import advise
from advisor.values import Approach
from tests.profiles import profiles

KNOWLEDGE = load_knowledge()
Advise = Callable[..., Recommendation]

DESK = (
    "model_kind=llm",
    "task_type=dialogue_support",
    "failure_mode=missing_facts",
    "baseline_quality=far",
    "knowledge_source=private_documents",
    "corpus_size=1500000",
    "volatility=weekly",
    "labelled_examples=lt_50",
    "access_control=shared",
    "data_boundary=api_ok",
    "monthly_queries=40000",
)
LABELS = (
    "model_kind=llm",
    "task_type=classification",
    "failure_mode=cost_latency",
    "baseline_quality=meets_target",
    "knowledge_source=in_request",
    "query_breadth=narrow",
    "labelled_examples=2000",
    "label_flow=existing_only",
    "model_access=closed_ft",
    "data_boundary=api_ok",
)
PRICES = ("large_input_price=3", "large_output_price=15", "small_input_price=0.5", "small_output_price=2")


def advised(*words: str) -> Recommendation:
    return advise(with_answers(Answers(), words, KNOWLEDGE), KNOWLEDGE)


def costs(approach: str, *words: str) -> ApproachCosts:
    return next(one for one in advised(*words).costs if one.approach == approach)


def lines(one: ApproachCosts) -> dict[str, CostLine]:
    paid = [*one.tokens, *one.monthly, *one.once, *one.stages, one.fresh_after]
    return {line.id: line for line in [*paid, *([one.per_query] if one.per_query else [])]}


def number(amount: Amount | None) -> float:
    assert amount is not None
    assert amount.high == pytest.approx(amount.low)
    return amount.low


# -- by hand -----------------------------------------------------------------------------------------------------------


def test_a_query_of_retrieval() -> None:
    figures: tuple[str, ...] = (
        *PRICES,
        "instruction_tokens=500",
        "retrieved_tokens=5000",
        "input_tokens=100",
        "output_tokens=200",
    )
    one = costs("rag", *DESK, *figures, "embedding_price=0.1", "vector_store_month=50")
    # Read 500 + 5000 + 100 = 5600 tokens at 3 a million = 0.0168; written 200 at 15 a million = 0.003; the question
    # embedded, 100 at 0.1 a million = 0.00001. Together 0.01981.
    assert one.per_query is not None
    assert number(one.per_query.amount) == pytest.approx(0.01981)
    assert number(lines(one)["read"].amount) == 5600
    # 40,000 queries make 792.40; the store is 50; embedding 1.5 million tokens anew at 0.1 a million is 0.15.
    assert number(one.per_month) == pytest.approx(792.40 + 50 + 0.15)
    assert one.cache == "none"


def test_a_cached_corpus_and_a_cold_one() -> None:
    small = [word for word in DESK if not word.startswith(("corpus_size", "monthly_queries"))]
    small += ["corpus_size=40000", "query_breadth=bounded", "latency_p95=gt_10s", "volatility=static"]
    figures: tuple[str, ...] = (
        *PRICES,
        "instruction_tokens=1000",
        "input_tokens=100",
        "output_tokens=200",
        "cache_writes=30",
    )
    warm = costs("prompting", *small, *figures, "monthly_queries=8760")
    # One query every five minutes: (41000 x 0.1 + 100) x 3 + 200 x 15 = 12600 + 3000 = 15600 a million.
    assert (warm.pattern, warm.cache) == ("whole_corpus_prompt", "warm")
    assert warm.per_query is not None
    assert number(warm.per_query.amount) == pytest.approx(0.0156)
    # The cache is written 30 times a month at a quarter above the price: 41000 x 3 x 1.25 x 30 / 1000000 = 4.6125.
    assert number(lines(warm)["cache_writes"].amount) == pytest.approx(4.6125)
    cold = costs("prompting", *small, *figures, "monthly_queries=8759")
    # All 41100 tokens at full price: 41100 x 3 + 3000 = 126300 a million.
    assert cold.cache == "cold"
    assert cold.per_query is not None
    assert number(cold.per_query.amount) == pytest.approx(0.1263)
    assert "cache_writes" not in lines(cold)
    assert any("cold" in note for note in cold.notes)


def test_the_corpus_up_to_which_the_prompt_is_no_dearer_than_retrieval() -> None:
    basis = advised(*DESK).cost_basis
    assert basis is not None
    # E42: 0.1 x N = 5000, so N = 50000; without a cache N = 5000.
    assert number(basis.break_even_cached.amount) == 50_000
    assert number(basis.break_even_plain.amount) == 5_000
    assert number(basis.break_even_pages.amount) == 125  # of 400 tokens


def test_every_pattern_is_estimated() -> None:
    assert set(KNOWLEDGE.prices.recipes) == set(KNOWLEDGE.patterns)


TUNED = (
    *PRICES,
    *("instruction_tokens=1000", "example_tokens=2000", "short_instruction_tokens=100", "input_tokens=200"),
    *("output_tokens=10", "tuned_price_factor=2", "cache_writes=30", "adapter_example_time=1", "training_epochs=3"),
    *("training_runs=4", "gpu_hour=3", "evaluation_items=100", "label_class=0.1", "evaluation_days=5"),
    *("engineer_day=800", "integration_days_fine_tuning=10", "retune_months=12", "retune_days=5"),
    *("labels_wanted_class=500", "most_examples=10000"),
)


def test_pay_back_of_a_tuned_model() -> None:
    one = costs("fine_tuning", *LABELS, *TUNED, "monthly_queries=5000000")
    assert one.pattern == "lora_causal"
    # Tuned: 300 tokens at 0.5 x 2 and 10 at 2 x 2 a million = 0.00034. Prompted: (3000 x 0.1 + 200) x 3 + 10 x 15 =
    # 1650 a million = 0.00165.
    assert one.per_query is not None
    assert number(one.per_query.amount) == pytest.approx(0.00034)
    # Training: 2000 examples x 1 s x 3 / 3600 = 1.6667 GPU hours = 5 a run, four runs 20. Evaluation: 100 labels at 0.1
    # = 10, and 5 days = 4000. Integration: 10 days = 8000. No label is missing. Together 12030.
    assert number(one.once_total) == pytest.approx(12_030)
    assert number(one.outside) == pytest.approx(30)
    # Again after 12 months: (5 + 5 x 800) / 12 = 333.75 a month.
    assert number(lines(one)["training_again"].amount) == pytest.approx(333.75)
    # Saving: 5,000,000 x 0.00131 = 6550, less 333.75, and the baseline's cache writes fall away: 3000 x 3 x 1.25 x 30 /
    # 1000000 = 0.3375. So 6216.59 a month, and 12030 / 6216.59 = 1.935 months.
    assert one.pay_back is not None
    assert one.pay_back.best_saving == pytest.approx(6216.5875)
    assert one.pay_back.best_months == pytest.approx(12_030 / 6216.5875)
    assert one.pay_back.worst_months == pytest.approx(one.pay_back.best_months)
    assert one.pay_back.is_a_reason == "yes"


def test_a_saving_below_the_threshold_is_no_reason() -> None:
    # 600,000 queries save 786 + 0.34 - 333.75 = 452.59 a month: 26.6 months, and less than 500.
    one = costs("fine_tuning", *LABELS, *TUNED, "monthly_queries=600000")
    assert one.pay_back is not None
    assert one.pay_back.best_months == pytest.approx(12_030 / 452.5875)
    assert one.pay_back.is_a_reason == "no"


def test_no_break_even_is_an_answer() -> None:
    # 100,000 queries save 131 a month, and tuning again takes 333.75.
    one = costs("fine_tuning", *LABELS, *TUNED, "monthly_queries=100000")
    assert one.pay_back is not None
    assert (one.pay_back.best_months, one.pay_back.worst_months) == (None, None)
    assert one.pay_back.is_a_reason == "no"
    assert one.pay_back.says.startswith("There is no break-even")


def test_missing_labels_are_bought_and_experts_cost_more() -> None:
    words = [word for word in LABELS if not word.startswith(("labelled_examples", "label_flow"))]
    words += ["labelled_examples=300", "monthly_queries=5000000", *TUNED, "label_class_expert=4"]
    # 500 - 300 = 200 labels at 0.1.
    plain = lines(costs("fine_tuning", *words, "label_flow=existing_only"))
    assert number(plain["labels"].amount) == pytest.approx(20)
    # A model that chooses what to label needs half of them (E33): 100 at 4.
    dear = lines(costs("fine_tuning", *words, "label_flow=expert_costly"))
    assert number(dear["labels"].amount) == pytest.approx(400)
    assert "labels" not in lines(costs("fine_tuning", *words, "label_flow=automatic"))


def test_on_machines_of_ones_own_no_price_of_an_api_is_paid() -> None:
    words = [word for word in DESK if not word.startswith(("data_boundary", "monthly_queries"))]
    figures: tuple[str, ...] = (
        "instruction_tokens=500",
        "retrieved_tokens=5000",
        "input_tokens=500",
        "output_tokens=200",
    )
    figures += ("large_prefill_rate=6000", "large_decode_rate=200", "peak_factor=4", "large_parameters=70")
    figures += ("serving_bytes=2", "serving_overhead=1.2", "gpu_memory=80", "gpu_hour=2", "cpu_server_month=100")
    one = costs("rag", *words, *figures, "data_boundary=self_hosted", "monthly_queries=1000000")
    # 6000 / 6000 + 200 / 200 = 2 s a query; a million of them at four times the mean in 2,628,000 s: 3.04, so 4 copies.
    # A copy takes 70 x 2 x 1.2 = 168 GB, so 3 GPUs. 4 x 3 x 2 x 730 = 17520.
    assert one.per_query is None
    assert number(lines(one)["large_model_gpus"].amount) == pytest.approx(17_520)
    assert number(one.per_month) == pytest.approx(17_620)
    basis = advised(*words, "data_boundary=self_hosted").cost_basis
    assert basis is not None
    assert not {"large_input_price", "embedding_price", "vector_store_month"} & {one.id for one in basis.figures}


def test_a_tabular_model_costs_no_tokens() -> None:
    words = ("model_kind=predictive", "task_type=prediction_ranking", "pattern_drift=moderate", "label_flow=automatic")
    figures: tuple[str, ...] = (
        "predictive_rate=100",
        "peak_factor=4",
        "cpu_server_month=100",
        "predictive_run=20",
        "retrain_days=1",
    )
    figures += ("engineer_day=800", "retrain_months_moderate=2")
    one = costs("retraining", *words, *figures, "monthly_queries=200000000")
    # 200,000,000 x 4 / 100 / 2,628,000 = 3.04: 4 servers, 400. (20 + 800) / 2 = 410 for training again.
    assert (one.tokens, one.per_query, one.pay_back) == ((), None, None)
    assert number(one.per_month) == pytest.approx(810)


def test_memory_as_published() -> None:
    basis = advised(*DESK, "small_parameters=7").cost_basis
    assert basis is not None
    small = basis.memory[1]
    # 7B (E21): all weights 16 x 7 = 112 and activations; LoRA 16 to 24; QLoRA from under 10 to 24, by length.
    assert 112 < small.full.low < (small.full.high or 0) < 125
    assert (round(small.lora.low), round(small.lora.high or 0)) == (16, 24)
    assert small.qlora.low < 10 < (small.qlora.high or 0) < 24


def test_time_of_the_stages() -> None:
    figures: tuple[str, ...] = (
        "instruction_tokens=500",
        "retrieved_tokens=5000",
        "input_tokens=500",
        "output_tokens=200",
    )
    figures += ("embedding_time=20", "search_time=50", "network_time=30", "prefill_time=100", "large_first_time=300")
    figures += ("large_token_time=20",)
    one = costs("rag", *DESK, *figures, "latency_p95=2000")
    # 20 + 50 + 30 + 6 x 100 + 300 = 1000 ms to the first word; 200 words of 20 ms make 5000.
    assert number(one.first_output) == pytest.approx(1000)
    assert number(one.whole_output) == pytest.approx(5000)
    assert one.in_time == "yes"
    assert costs("rag", *DESK, *figures, "latency_p95=999").in_time == "no"
    assert costs("rag", *DESK, *figures).in_time is None


def test_a_label_counts_whole() -> None:
    one = costs("prompting", *LABELS, "monthly_queries=5000000")
    assert one.first_output == one.whole_output


def test_staleness_adds_up() -> None:
    figures: tuple[str, ...] = ("collect_hours=100", "train_hours=10", "test_hours=20", "deploy_hours=5")
    one = costs("fine_tuning", *LABELS, *figures, "monthly_queries=5000000")
    assert number(one.fresh_after.amount) == 135
    assert number(costs("rag", *DESK, "index_hours=0.5").fresh_after.amount) == 0.5


# -- what is unknown ---------------------------------------------------------------------------------------------------


def test_unknown_traffic_gives_a_price_per_query_and_says_what_to_answer() -> None:
    words = [word for word in DESK if not word.startswith("monthly_queries")]
    advice = advised(*words)
    assert advice.cost_basis is not None
    assert "monthly_queries" in advice.cost_basis.answer_first
    for one in advice.costs:
        assert (one.per_month, one.pay_back) == (None, None)
    assert costs("rag", *words).per_query is not None


def test_an_unknown_corpus_leaves_the_price_of_reading_all_of_it_open() -> None:
    words = (
        "model_kind=llm",
        "knowledge_source=private_documents",
        "reasoning_scope=whole_corpus",
        "latency_p95=gt_10s",
    )
    one = costs("prompting", *words, "monthly_queries=lt_10k")
    assert one.pattern == "map_reduce"
    assert (one.per_query, one.per_month) == (None, None)
    assert any("corpus_size" in note for note in one.notes)


def test_a_number_of_ones_own_wins_over_that_of_the_task() -> None:
    used = {one.id: one for one in advised(*DESK, "output_tokens=50").cost_basis.figures}  # type: ignore[union-attr]
    assert used["output_tokens"].origin == "user"
    assert "output_tokens_dialogue_support" not in used
    narrowed = lines(costs("rag", *DESK, "output_tokens_dialogue_support=70"))
    assert number(narrowed["written"].amount) == 70


# -- whatever the project ----------------------------------------------------------------------------------------------


def amounts(one: ApproachCosts) -> list[Amount]:
    return [line.amount for line in lines(one).values()] + [one.once_total, one.outside, one.first_output]


@settings(max_examples=30, deadline=None)
@given(profiles(KNOWLEDGE))
def test_nothing_that_costs_is_free_and_every_line_can_be_done_again(codes: dict[str, str]) -> None:
    advice = advised(*(f"{fact}={code}" for fact, code in codes.items()))
    open_ones = [rank.approach for rank in advice.ranking if not (rank.vetoed or rank.closed)]
    assert [one.approach for one in advice.costs] == open_ones
    assert advice.cost_basis is not None
    known = {figure.id for figure in advice.cost_basis.figures} | set(advice.cost_basis.answer_first)
    for one in advice.costs:
        assert one.once_total.low > 0
        assert one.per_month is None or one.per_month.low > 0
        assert one.per_query is None or one.per_query.amount.low > 0
        assert one.per_query is not None or one.monthly or one.notes
        for line in lines(one).values():
            assert set(line.inputs) <= known, line
        for amount in amounts(one):
            assert amount.low >= 0
            assert amount.high is None or (math.isfinite(amount.high) and amount.high >= amount.low)
            assert amount.high is None or amount.high > 0


@settings(max_examples=20, deadline=None)
@given(profiles(KNOWLEDGE), st.integers(8760, 10**9), st.integers(2, 50))
def test_more_traffic_never_lowers_the_bill(codes: dict[str, str], queries: int, times: int) -> None:
    """While the cache is warm at both: a cold one may cost more than a warm one with more traffic."""
    words = [f"{fact}={code}" for fact, code in codes.items() if fact != "monthly_queries"]
    bills = [
        {(one.approach, one.pattern): one.per_month for one in advised(*words, f"monthly_queries={number}").costs}
        for number in (queries, queries * times)
    ]
    for key in bills[0].keys() & bills[1].keys():
        less, more = bills[0][key], bills[1][key]
        assert (less is None) == (more is None)
        if less is not None and more is not None:
            assert less.low <= more.low
            assert more.high is None or (less.high is not None and less.high <= more.high)


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from(["lt_10k", "100k_1m", "dont_know"]))
def test_a_bigger_corpus_never_makes_the_whole_of_it_cheaper(one: int, other: int, queries: str) -> None:
    words = [word for word in DESK if not word.startswith(("corpus_size", "monthly_queries"))]
    words += ["reasoning_scope=whole_corpus", "latency_p95=gt_10s", f"monthly_queries={queries}"]
    small, large = (costs("prompting", *words, f"corpus_size={size}") for size in sorted((one, other)))
    assume(small.pattern == large.pattern)
    assert small.per_query is not None
    assert large.per_query is not None
    assert small.per_query.amount.low <= large.per_query.amount.low
    assert (small.per_query.amount.high or 0) <= (large.per_query.amount.high or 0)


@settings(max_examples=25, deadline=None)
@given(
    profiles(KNOWLEDGE),
    st.sampled_from(sorted(KNOWLEDGE.prices.figures)),
    st.floats(0, 1),
)
def test_a_number_within_the_range_gives_results_within_the_ranges(
    codes: dict[str, str], name: str, share: float
) -> None:
    figure = KNOWLEDGE.prices.figures[name]
    assume(name not in ("input_tokens", "output_tokens") or "task_type" not in codes)
    words = [f"{fact}={code}" for fact, code in codes.items()]
    wide = advised(*words)
    narrow = advised(*words, f"{name}={min(figure.low + share * (figure.high - figure.low), figure.high)!r}")
    for before, after in zip(wide.costs, narrow.costs, strict=True):
        for key, line in lines(before).items():
            inner = lines(after)[key].amount
            assert inner.low >= line.amount.low * (1 - 1e-9)
            assert line.amount.high is None or (inner.high or math.inf) <= line.amount.high * (1 + 1e-9)


def test_figures_never_turn_the_verdict(knowledge: Knowledge) -> None:
    plain, dear = advised(*DESK), advised(*DESK, "large_input_price=900")
    assert (plain.approach, plain.pattern, plain.ranking) == (dear.approach, dear.pattern, dear.ranking)
    assert plain.approach is Approach.RAG
