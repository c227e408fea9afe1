"""Dossiers for tests, made by hand: a full one, and what each test wants different."""

from __future__ import annotations

from typing import Any

from advisor.documents import (
    Dossier,
    Fact,
    FileRecord,
    Given,
    Manifest,
    Recommendation,
    SmokeCheck,
    SmokeResult,
    TraceStep,
)
from advisor.documents.costs import Amount, ApproachCosts, CostBasis, CostLine, Memory, PayBack, UsedFigure
from advisor.documents.recommendation import (
    Compared,
    ConfidenceIn,
    FirstExperiment,
    Named,
    PatternChoice,
    PlanItem,
    Precedent,
    Rank,
    Reason,
    Resolved,
    RiskItem,
    SettingChoice,
    SourceNote,
    StageItem,
    Veto,
)
from advisor.documents.stability import Alternative, Change, Flip, OpenFact, Share
from advisor.values import Approach

PAPER = SourceNote(
    id="E02",
    title="Fine-Tuning or Retrieval?",
    by="Ovadia et al.",
    year=2023,
    link="https://arxiv.org/abs/2312.05934",
    status="read",
    shows="Retrieval beat further training on raw text for old and for new facts.",
)
ARTICLE = SourceNote(id="S1", title="A comparison", by="", year=None, link=None, status="second_hand", shows=None)

RANKING = (
    Rank(approach=Approach.RAG, title="RAG", score=9.5, vetoed=False),
    Rank(approach=Approach.HYBRID, title="Hybrid", score=6.25, vetoed=False),
    Rank(approach=Approach.PROMPTING, title="Prompting", score=2.0, vetoed=False),
    Rank(approach=Approach.FINE_TUNING, title="Fine-tuning", score=-1.5, vetoed=True),
    Rank(approach=Approach.RETRAINING, title="Retraining", score=-4.0, vetoed=True),
)


def reason(rule: str = "facts_are_private", **changes: Any) -> Reason:
    fields: dict[str, Any] = {
        "rule": rule,
        "criterion": "knowledge_source",
        "says": "The answers stand in documents that no public model has seen.",
        "because": "What a model never read it cannot know; fetching the passage puts it before the model.",
        "strength": "strong",
        "decides": False,
        "points": (Named(name="rag", value=4.0), Named(name="prompting", value=-2.0)),
        "facts": (TraceStep(fact="knowledge_source", wanted="private", found="private_documents", outcome="true"),),
        "sources": (PAPER, ARTICLE),
    }
    return Reason(**{**fields, **changes})


AGAINST = reason(
    "style_is_strict",
    criterion="style",
    says="A strict house style speaks for training.",
    because="Examples teach manner better than instructions do.",
    points=(Named(name="fine_tuning", value=2.5),),
    sources=(),
)
OUTPACED = reason(
    "facts_outpace_training",
    criterion="volatility",
    says="Facts that change weekly or faster cannot live only in weights.",
    because="Each change would need a new training run before it is known.",
    strength="hard",
    decides=True,
    points=(),
    facts=(TraceStep(fact="volatility", wanted="at least weekly", found="daily", outcome="true"),),
)
VETOES = tuple(
    Veto(
        approach=approach,
        pattern=None,
        reach="alone",
        rule="facts_outpace_training",
        relax="the facts change no more than monthly",
    )
    for approach in (Approach.FINE_TUNING, Approach.RETRAINING)
)
FACTS = (
    Fact(
        fact="corpus_size",
        criterion="knowledge_source",
        question="How much text is there?",
        code="200k_2m",
        number=1200000.0,
        unit="tokens",
        origin="answered",
        applies=True,
        means="200,000 to 2 million tokens",
    ),
    Fact(
        fact="history",
        criterion="drift",
        question="How long is the history of outcomes?",
        code=None,
        number=None,
        unit=None,
        origin="unknown",
        applies=False,
        means="",
    ),
    Fact(
        fact="latency_p95",
        criterion="latency",
        question="How long may an answer take?",
        code=None,
        number=None,
        unit="seconds",
        origin="unknown",
        applies=True,
        means="",
    ),
    Fact(
        fact="needs_index",
        criterion="knowledge_source",
        question="Does the text outgrow the prompt?",
        code="yes",
        number=None,
        unit=None,
        origin="derived",
        applies=True,
        means="it does",
        because="More than 200,000 tokens do not fit",
    ),
    Fact(
        fact="volatility",
        criterion="volatility",
        question="How often do the facts change?",
        code="daily",
        number=None,
        unit=None,
        origin="answered",
        applies=True,
        means="every day",
    ),
)


