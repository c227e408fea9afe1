"""The smoke checks follow the settings, and fail where what they look at is broken."""

from pathlib import Path

import pytest

from ...project_base.checks import CheckFailed
from ...project_base.errors import UserError
from ...registry import gates
from ..proof.smoke_data import own_data
from ..proof.smoke_project import SmokeProject
from ..proof.smoke_rows import SAMPLES, part_of_sample, rows_of, write_rows
from ..proof.smoke_training import climbed
from ..proof.smoke_versions import ask, harmless, served
from ..settings import ProjectSettings, Settings
from ..smoke import checks


def settings(encoder: Path | str = "offline", **changes: object) -> ProjectSettings:
    given = Settings.model_validate({"examples": str(SAMPLES["classification"]), **changes})
    whole = ProjectSettings(fine_tuning=given)
    embedding = whole.embedding.model_copy(update={"model": str(encoder), "device": "cpu"})
    return whole.model_copy(update={"embedding": embedding})


def names(folder: Path, given: ProjectSettings) -> str:
    return "; ".join(check.name for check in checks(given, folder))


@pytest.fixture(scope="module")
def climbed_project(tmp_path_factory: pytest.TempPathFactory, encoder: Path) -> SmokeProject:
    project = SmokeProject(settings(encoder), tmp_path_factory.mktemp("smoke") / "sample")
    climbed(project)
    return project


def test_the_checks_follow_the_settings(tmp_path: Path) -> None:
    head = names(tmp_path, settings(climb_to="head"))
    assert "training lora lowers the loss" in head
    assert "exported" not in head
    assert "forgot" not in head
    full = names(tmp_path, settings(climb_to="full", compress="distilled"))
    assert "training full lowers the loss" in full
    assert "exported as distilled" in full
    assert "what it forgot is measured" in full
    writer = names(
        tmp_path, settings(task="generation", climb_to="lora", examples=str(SAMPLES["generation"]), compress="none")
    )
    assert "exported as merged" in writer
    assert "nothing to learn" not in writer
    assert "configured data" not in writer
    own = names(tmp_path, settings(examples=str(tmp_path / "mine.csv")))
    assert "the configured data can be read and split" in own
    assert not list(tmp_path.iterdir())


def test_what_the_owner_overruled_is_not_asked_for(tmp_path: Path) -> None:
    given = settings()
    data = given.labelled_data.model_copy(update={"probe": "off", "personal_data": "allow"})
    shown = names(tmp_path, given.model_copy(update={"labelled_data": data}))
    assert "personal" not in shown
    assert "nothing to learn" not in shown


def test_data_of_the_owner_that_cannot_be_read_fails(tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match=r"mine\.csv"):
        own_data(settings(examples=str(file)))


def test_a_gate_that_lets_everything_pass_fails(climbed_project: SmokeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "gate_of_project", lambda _config: None)
    with pytest.raises(CheckFailed, match="although nobody had evaluated it"):
        served(climbed_project)


def test_a_model_with_a_file_of_another_kind_fails(climbed_project: SmokeProject) -> None:
    climbed_project.tuned.mkdir(exist_ok=True)
    harmless(climbed_project)
    strange = climbed_project.models / "weights.pt"
    strange.write_bytes(b"\x80\x04")
    try:
        with pytest.raises(CheckFailed, match=r"weights\.pt"):
            harmless(climbed_project)
    finally:
        strange.unlink()


def test_an_error_of_a_command_is_told(climbed_project: SmokeProject, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="predict failed: there is no "):
        ask(climbed_project, tmp_path / "nothing", tmp_path / "out.csv")
    said = climbed_project.run("promote", "77")
    assert said.code == 1
    assert said.told.startswith("there is no version 77")


def test_rows_come_back_as_they_were_written(tmp_path: Path) -> None:
    for task, sample in SAMPLES.items():
        rows = part_of_sample(task)
        assert rows_of(write_rows(tmp_path / sample.name, rows)) == rows


def test_every_key_of_the_project_is_the_owners_or_named(tmp_path: Path, encoder: Path) -> None:
    """What the smoke run changes beside its own folders is what takes long: the rest is as the owner set it."""
    project = SmokeProject(settings(encoder, abstain_accuracy=0.9, refit=False), tmp_path / "sample")
    used = project.settings_of()
    assert used.embedding.model == str(encoder)
    assert used.fine_tuning.abstain_accuracy == 0.9
    assert not used.fine_tuning.refit
    assert used.labelled_data.personal_data == "refuse"
