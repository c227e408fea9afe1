"""`advisor run`: the main job in one, with the real reference implementation."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from advisor.documents import SmokeResult
from advisor.knowledge import load_knowledge
from advisor.report.write import load_dossier
from advisor.smoke import RESULT
from benchmarks.patterns import EXAMPLES
from tests import projects
from tests.smoke.conftest import EXAMPLE, ROOT, Finished, advisor

COMPONENT = {pattern.id: pattern.component for pattern in load_knowledge().patterns.values() if pattern.component}
BUILT = sorted(COMPONENT)


def test_everything_passes_and_the_last_line_is_the_report(finished: Finished) -> None:
    assert finished.code == 0, finished.stderr
    assert finished.stdout.splitlines()[-1] == "help-desk/report.html"
    assert finished.stdout.startswith("RAG: An index that follows the documents\n")
    assert "Traceback" not in finished.stderr
    assert "Warning" not in finished.stderr


def test_the_checks_are_seen_as_they_pass(finished: Finished) -> None:
    names = re.findall(r"(?m)^ok (.+) \(\d+\.\d s\)$", finished.stderr)
    assert len(names) >= 6
    assert "an unanswerable question is refused" in names


def test_the_result_is_kept_with_its_figures(finished: Finished) -> None:
    result = SmokeResult.load(finished.project / RESULT)
    assert result.passed
    assert all(check.passed and check.message for check in result.checks)
    figures = result.checks[-1].measured
    assert figures["nDCG@10"] > 0.9
    assert figures["answer_containment"] > 0.85
    assert figures["refused_unanswerable"] == 1
    assert 0 < figures["total_ms_p50"] <= figures["total_ms_p95"]
    assert load_dossier(finished.project).smoke == result


def test_the_report_shows_what_was_measured(finished: Finished) -> None:
    page = (finished.project / "report.html").read_text()
    assert page.lower().startswith("<!doctype html>")
    assert "the sample questions are answered" in page


def test_the_report_can_be_had_again(finished: Finished, tmp_path: Path) -> None:
    done = advisor("report", str(finished.project), "--out", "again.html", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, "again.html\n"), done.stderr
    assert (tmp_path / "again.html").read_bytes() == (finished.project / "report.html").read_bytes()


def test_the_smoke_run_leaves_the_project_as_it_was(finished: Finished) -> None:
    manifest = load_dossier(finished.project).manifest
    assert manifest is not None
    beside = projects.tree(finished.project).keys() - {record.path for record in manifest.files}
    assert beside == {".advisor/manifest.json", ".advisor/smoke.json", "report.html"}


IN_TURN = """
import contextlib, io, json, runpy, sys

told = []
for words in json.loads(sys.stdin.read()):
    sys.argv = words
    out, error, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            runpy.run_module(words[0], run_name="__main__", alter_sys=True)
        except SystemExit as end:
            code = end.code
    told.append([code or 0, out.getvalue(), error.getvalue()])
print(json.dumps(told))
"""
"""Runs modules as `python -m` does, one after another, so that the libraries of models are imported once."""


def test_the_commands_of_the_readme_work_as_they_stand(finished: Finished) -> None:
    """Those of the project; what installs, `smoke` and `serve` are covered by tests of their own."""
    readme = (finished.project / "README.md").read_text()
    lines = re.findall(r"(?m)^python -m (help_desk .+)$", "\n".join(re.findall(r"(?s)```console\n(.*?)```", readme)))
    asked = [words for words in map(shlex.split, lines) if words[1] not in {"smoke", "serve"}]
    done = subprocess.run(
        [sys.executable, "-c", IN_TURN],
        input=json.dumps(asked),
        cwd=finished.project,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    said = {}
    for words, (code, out, error) in zip(asked, json.loads(done.stdout), strict=True):
        assert code == 0, error
        assert all(told.startswith("note: ") for told in error.splitlines()), words
        said[words[1]] = out
    assert said.keys() == {"index", "ask", "evaluate", "lookup"}
    assert said["index"].startswith("15 documents")
    assert "42 pieces" in said["lookup"]
    assert "questions judged" in said["evaluate"]


@pytest.mark.soak
def test_a_failing_check_ends_in_exit_code_4_and_a_report(tmp_path: Path) -> None:
    rules = tmp_path / "rules" / "patterns"
    rules.mkdir(parents=True)
    text = (ROOT / "rules" / "patterns" / "rag.yaml").read_text()
    broken = text.replace(
        "retrieval: {mode: fused}", "retrieval: {mode: fused}\n      embedding: {model: no/such/model}"
    )
    (rules / "rag.yaml").write_text(broken)
    done = advisor("run", str(EXAMPLE), "desk", "--rules", "rules", cwd=tmp_path)
    assert done.returncode == 4, done.stderr
    assert done.stdout.splitlines()[-1] == "desk/report.html"
    assert "Traceback" not in done.stderr
    assert "error: the sample handbook is indexed: " in done.stderr
    assert "the report says more: desk/report.html" in done.stderr
    assert "no/such/model" in (tmp_path / "desk" / "report.html").read_text()
    assert not SmokeResult.load(tmp_path / "desk" / RESULT).passed


def test_a_missing_library_ends_in_exit_code_4_and_a_report(tmp_path: Path) -> None:
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "bs4.py").write_text("raise ModuleNotFoundError(\"No module named 'bs4'\", name='bs4')\n")
    done = advisor("run", str(EXAMPLE), "desk", cwd=tmp_path, PYTHONPATH=f"{ROOT}:{tmp_path / 'without'}")
    assert done.returncode == 4
    assert done.stdout.splitlines()[-1] == "desk/report.html"
    assert "Traceback" not in done.stderr
    (error,) = (line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert "the library bs4 is missing" in error
    assert f"pip install -e '{tmp_path / 'desk'}[offline]'" in error
    assert "the library bs4 is missing" in (tmp_path / "desk" / "report.html").read_text()


@pytest.mark.parametrize("words", [("--set", "model_kind=vision_audio"), ("--set", "task_type=no")])
def test_nothing_is_left_when_nothing_can_be_built(words: tuple[str, ...], tmp_path: Path) -> None:
    done = advisor("run", str(EXAMPLE), "desk", *words, cwd=tmp_path)
    assert done.returncode == 1
    assert "error: " in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_way_is_found_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "mine").touch()
    done = advisor("run", str(EXAMPLE), "desk", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "the folder is not empty" in done.stderr


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("pattern", BUILT)
def test_every_pattern_runs_and_passes_its_own_tests(pattern: str, tmp_path: Path) -> None:
    example = EXAMPLES[COMPONENT[pattern]]
    made = advisor("scaffold", str(example), "desk", "--pattern", pattern, cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    proven = advisor("smoke", "desk", cwd=tmp_path)
    assert proven.returncode == 0, proven.stderr
    # Patterns of one component differ in config.yaml alone, which the tests do not read.
    if pattern != next(each for each in BUILT if COMPONENT[each] == COMPONENT[pattern]):
        return
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], cwd=tmp_path / "desk", capture_output=True, text=True, check=False
    )
    assert tested.returncode == 0, tested.stdout
    assert " passed" in tested.stdout
    assert "skipped" not in tested.stdout
