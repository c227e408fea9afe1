"""The smoke checks pass with what they are to prove, and fail where it does not hold."""

from pathlib import Path

import pytest

from ...project_base.checks import CheckFailed
from ..settings import ProjectSettings
from ..smoke import SmokeProject, checks
from .projects import settings


def given(folder: Path, encoder: Path, **changes: object) -> ProjectSettings:
    return settings(folder, embedding__model=str(encoder), **changes)


@pytest.mark.parametrize("objective", ["masked", "causal"])
def test_every_check_passes(tmp_path: Path, encoder: Path, objective: str) -> None:
    rate = 0.003 if objective == "masked" else 0.0
    own = given(
        tmp_path, encoder, continued_pretraining__objective=objective, continued_pretraining__learning_rate=rate
    )
    told = {check.name: check.run().message for check in checks(own, tmp_path / "smoke")}
    assert "the configured text can be read and split" in told
    assert len(told) == 6


def test_the_checks_of_the_sample_do_not_read_it_twice(tmp_path: Path, encoder: Path) -> None:
    sample = Path(__file__).parents[1] / "sample" / "domain"
    names = [check.name for check in checks(given(tmp_path, encoder, corpus__folder=str(sample)), tmp_path / "smoke")]
    assert "the configured text can be read and split" not in names
    assert not (tmp_path / "smoke").exists()


def test_training_that_teaches_nothing_fails_the_check(tmp_path: Path, encoder: Path) -> None:
    own = given(tmp_path, encoder, continued_pretraining__learning_rate=1e-12)
    named = {check.name: check for check in checks(own, tmp_path / "smoke")}
    with pytest.raises(CheckFailed):
        named["training goes on after an interruption, and gains on held-out text"].run()


def test_the_project_is_a_small_copy_beside_the_owners(tmp_path: Path, encoder: Path) -> None:
    project = SmokeProject(given(tmp_path, encoder), tmp_path / "smoke")
    assert project.settings.continued_pretraining.runs_folder == str(tmp_path / "smoke" / "runs")
    assert len(project.texts.texts) < 110
