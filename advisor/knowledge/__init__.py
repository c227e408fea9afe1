"""What rules/ may say, and how it is read: strict, with file and line in every complaint."""

from advisor.knowledge.figures import Call, Figure, Prices, Recipe
from advisor.knowledge.labelled import Case, CaseGroup
from advisor.knowledge.load import load_knowledge
from advisor.knowledge.model import (
    Accepted,
    Ask,
    Conflict,
    Derivation,
    Experiment,
    Knowledge,
    Levels,
    Option,
    Pattern,
    PlanStep,
    Risk,
    Rule,
    Side,
    Source,
    SourceRef,
    Stage,
)

__all__ = [
    "Accepted",
    "Ask",
    "Case",
    "CaseGroup",
    "Conflict",
    "Derivation",
    "Knowledge",
    "Levels",
    "Option",
    "Pattern",
    "PlanStep",
    "Risk",
    "Rule",
    "Side",
    "Source",
]
__all__ += ["Call", "Experiment", "Figure", "Prices", "Recipe", "SourceRef", "Stage", "load_knowledge"]