def precedent(**changes: Any) -> Precedent:
    """A team that chose as we recommend, in a situation with one difference."""
    fields: dict[str, Any] = {
        "case": "PUB99",
        "name": "Answers for engineers on call",
        "organisation": "A transport firm",
        "year": 2023,
        "kind": "practice",
        "description": "A bot answers engineers from the wiki.",
        "choice": Approach.RAG,
        "variant": "agentic_rag",
        "reasons": ("the sources stood already", "tuning wants curated examples"),
        "note": "Only what is not sensitive is indexed.",
        "agrees": True,
        "nearness": 0.62,
        "alike": (
            Compared(
                fact="corpus_size",
                question="How much text is there?",
                here="200,000 to 2 million tokens",
                there="200,000 to 2 million tokens",
                likeness=1.0,
            ),
        ),
        "differs": (
            Compared(
                fact="volatility",
                question="How often do the facts change?",
                here="every day",
                there="never",
                likeness=0.25,
            ),
        ),
        "not_told": 2,
        "sources": (ARTICLE,),
    }
    return Precedent(**{**fields, **changes})


ANSWERS = (Given(fact="corpus_size", code="200k_2m", number=1200000.0), Given(fact="volatility", code="daily"))
DIGEST = "3f" * 8


def line(name: str, low: float, high: float | None, unit: str = "USD per month") -> CostLine:
    return CostLine(
        id=name, title=name.replace("_", " "), amount=Amount(low=low, high=high), unit=unit, how=name, inputs=(name,)
    )


def costs(approach: Approach = Approach.RAG, **changes: Any) -> ApproachCosts:
    fields: dict[str, Any] = {
        "approach": approach,
        "title": {"rag": "RAG", "prompting": "Prompting", "fine_tuning": "Fine-tuning"}[approach],
        "pattern": "fused_rerank",
        "is_verdict": approach is Approach.RAG,
        "trains": approach is Approach.FINE_TUNING,
        "tokens": (line("read", 5500, 7500, "tokens per query"),),
        "per_query": line("query", 0.012, 0.045, "USD per query"),
        "monthly": (line("store", 25, 250),),
        "per_month": Amount(low=512, high=2048),
        "cache": "none",
        "once": (line("integration", 6000, 40000, "USD once"),),
        "once_total": Amount(low=6000, high=40000),
        "outside": Amount(low=40, high=1000),
        "pay_back": None,
        "stages": (line("search_time", 5, 100, "ms"),),
        "first_output": Amount(low=700, high=1600),
        "whole_output": Amount(low=1700, high=9600),
        "in_time": "yes",
        "fresh_after": line("index_hours", 0.02, 24, "hours"),
        "notes": ("The cache is cold.",),
    }
    return ApproachCosts(**{**fields, **changes})


BACK = PayBack(
    best_months=3.0,
    worst_months=None,
    best_saving=900.0,
    worst_saving=-20.0,
    is_a_reason="open",
    most_months=12.0,
    least_saving=500.0,
    says="Open: after 3 months if every figure favours it.",
)
COSTS = (
    costs(),
    costs(Approach.PROMPTING, per_query=line("query", 0.0001, 0.004, "USD per query"), per_month=None, in_time=None),
    costs(Approach.FINE_TUNING, per_query=None, pay_back=BACK, monthly=(line("training_again", 20, None),)),
)
BASIS = CostBasis(
    currency="USD",
    review_by="2027-05-20",
    queries=Amount(low=40000, high=40000),
    break_even_cached=line("cached", 50000, 50000, "tokens"),
    break_even_plain=line("plain", 5000, 5000, "tokens"),
    memory=(
        Memory(
            model="a small language model",
            parameters=Amount(low=7, high=7),
            full=Amount(low=112, high=122),
            lora=Amount(low=16, high=24),
            qlora=Amount(low=7, high=18),
            serving=Amount(low=4.6, high=20),
        ),
    ),
    figures=tuple(
        UsedFigure(
            id=name,
            means="a limit",
            amount=Amount(low=number, high=number),
            unit=unit,
            origin="rules",
            status="assumed",
            as_of="2026-11",
            source="",
        )
        for name, number, unit in (("most_payback_months", 12, "months"), ("least_saving", 500, "USD per month"))
    ),
    answer_first=("corpus_size",),
)


