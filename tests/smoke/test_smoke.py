"""`advisor smoke` around the checks: what it says when they fail, hang, lie or cannot start."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from advisor.documents import SmokeResult
from advisor.errors import DataError
from advisor.smoke import RESULT, run_smoke
from tests import projects
from tests.smoke.conftest import Quick, advisor


def smoke(quick: Quick, timeout: float = 60) -> SmokeResult:
    return run_smoke(quick.folder, quick.manifest, isolated=False, timeout=timeout)


def test_passing_checks(quick: Quick) -> None:
    done = advisor("smoke", "demo", cwd=quick.folder.parent)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("passed: 2 checks in ")
    assert "ok the room is dry" in done.stderr
    kept = SmokeResult.load(quick.folder / RESULT)
    assert [check.name for check in kept.checks] == ["the room is dry", "the door is shut"]
    assert kept.checks[0].measured == {"litres": 0.0}


def test_it_runs_in_the_folder_that_one_stands_in(quick: Quick) -> None:
    done = advisor("smoke", ".", cwd=quick.folder, PYTHONSAFEPATH="1")
    assert done.returncode == 0, done.stderr


def test_it_always_runs_and_keeps_the_last_result(quick: Quick) -> None:
    assert smoke(quick).passed
    quick.shut('raise CheckFailed("the door stands open", {"degrees": 30})')
    assert not smoke(quick).passed
    kept = SmokeResult.load(quick.folder / RESULT)
    assert not kept.passed
    assert [check.passed for check in kept.checks] == [True, False]
    assert kept.checks[1].measured == {"degrees": 30}
    quick.shut('return Outcome("shut")')
    assert smoke(quick).passed


@pytest.mark.parametrize("line", ['raise CheckFailed("stands open")', 'raise RuntimeError("stands open")'])
def test_a_failing_check_is_named(line: str, quick: Quick) -> None:
    quick.shut(line)
    done = advisor("smoke", "demo", cwd=quick.folder.parent)
    assert (done.returncode, done.stdout) == (4, "")
    (error,) = (one for one in done.stderr.splitlines() if one.startswith("error: "))
    assert error.startswith("error: the door is shut: ")
    assert "stands open" in error
    assert "next: the full result: demo/.advisor/smoke.json" in done.stderr
    assert "Traceback" not in done.stderr


def test_checks_that_hang_are_ended_with_all_that_they_started(quick: Quick) -> None:
    # The grandchild holds the pipe of its parent: ending the parent alone would leave us waiting for it.
    quick.shut(
        "import subprocess, sys, time",
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])",
        "open('started', 'w').write(str(child.pid))",
        "time.sleep(60)",
    )
    started = time.monotonic()
    result = smoke(quick, timeout=5)
    assert time.monotonic() - started < 20
    (check,) = result.checks
    assert (check.name, check.passed) == ("ends in time", False)
    assert "no result within 5 s; allow more with --timeout" in check.message
    pid = int((quick.folder / "started").read_text())
    stat = Path(f"/proc/{pid}/stat")
    assert not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b'{"schema": "smoke/2", "passed": true, "seconds": 1.0, "checks": []}',
        b'{"schema": "smoke/1", "passed": true, "seconds": 1.0, "checks": []}',
        b'{"schema": "smoke/1", "passed": "yes", "seconds": 1.0, "checks": []}',
        b'{"schema": "smoke/1", "passed": true, "seconds": 1.0, "checks": '
        b'[{"name": "a", "passed": false, "seconds": 1.0, "message": ""}]}',
    ],
)
def test_a_result_that_is_damaged_or_contradicts_itself_is_no_pass(content: bytes, quick: Quick) -> None:
    quick.shut(
        "import os, sys",
        f"open(sys.argv[sys.argv.index('--out') + 1], 'wb').write({content!r})",
        "os._exit(0)",
    )
    (check,) = smoke(quick).checks
    assert (check.name, check.passed) == ("reports its result", False)


def test_an_exit_code_that_contradicts_the_result_is_no_pass(quick: Quick) -> None:
    quick.shut("import atexit, os", "atexit.register(os._exit, 3)", 'return Outcome("shut")')
    (check,) = smoke(quick).checks
    assert (check.name, check.passed) == ("reports its result", False)
    assert "exit code 3" in check.message


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("import os", "os._exit(7)"), "exit code 7: nothing was printed"),
        (("import os", "os.kill(os.getpid(), 9)"), "exit code -9: nothing was printed"),
        (("import os, sys", "print('oh no', file=sys.stderr)", "os._exit(1)"), "exit code 1: oh no"),
    ],
)
def test_checks_that_die_are_told_by_their_last_words(lines: tuple[str, ...], says: str, quick: Quick) -> None:
    quick.shut(*lines)
    (check,) = smoke(quick).checks
    assert (check.name, check.message) == ("starts", says)


def test_a_wrong_setting_is_told_with_its_line(quick: Quick) -> None:
    projects.configure(quick.folder, offline="perhaps")
    done = advisor("smoke", "demo", cwd=quick.folder.parent)
    assert done.returncode == 4
    assert done.stderr.startswith("error: starts: config.yaml:2: project_base.offline: ")
    assert done.stderr.count("error: ") == 1


def test_a_missing_part_of_the_project_is_no_missing_library(quick: Quick) -> None:
    (quick.folder / "demo" / "project_base" / "checks.py").unlink()
    (check,) = smoke(quick).checks
    assert "the project is not whole: its module demo.project_base.checks is missing" in check.message
    assert "pip" not in check.message


def test_a_missing_library_says_what_to_install(quick: Quick) -> None:
    path = quick.folder / "demo" / "rag" / "smoke.py"
    path.write_text("import a_library_that_nobody_has\n" + path.read_text())
    (check,) = smoke(quick).checks
    assert check.message.startswith("the library a_library_that_nobody_has is missing; install what the project needs")
    assert f"pip install -e '{quick.folder}[offline]', or run with --isolated" in check.message


def test_an_environment_that_cannot_be_made_says_why(quick: Quick) -> None:
    done = advisor("smoke", "demo", "--isolated", cwd=quick.folder.parent, PIP_NO_INDEX="1", PIP_RETRIES="0")
    assert (done.returncode, done.stdout) == (4, "")
    assert "error: demo: cannot be installed in a fresh environment: No matching distribution" in done.stderr
    assert "next: mend that, or run without --isolated" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_result_that_cannot_be_kept_is_an_error(quick: Quick) -> None:
    (quick.folder / RESULT).mkdir()
    with pytest.raises(DataError, match=r"smoke\.json: cannot be written"):
        smoke(quick)


@pytest.mark.parametrize("prepare", ["missing", "empty", "damaged"])
def test_a_folder_that_is_no_project_is_refused(prepare: str, tmp_path: Path) -> None:
    if prepare != "missing":
        (tmp_path / "demo" / ".advisor").mkdir(parents=True)
    if prepare == "damaged":
        (tmp_path / "demo" / ".advisor" / "manifest.json").write_text("{")
    done = advisor("smoke", "demo", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: demo")
    assert "next: " in done.stderr
