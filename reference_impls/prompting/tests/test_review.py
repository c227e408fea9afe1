import os
import select
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ...project_base.tests.generated import PACKAGE
from ..asking.journal import Journal
from ..measuring.shelf import keep_trial, review_path
from ..measuring.trial import Trial
from ..measuring.trying import try_prompt
from ..proof.endpoint import running
from ..proof.project import command
from ..reviewing.heaps import Verdicts
from ..reviewing.review import review
from .projects import config, open_project, prompt_file, run

RIGHT = "repair"
FAILURES = 20


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    with running(lambda _messages: RIGHT) as server:
        opened = open_project(tmp_path, "few_shot", server.base_url, prompting__choose_shots="fixed")
        with Journal.open(opened.runs_folder) as journal:
            found = try_prompt(opened, journal)
        keep_trial(opened.runs_folder, found)
    return found


def verdicts(folder: Path, trial: Trial) -> Verdicts:
    return Verdicts(trial, review_path(folder / "runs", trial))


def keys(typed: str) -> Iterator[str]:
    yield from typed
    while True:
        yield "q"


def go_through(folder: Path, trial: Trial, typed: str) -> tuple[int, str]:
    pressed = keys(typed)
    written: list[str] = []
    left = review(verdicts(folder, trial), lambda: next(pressed), written.append)
    return left, "".join(written)


def test_single_keys_sort_failures_and_everything_said_is_kept(tmp_path: Path, trial: Trial) -> None:
    left, shown = go_through(tmp_path, trial, "kbgwq")
    assert left == FAILURES - 4
    assert f"1 of {FAILURES}" in shown
    assert verdicts(tmp_path, trial).count() == {
        "did_not_know": 1,
        "behaved_wrongly": 1,
        "good": 1,
        "item_is_wrong": 1,
    }
    left, shown = go_through(tmp_path, trial, "k" * 3)
    assert left == FAILURES - 7
    assert f"1 of {FAILURES - 4}" in shown


def test_undo_skip_help_and_unknown_keys(tmp_path: Path, trial: Trial) -> None:
    left, shown = go_through(tmp_path, trial, "uksubx\x1b?i")
    found = verdicts(tmp_path, trial)
    assert "there is nothing to undo" in shown
    assert left == FAILURES - 1
    assert dict(found.count())["behaved_wrongly"] == 1
    assert dict(found.count())["did_not_know"] == 0


def test_a_verdict_on_another_output_does_not_count(tmp_path: Path, trial: Trial) -> None:
    go_through(tmp_path, trial, "k" * FAILURES)
    rows = tuple(row.model_copy(update={"output": "billing"}) if row.id == "m03" else row for row in trial.rows)
    changed = trial.model_copy(update={"rows": rows})
    assert [row.id for row in verdicts(tmp_path, changed).open_rows()] == ["m03"]


def test_half_a_line_is_passed_over(tmp_path: Path, trial: Trial) -> None:
    go_through(tmp_path, trial, "kk")
    file = review_path(tmp_path / "runs", trial)
    file.write_bytes(file.read_bytes()[:-20])
    assert len(verdicts(tmp_path, trial).open_rows()) == FAILURES - 1
    go_through(tmp_path, trial, "b")
    assert dict(verdicts(tmp_path, trial).count()) == {
        "did_not_know": 1,
        "behaved_wrongly": 1,
        "good": 0,
        "item_is_wrong": 0,
    }


def test_lines_do_where_there_is_no_terminal(tmp_path: Path, trial: Trial) -> None:
    del trial
    done = run(config(tmp_path), "review", typed="know\nb\n\nB\n")
    assert done.exit_code == 0, done.output
    assert f"1 did not know, 2 behaved wrongly, 0 good, 0 item is wrong; {FAILURES - 3} open" in done.output


def test_keys_need_no_enter_in_a_terminal(tmp_path: Path, trial: Trial) -> None:
    pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")
    main, terminal = pty.openpty()
    started = command(config(tmp_path), "review")
    with subprocess.Popen(
        started, cwd=PACKAGE.parent, stdin=terminal, stdout=terminal, stderr=terminal, close_fds=True
    ) as sorting:
        os.close(terminal)
        shown = _read_until(main, b"leave, ? help: ")
        # An arrow key holds a letter B, and is no verdict.
        for key in (b"k", b"\x1b[B", b"b"):
            os.write(main, key)
            shown = _read_until(main, b"leave, ? help: ")
        os.write(main, b"q")
        shown += _read_until(main, b"open")
        sorting.wait(30)
    os.close(main)
    assert sorting.returncode == 0
    assert f"1 did not know, 1 behaved wrongly, 0 good, 0 item is wrong; {FAILURES - 2} open".encode() in shown
    assert len(verdicts(tmp_path, trial).open_rows()) == FAILURES - 2


def _read_until(descriptor: int, wanted: bytes, seconds: float = 30) -> bytes:
    found, until = b"", time.monotonic() + seconds
    while wanted not in found:
        left = until - time.monotonic()
        ready, _, _ = select.select([descriptor], [], [], max(left, 0))
        assert ready, found
        found += os.read(descriptor, 65536)
    return found


def test_outputs_that_only_a_person_can_judge_are_all_looked_at(tmp_path: Path) -> None:
    prompt = prompt_file(tmp_path, "output: text\nmeasure: person")
    items = tmp_path / "items.jsonl"
    items.write_text('{"id": "1", "input": "a letter"}\n{"id": "2", "input": "another one"}\n')
    given = {"prompting__prompt": str(prompt), "prompting__items": str(items), "prompting__examples": ""}
    with running(lambda _messages: "Dear all,") as server:
        file = config(tmp_path, "few_shot", server.base_url, **given)
        tried = run(file, "try")
        assert "2 outputs for a person to judge" in tried.output
        open_answers = run(file, "answers")
        assert "# unknown: baseline_quality: 2 outputs are not judged yet" in open_answers.output
        done = run(file, "review", typed="g\nb\n")
        assert "good with what was said: 1 of 2, 0.500" in done.output
        assert "baseline_quality: far" in run(file, "answers").output
