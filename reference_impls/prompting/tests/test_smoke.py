from pathlib import Path

import pytest

from ...project_base.checks import CheckFailed
from ..proof import checks as proof
from ..proof import document_checks
from ..proof.project import sample_settings
from ..smoke import checks
from .projects import open_project


@pytest.mark.parametrize(
    "check",
    [
        proof.sample_is_sound,
        proof.endpoint_is_measured,
        proof.killed_and_resumed,
        proof.versions_are_told_apart,
        proof.failures_become_answers,
        document_checks.corpus_comes_first,
        document_checks.quotes_are_checked,
    ],
)
def test_a_check_of_the_smoke_run_holds(check: object, tmp_path: Path) -> None:
    assert callable(check)
    outcome = check(proof.Proof(open_project(tmp_path).settings, tmp_path))
    assert outcome.message


def test_the_checks_follow_the_method(tmp_path: Path) -> None:
    settings = open_project(tmp_path).settings
    names = {
        method: [each.name for each in checks(sample_settings(settings, tmp_path, method), tmp_path)]
        for method in ("few_shot", "whole_corpus", "map_reduce")
    }
    assert "invented quotes are not counted" in names["map_reduce"]
    assert "the corpus stands first and must fit" in names["whole_corpus"]
    assert len(names["few_shot"]) == 6
    own = tmp_path / "own.jsonl"
    own.write_text('{"id": "1", "input": "x", "output": "loss"}\n')
    other = settings.model_copy(update={"prompting": settings.prompting.model_copy(update={"items": str(own)})})
    assert checks(other, tmp_path)[-1].name == "the configured items can be read"


def test_a_run_that_pays_twice_would_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ..asking.journal import Journal

    monkeypatch.setattr(Journal, "find", lambda _self, _key: None)
    with pytest.raises(CheckFailed, match="tried twice"):
        proof.endpoint_is_measured(proof.Proof(open_project(tmp_path).settings, tmp_path))
