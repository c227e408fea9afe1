from __future__ import annotations

from collections.abc import Callable

import pytest

from advisor.documents import Dossier, Recommendation
from advisor.report import build_sections, render_markdown, render_text
from advisor.report.characters import cells
from advisor.report.page import render_page

ASKING = {"model_kind": "llm", "task_type": "grounded_qa", "knowledge_source": "private_documents"}
PROFILES: dict[str, dict[str, str]] = {
    "nothing": {},
    "little": {"model_kind": "llm"},
    "stop": {"model_kind": "llm", "baseline_quality": "meets_target", "failure_mode": "none"},
    "knowledge": {**ASKING, "volatility": "daily", "corpus_size": "3000000", "citations": "mandatory"},
    "behaviour": {
        "model_kind": "encoder",
        "task_type": "classification",
        "knowledge_source": "in_request",
        "failure_mode": "wrong_behaviour",
        "labelled_examples": "8000",
    },
    "both": {**ASKING, "failure_mode": "both", "labelled_examples": "5000", "style_strictness": "strict"},
    "predictive": {"model_kind": "predictive", "task_type": "prediction_ranking"},
    "impossible": {
        **ASKING,
        "latency_p95": "5",
        "corpus_size": "3000000",
        "volatility": "daily",
        "citations": "mandatory",
    },
}


@pytest.mark.parametrize("name", PROFILES)
def test_real_advice_fits_a_screen_and_every_form(name: str, recommend_for: Callable[..., Recommendation]) -> None:
    advice = recommend_for(**PROFILES[name])
    dossier = Dossier(recommendation=advice)
    lines = render_text(build_sections(dossier, brief=True)).splitlines()
    assert len(lines) <= 48
    assert max(map(cells, lines)) <= 80
    first = advice.headline.partition(". ")[0]
    assert render_markdown(build_sections(dossier)).startswith(f"# {first}")
    assert "<h1" in render_page(dossier)