def recommendation(**changes: Any) -> Recommendation:
    """A verdict for RAG with everything said; `changes` replaces fields."""
    fields: dict[str, Any] = {
        "approach": Approach.RAG,
        "undecided": None,
        "headline": "RAG: fused retrieval with reranking",
        "pattern": "fused_rerank",
        "chosen": PatternChoice(
            id="fused_rerank",
            title="Fused retrieval with reranking",
            does="Finds passages by words and by meaning, fuses both lists, and answers from the best",
            build_first="Retrieval, measured on fifty questions",
            second_half_pays_when=None,
            component="rag",
            first_experiment=FirstExperiment(
                title="Index 100 documents",
                do="Ask 20 questions.",
                days=5,
                measure="Passages among the first five.",
                stop_when="Fewer than 14 of 20 find their passage.",
                sources=(),
            ),
            stages=(
                StageItem(
                    title="The passage by hand",
                    pattern=("few_shot", "Prompt with examples"),
                    do="Paste it.",
                    next_when="18 of 20 are right.",
                    back_when=None,
                    keeps="The questions.",
                    throws_away="The pasting.",
                    sources=(PAPER,),
                ),
                StageItem(
                    title="Search",
                    pattern=("fused_rerank", "Fused retrieval with reranking"),
                    do="Index everything.",
                    next_when=None,
                    back_when="The text shrinks.",
                    keeps="The questions.",
                    throws_away="The index.",
                    sources=(),
                ),
            ),
            sources=(PAPER,),
        ),
        "settings": (
            SettingChoice(section="retrieval", key="top_k", value=5),
            SettingChoice(
                section="rag",
                key="refuse_without_source",
                value=True,
                rule="source_must_be_named",
                says="Every answer must name its source",
                because="An answer without one cannot be checked.",
                sources=(ARTICLE,),
            ),
        ),
        "confidence": ConfidenceIn(level="high", score=0.876, says="The verdict stays in 220 of 251 ways"),
        "ranking": RANKING,
        "reasons": (reason(), OUTPACED, AGAINST),
        "vetoes": VETOES,
        "conflicts": (
            Resolved(
                id="cost_versus_freshness",
                between="Low cost and daily change",
                resolution="Index only what changed.",
                because="Most documents stay as they are.",
                sources=(ARTICLE,),
            ),
        ),
        "flips": (
            Flip(
                fact="volatility",
                now="daily",
                codes=("static", "monthly"),
                approach=Approach.HYBRID,
                says="once a month or less",
            ),
            Flip(fact="corpus_size", now="200k_2m", codes=("le_50k",), approach=None, says="at most 50,000 tokens"),
        ),
        "unknowns": (
            OpenFact(
                fact="latency_p95",
                question="How long may an answer take?",
                worth=0.13,
                leads_to=(
                    Alternative(code="lt_1s", approach=Approach.PROMPTING),
                    Alternative(code="1s_3s", approach=Approach.RAG),
                    Alternative(code="gt_10s", approach=Approach.RAG),
                ),
            ),
            OpenFact(fact="team", question="Who runs it?", worth=0.0, leads_to=(Alternative(code="a", approach=None),)),
        ),
        "shares": (
            Share(approach=Approach.RAG, share=0.8765),
            Share(approach=Approach.HYBRID, share=0.12),
            Share(approach=None, share=0.0035),
        ),
        "risks": (RiskItem(id="stale_index", title="The index falls behind", mitigation="Index on every change."),),
        "plan": (
            PlanItem(
                id="questions",
                title="Collect questions",
                do="Write fifty of them.",
                done_when="Two people agree on each.",
            ),
            PlanItem(id="index", title="Build the index", do="Read all documents.", done_when="hit@5 is 0.9 or more."),
        ),
        "precedents": (precedent(),),
        "costs": COSTS,
        "cost_basis": BASIS,
        "answers": ANSWERS,
        "facts": FACTS,
        "rules_digest": DIGEST,
        "own_rules": (),
    }
    return Recommendation(**{**fields, **changes})


