from pathlib import Path

import pytest

from ...project_base.errors import UserError
from ..launch import is_main_process, relaunch
from .tiny import settings


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "PMI_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK", "TRAINING_LAUNCHED_BY"):
        monkeypatch.delenv(name, raising=False)


def test_one_process_and_one_of_several_launch_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert relaunch(settings(), ["--help"]) is None
    monkeypatch.setenv("TRAINING_LAUNCHED_BY", "1")
    assert relaunch(settings(processes=2), ["--help"]) is None


def test_the_command_runs_in_each_process_and_the_main_one_prints(capfd: pytest.CaptureFixture[str]) -> None:
    assert relaunch(settings(processes=2), ["--help"]) == 0
    assert capfd.readouterr().out.count("Usage:") == 1


def test_a_code_of_failure_comes_back(capfd: pytest.CaptureFixture[str]) -> None:
    assert relaunch(settings(processes=2), ["no-such-command"]) == 2
    assert capfd.readouterr().err.count("no-such-command") == 1


def test_a_wrong_configuration_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "accelerate.yaml")
    with pytest.raises(UserError, match="there is no file") as caught:
        relaunch(settings(accelerate_config=path), ["--help"])
    assert caught.value.next_step == f"make it: accelerate config --config_file {path}"
    with pytest.raises(UserError, match="both set"):
        relaunch(settings(accelerate_config=path, processes=2), ["--help"])


@pytest.mark.parametrize("name", ["RANK", "OMPI_COMM_WORLD_RANK"])
def test_the_main_process_is_the_one_of_rank_0(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    assert is_main_process()
    monkeypatch.setenv(name, "0")
    assert is_main_process()
    monkeypatch.setenv(name, "3")
    assert not is_main_process()
