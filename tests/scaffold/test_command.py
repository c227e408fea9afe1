"""`advisor scaffold`, as it is typed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests import projects
from tests.conftest import Run
from tests.scaffold.conftest import EXAMPLE
from tests.scaffold.test_plan import UNBUILT

FILE = str(EXAMPLE)


def test_standard_output_is_the_folder_alone(run: Run, tmp_path: Path) -> None:
    done = run("scaffold", FILE, "help-desk")
    assert (done.returncode, done.stdout) == (0, "help-desk\n")
    assert "start with help-desk/README.md" in done.stderr
    manifest = json.loads((tmp_path / "help-desk" / ".advisor" / "manifest.json").read_text())
    assert (manifest["package"], manifest["pattern"]) == ("help_desk", "incremental_index")
    assert [path.name for path in tmp_path.iterdir()] == ["help-desk"]


def test_update_says_what_became_of_each_file(run: Run, tmp_path: Path) -> None:
    assert run("scaffold", FILE, "desk").returncode == 0
    again = run("scaffold", FILE, "desk", "--update")
    assert (again.returncode, again.stdout) == (0, "up to date: nothing changed\n")
    projects.configure(tmp_path / "desk", passages="7")
    (tmp_path / "desk" / "desk" / "rag" / "smoke.py").unlink()
    other = run("scaffold", FILE, "desk", "--update", "--pattern", "plain_rag")
    assert other.returncode == 0, other.stderr
    told = {path: fate for fate, path in (line.split(maxsplit=1) for line in other.stdout.splitlines())}
    assert told.pop("config.yaml (yours stays; ours stands beside it as config.yaml.new)") == "edited"
    assert told.pop("desk/rag/smoke.py") == "gone"
    assert told == dict.fromkeys(("DECISION.md", "README.md", "pyproject.toml"), "replaced")


def test_nothing_is_written_without_a_verdict(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("answers: {}\n")
    done = run("scaffold", "empty.yaml", "desk")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: there is no verdict to scaffold")
    assert "next: " in done.stderr
    assert not (tmp_path / "desk").exists()
    insisted = run("scaffold", "empty.yaml", "desk", "--approach", "rag")
    assert insisted.returncode == 0, insisted.stderr


@pytest.mark.parametrize("pattern", UNBUILT)
def test_a_pattern_without_a_component_is_refused(pattern: str, run: Run, tmp_path: Path) -> None:
    done = run("scaffold", FILE, "desk", "--pattern", pattern)
    assert (done.returncode, done.stdout) == (1, "")
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert errors[0].startswith(f"error: no reference implementation of {pattern} (")
    assert errors[0].endswith(") is built yet")
    assert not list(tmp_path.iterdir())


def test_pictures_are_advised_and_not_built(run: Run, tmp_path: Path) -> None:
    (tmp_path / "scans.yaml").write_text(
        "answers: {model_kind: vision_audio, task_type: classification, failure_mode: wrong_behaviour,"
        " labelled_examples: 3000, knowledge_source: in_request}\n"
    )
    advice = run("recommend", "scans.yaml", "--format", "json")
    chosen = json.loads(advice.stdout)["chosen"]
    assert chosen["component"] is None
    assert "pictures and sound" in chosen["advised_only"]
    for words in ((), ("--pattern", "plain_rag")):
        done = run("scaffold", "scans.yaml", "desk", *words)
        assert (done.returncode, done.stdout) == (1, "")
        assert "pictures and sound" in done.stderr
    assert not (tmp_path / "desk").exists()


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--pattern", "plain_rga"), 1, "did you mean plain_rag?"),
        (("--approach", "ragg"), 2, "Invalid value for '--approach'"),
        (("--update",), 1, "no project of advisor"),
    ],
)
def test_wrong_words_are_refused(words: tuple[str, ...], code: int, says: str, run: Run, tmp_path: Path) -> None:
    done = run("scaffold", FILE, "desk", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_vetoed_pattern_is_built_on_request_with_a_warning(run: Run, tmp_path: Path) -> None:
    words = ("--pattern", "plain_rag", "--set", "access_control=per_user")
    done = run("scaffold", FILE, "desk", *words)
    assert (done.returncode, done.stdout) == (0, "desk\n")
    note, warning, *_ = done.stderr.splitlines()
    assert re.fullmatch(
        r"note: the verdict is rag, access_filtered \(\w+ confidence\); the project is rag, plain_rag, .*", note
    )
    assert re.match(r"warning: \w+ rules plain_rag out; to bring it back: \w+", warning)


def test_nothing_is_said_of_a_choice_that_is_the_verdict(run: Run) -> None:
    done = run("scaffold", FILE, "desk", "--pattern", "incremental_index")
    assert done.returncode == 0
    assert "the verdict is" not in done.stderr
