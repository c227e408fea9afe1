"""The whole output of the main commands on the examples, so that no change of it goes unseen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from advisor import derive, evaluate
from advisor.ask.answers_file import read_answers
from advisor.documents import Dossier
from advisor.knowledge import Knowledge
from advisor.pipeline import advise
from advisor.report import build_sections, render_text
from tests.golden import compare

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.yaml"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_recommendation(example: Path, knowledge: Knowledge) -> None:
    recommendation = advise(read_answers(str(example), knowledge), knowledge)
    document = json.loads(recommendation.model_dump_json())
    document["rules_digest"] = "(digest)"
    compare(f"{example.stem}.json", json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    text = render_text(build_sections(Dossier(recommendation=recommendation), brief=True), width=80)
    assert max(len(line) for line in text.splitlines()) <= 80
    compare(f"{example.stem}.txt", text)


def test_findings(knowledge: Knowledge) -> None:
    facts = derive.derive(read_answers(str(EXAMPLES[0]), knowledge), knowledge)
    findings = evaluate.evaluate(facts, knowledge)
    lines = [f"{one.outcome:<8}{one.rule}: {one.effect}" for one in findings.findings]
    compare("findings.txt", "\n".join(lines) + "\n")
    assert {one.rule for one in findings.findings} == {rule.id for rule in knowledge.rules}
    assert all(re.match(r"rules/criteria/\w+\.yaml:\d+$", one.where) for one in findings.findings)
