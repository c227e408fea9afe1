"""Chains the verbs. Each step takes nouns and returns the next one."""

from __future__ import annotations

from advisor.derive import derive
from advisor.documents import Answers, Recommendation
from advisor.economics import economics
from advisor.evaluate import evaluate
from advisor.knowledge import Knowledge
from advisor.precedents import precedents
from advisor.recommend import recommend
from advisor.sensitivity import sensitivity

__all__ = ["advise"]


def advise(answers: Answers, knowledge: Knowledge) -> Recommendation:
    """ANSWERS -> FACTS -> FINDINGS -> RECOMMENDATION, with its costs and the precedents nearest to it."""
    facts = derive(answers, knowledge)
    findings = evaluate(facts, knowledge)
    recommendation = recommend(answers, facts, findings, sensitivity(facts, knowledge), knowledge)
    costs = economics(answers, facts, findings, recommendation, knowledge)
    near = precedents(facts, recommendation.approach, knowledge)
    return recommendation.model_copy(update={"costs": costs.approaches, "cost_basis": costs.basis, "precedents": near})
