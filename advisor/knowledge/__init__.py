"""What rules/ may say, and how it is read: strict, with file and line in every complaint."""

from advisor.knowledge.approaches import Experiment, Pattern, Stage
from advisor.knowledge.asked import Ask, Derivation, Option
from advisor.knowledge.figures import Call, Figure, Prices, Recipe
from advisor.knowledge.grounds import Source, SourceRef
from advisor.knowledge.labelled import Case, CaseGroup
from advisor.knowledge.load import load_knowledge
from advisor.knowledge.model import Accepted, Conflict, Knowledge, Levels, PlanStep, Risk, Rule, Side

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
