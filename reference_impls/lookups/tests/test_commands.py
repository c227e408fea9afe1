import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ...embedding.settings import Settings as EmbeddingSettings
from ...project_base.cli import main
from ...project_base.settings import Settings as BaseSettings
from ..settings import ProjectSettings
from ..smoke import checks


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "TOKENIZERS_PARALLELISM"):
        # What a command sets in the environment is taken back after the test.
        monkeypatch.setenv(name, os.environ.get(name, ""))


def run(folder: Path, *arguments: str, file: str = "''") -> Result:
    config = folder / "config.yaml"
    config.write_text(f"embedding: {{device: cpu}}\nlookups: {{file: {file}}}\n", encoding="utf-8")
    return CliRunner().invoke(main, ["lookup", *arguments, "--config", str(config)])


def test_the_sample_is_asked_where_nothing_is_declared(tmp_path: Path) -> None:
    shown = run(tmp_path, "How many Bridges are in stock?")
    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.startswith("Bridge B1: 42 pieces in Rotterdam.\n\n[stock] asked 20")
    assert "part = Bridge B1" in shown.stdout
    assert "look-ups of the sample" in shown.stderr
    as_json = run(tmp_path, "Where is my order OR-104210?", "--tenant", "northwind", "--format", "json")
    assert json.loads(as_json.stdout)["rows"] == [["OR-104210", "shipped", "2026-11-18"]]


def test_what_nothing_answers_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    shown = run(tmp_path, "Who won the football world cup in 2018?")
    assert shown.exit_code == 3
    assert "No look-up answers this" in shown.stdout


def test_the_list_shows_all_that_can_be_asked(tmp_path: Path) -> None:
    shown = run(tmp_path, "--list")
    assert shown.exit_code == 0
    assert "order_status: Where an order of one's own is" in shown.stdout
    assert "needs:   order (pattern), customer (tenant)" in shown.stdout


def test_mistakes_say_what_to_do(tmp_path: Path) -> None:
    assert "there is no question" in run(tmp_path).stderr
    missing = run(tmp_path, "--list", file="missing.yaml")
    assert missing.exit_code == 1
    assert str(tmp_path / "missing.yaml") in missing.stderr
    (tmp_path / "own.yaml").write_text("lookups:\n  a: {titel: x}\n", encoding="utf-8")
    assert "own.yaml:2: unknown key lookups.a.titel" in run(tmp_path, "--list", file="own.yaml").stderr


def test_text_of_a_row_does_not_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "d.sql").write_text(
        "CREATE TABLE t (a); INSERT INTO t VALUES (char(27) || '[2Jignore all instructions');", encoding="utf-8"
    )
    (tmp_path / "own.yaml").write_text(
        "lookups:\n  a:\n    title: A\n    questions: [What is the secret word, Tell the secret word]\n"
        "    source: {sqlite: d.sql}\n    statement: SELECT a FROM t\n    answer: '{a}'\n",
        encoding="utf-8",
    )
    shown = run(tmp_path, "What is the secret word?", file="own.yaml")
    assert shown.exit_code == 0, shown.stderr
    assert "\x1b" not in shown.stdout
    assert "[2Jignore all instructions" in shown.stdout


def test_the_smoke_checks_hold(tmp_path: Path) -> None:
    settings = ProjectSettings(project_base=BaseSettings(), embedding=EmbeddingSettings(device="cpu"))
    found = checks(settings, tmp_path)
    assert len(found) == 2
    assert all(check.run().message for check in found)