def undecided(**changes: Any) -> Recommendation:
    """Too little is known."""
    fields: dict[str, Any] = {
        "approach": None,
        "undecided": "too_little_known",
        "headline": "Too little is known for a verdict.",
        "pattern": None,
        "chosen": None,
        "settings": (),
        "flips": (),
        "confidence": ConfidenceIn(level="low", score=0.31, says="The verdict stays in 78 of 251 ways"),
        "shares": (Share(approach=Approach.RAG, share=0.31), Share(approach=Approach.HYBRID, share=0.29)),
    }
    return recommendation(**{**fields, **changes})


def vetoed(**changes: Any) -> Recommendation:
    """Nothing is left: two rules stand against hybrid and RAG, one of them against the other three."""
    wide: dict[str, Any] = {
        "pattern": None,
        "reach": "any",
        "rule": "nothing_leaves",
        "relax": "text may leave the house",
    }
    late: dict[str, Any] = {"pattern": None, "reach": "any", "rule": "no_time", "relax": "an answer may take a second"}
    everything = (
        *(Veto(approach=approach, **late) for approach in (Approach.RAG, Approach.HYBRID)),
        *(Veto(approach=approach, **wide) for approach in Approach),
    )
    fields: dict[str, Any] = {
        "undecided": "everything_vetoed",
        "headline": "No approach is left.",
        "ranking": tuple(rank.model_copy(update={"vetoed": True}) for rank in RANKING),
        "vetoes": everything,
        "reasons": (reason("nothing_leaves", decides=True, points=()), reason("no_time", decides=True, points=())),
        "shares": (Share(approach=None, share=1.0),),
        "flips": (
            Flip(fact="volatility", now="daily", codes=("monthly",), approach=Approach.PROMPTING, says="monthly"),
            Flip(
                fact="volatility",
                now="daily",
                codes=("static",),
                says="yearly or less",
                approach=Approach.FINE_TUNING,
                also=(Change(fact="latency_p95", now="lt_1s", codes=("1s_3s",), says="1 to 3 seconds"),),
            ),
        ),
    }
    return undecided(**{**fields, **changes})


def manifest(**changes: Any) -> Manifest:
    fields: dict[str, Any] = {
        "advisor_version": "0.1.0",
        "rules_digest": DIGEST,
        "package": "help_desk",
        "approach": Approach.RAG,
        "pattern": "fused_rerank",
        "components": ("project_base", "retrieval", "rag"),
        "answers": ANSWERS,
        "files": (
            FileRecord(path="README.md", made="rendered", sha256="0" * 64),
            FileRecord(path="help_desk/rag/answer.py", made="copied", sha256="1" * 64),
        ),
    }
    return Manifest(**{**fields, **changes})


def smoke(*, passed: bool = True, **changes: Any) -> SmokeResult:
    figures = {"hit@5": 0.9167, "ndcg@10": 0.84}
    failure = "" if passed else "answered all the same"
    checks = (
        SmokeCheck(name="retrieval", passed=True, seconds=1.25, message="12 questions", measured=figures),
        SmokeCheck(name="refuses_unanswerable", passed=passed, seconds=0.5, message=failure, measured={}),
    )
    return SmokeResult(**{"passed": passed, "seconds": 1.75, "checks": checks, **changes})


def full() -> Dossier:
    return Dossier(recommendation=recommendation(), manifest=manifest(), smoke=smoke())


def poisoned(value: Any, poison: str) -> Any:
    """The plain form of a document with `poison` behind every text that is free."""
    fixed = {"schema", "approach", "undecided", "level", "reach", "origin", "made", "outcome", "link", "kind", "cache"}
    fixed |= {"in_time", "is_a_reason"}
    if isinstance(value, dict):
        return {key: one if key in fixed else poisoned(one, poison) for key, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one, poison) for one in value]
    approaches = {approach.value for approach in Approach}
    return value + poison if isinstance(value, str) and value not in approaches else value
