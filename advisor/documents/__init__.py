"""The nouns: frozen documents, each with a schema version and its own file format. No behaviour."""

from advisor.documents.answers import Answers, Given, GivenFigure
from advisor.documents.costs import Costs
from advisor.documents.dossier import Dossier
from advisor.documents.facts import Fact, Facts
from advisor.documents.findings import Finding, Findings, TraceStep
from advisor.documents.manifest import FileRecord, Manifest
from advisor.documents.recommendation import Recommendation
from advisor.documents.smoke_result import SmokeCheck, SmokeResult
from advisor.documents.stability import Stability

__all__ = [
    "Answers",
    "Costs",
    "Dossier",
    "Fact",
    "Facts",
    "FileRecord",
    "Finding",
    "Findings",
    "Given",
    "GivenFigure",
    "Manifest",
    "Recommendation",
    "SmokeCheck",
    "SmokeResult",
    "Stability",
    "TraceStep",
]
