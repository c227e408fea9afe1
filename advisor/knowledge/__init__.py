"""What rules/ may say, and how it is read: strict, with file and line in every complaint."""

from advisor.knowledge.figures import Call, Figure, Prices, Recipe
from advisor.knowledge.load import load_knowledge
from advisor.knowledge.model import (
    Ask,
    Conflict,
    Derivation,
    Knowledge,
    Levels,
    Option,
    Pattern,
    PlanStep,
    Risk,
    Rule,
    Source,
    SourceRef,
)

__all__ = [
    "Ask",
    "Conflict",
    "Derivation",
    "Knowledge",
    "Levels",
    "Option",
    "Pattern",
    "PlanStep",
    "Risk",
    "Rule",
    "Source",
]
__all__ += ["Call", "Figure", "Prices", "Recipe", "SourceRef", "load_knowledge"]
