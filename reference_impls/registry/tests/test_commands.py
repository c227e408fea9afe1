import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ...project_base.cli import main
from ..gates import gate_of_project
from ..registry import Registry
from .conftest import Make


@pytest.fixture
def config(tmp_path: Path, registry: Registry, make: Make) -> Path:
    for number, kind in enumerate(("word_counts", "lora")):
        registry.add(make(kind, kind=kind), {"task": "classification", "score": 0.9 + number / 30})
    file = tmp_path / "config.yaml"
    file.write_text("registry:\n  folder: models\n  keep: 0\n")
    return file


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--config", str(config)])


def test_the_table_marks_what_is_in_service(config: Path) -> None:
    assert "0001-word_counts  word_counts  classification  0.9 " in run(config, "models").stdout
    assert run(config, "promote", "1", "--why", "the first").stdout == "0001-word_counts is in service now\n"
    assert run(config, "promote", "2").exit_code == 0
    told = run(config, "models", "--history").stdout.splitlines()
    assert told[0].split() == ["version", "kind", "task", "score", "added", "(UTC)"]
    assert told[1].endswith("rollback returns to it")
    assert told[2].startswith("*  0002-lora         lora         classification  0.9333  ")
    assert told[2].endswith("in service")
    assert told[-2].endswith("promote   0001-word_counts  the first")
    assert max(map(len, told)) <= 120


def test_the_json_tells_all(config: Path) -> None:
    run(config, "promote", "2")
    told = json.loads(run(config, "models", "--format", "json").stdout)
    assert (told["schema"], told["in_service"], told["previous"]) == ("models/1", "0002-lora", None)
    assert [version["about"]["score"] for version in told["versions"]] == [0.9, 0.9 + 1 / 30]
    assert [event["version"] for event in told["history"]] == ["0002-lora"]


def test_the_way_back(config: Path) -> None:
    assert "no version" in run(config, "rollback").stderr
    run(config, "promote", "1")
    run(config, "promote", "2")
    again = run(config, "promote", "2")
    assert "in service already" in again.stdout
    assert run(config, "rollback", "--why", "complaints").stdout == "0001-word_counts is in service now\n"
    failed = run(config, "rollback")
    assert failed.exit_code == 1
    assert failed.stderr.startswith("error: no whole version was in service before 0001-word_counts\nnext: ")


def test_damage_is_found_and_the_table_still_stands(config: Path, registry: Registry) -> None:
    assert run(config, "models", "--verify").exit_code == 0
    file = registry.folder / "0001-word_counts" / "weights.bin"
    file.write_text("X" * file.stat().st_size)
    told = run(config, "models", "--verify")
    assert told.exit_code == 1
    assert "0002-lora" in told.stdout
    assert "weights.bin differs" in told.stderr
    file.unlink()
    assert "damaged: " in run(config, "models").stdout
    (registry.folder / "champion.json").write_text("{")
    told = run(config, "models", "--history")
    assert told.exit_code == 1
    assert "0002-lora" in told.stdout
    assert "promote VERSION --force" in told.stderr
    told = run(config, "promote", "2", "--force")
    assert told.stdout == "0002-lora is in service now\n"
    assert "a copy is kept as" in told.stderr


def test_an_empty_registry_says_so(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("registry: {folder: none, keep: 0}\n")
    assert "no model stands in" in run(file, "models").stdout
    assert run(file, "promote", "1").exit_code == 1
    assert not (tmp_path / "none").exists()


def test_names_from_elsewhere_do_not_steer_the_screen(config: Path, registry: Registry, make: Make) -> None:
    registry.add(make("c"), {"task": "a\x1b[2Jb\nc", "score": "x" * 500})
    told = run(config, "models").stdout
    assert "\x1b" not in told
    assert len(told.splitlines()) == 4
    assert max(map(len, told.splitlines())) <= 140


def test_the_gate_of_a_room_without_settings_refuses_nothing(config: Path) -> None:
    assert gate_of_project(config) is None
