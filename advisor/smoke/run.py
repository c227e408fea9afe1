"""Runs a project's own checks, offline and timed, in this interpreter or in a fresh environment. Never from a cache."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import venv
from contextlib import suppress
from pathlib import Path

from advisor.documents import Manifest, SmokeCheck, SmokeResult
from advisor.errors import DataError, SmokeFailed
from advisor.files import digest_of

__all__ = ["RESULT", "run_smoke"]

RESULT = Path(".advisor") / "smoke.json"

_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}


def run_smoke(project: Path, manifest: Manifest, *, isolated: bool, timeout: float) -> SmokeResult:
    """Runs `python -m <package> smoke` in the project and keeps the result there.

    Args:
        project: the project's folder.
        manifest: its manifest.
        isolated: install the project into a fresh environment first (needs a package index), and run it there.
        timeout: seconds for the checks.

    Raises:
        SmokeFailed: a fresh environment could not be made.
        DataError: the result cannot be kept.
    """
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="advisor-smoke-") as folder:
        python = _fresh_environment(project, Path(folder)) if isolated else Path(sys.executable)
        result = _run(python, project, manifest.package, Path(folder) / "result.json", timeout, started)
    result = result.model_copy(update={"of": digest_of(project, [record.path for record in manifest.files])})
    try:
        result.save(project / RESULT)
    except OSError as fault:
        raise DataError(f"{project / RESULT}: cannot be written: {fault.strerror}") from None
    return result


def _run(python: Path, project: Path, package: str, out: Path, timeout: float, started: float) -> SmokeResult:
    words = [str(python), "-m", package, "smoke", "--out", str(out)]
    try:
        code, said = _finish(words, project, timeout)
    except subprocess.TimeoutExpired:
        return _not_run("ends in time", f"no result within {timeout:g} s; allow more with --timeout", started)
    except OSError as fault:
        return _not_run("starts", f"{python} cannot be started: {fault.strerror}", started)
    if not out.exists():
        reason = _reason(said, project, package)
        if reason is None:
            sys.stderr.write(said)
            last = said.strip().splitlines()[-1:] or ["nothing was printed"]
            reason = f"exit code {code}: {last[0]}"
        return _not_run("starts", reason, started)
    sys.stderr.write(said)
    try:
        result = SmokeResult.load(out)
    except DataError as fault:
        return _not_run("reports its result", str(fault), started)
    whole = bool(result.checks) and result.passed == all(check.passed for check in result.checks)
    if not whole or result.passed != (code == 0):
        failed = sum(not check.passed for check in result.checks)
        message = (
            f"the result contradicts itself: passed={result.passed} with {failed} of {len(result.checks)} failed "
            f"and exit code {code}"
        )
        return _not_run("reports its result", message, started)
    return result


def _finish(words: list[str], project: Path, timeout: float) -> tuple[int, str]:
    """The exit code, and what was said on standard error."""
    environment = {**os.environ, **_OFFLINE}
    # The project is found because it runs in its own folder, which this variable forbids.
    environment.pop("PYTHONSAFEPATH", None)
    # The child writes to our standard error, so that the checks are seen as they pass and the result stays alone.
    with subprocess.Popen(
        words,
        cwd=project,
        env=environment,
        stdout=sys.stderr,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    ) as child:
        try:
            _, said = child.communicate(timeout=timeout)
        except BaseException:
            # Whatever the checks have started ends with them: it would hold our pipe, and so us, for ever.
            _end(child)
            raise
    return child.returncode, said


def _end(child: subprocess.Popen[str]) -> None:
    if os.name == "nt":
        child.kill()
        return
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _reason(said: str, project: Path, package: str) -> str | None:
    """Why there is no result, where a person can mend it; None where only the whole output tells."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [number for number, line in enumerate(lines) if line.startswith("error: ")]
    if told:
        reason = "; ".join(line.removeprefix("error: ").removeprefix("next: ") for line in lines[told[0] :])
        return f"{reason}, or run with --isolated" if reason.startswith("the library ") else reason
    missing = re.search(r"No module named '?([\w.]+)", lines[-1]) if lines else None
    if missing is None:
        return None
    if missing[1].split(".")[0] == package:
        return f"the project is not whole: its module {missing[1]} is missing; bring it back, or scaffold it anew"
    return (
        f"the library {missing[1]} is missing; install what the project needs: "
        f"{sys.executable} -m pip install -e '{project.resolve()}[offline]', or run with --isolated"
    )


def _not_run(name: str, message: str, started: float) -> SmokeResult:
    seconds = round(time.monotonic() - started, 3)
    check = SmokeCheck(name=name, passed=False, seconds=seconds, message=message)
    return SmokeResult(passed=False, seconds=seconds, checks=(check,))


def _fresh_environment(project: Path, folder: Path) -> Path:
    environment = folder / "environment"
    venv.create(environment, with_pip=True, symlinks=os.name != "nt")
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    installed = subprocess.run(
        [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-e",
            f"{project.resolve()}[offline]",
        ],
        stdout=sys.stderr,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if installed.returncode != 0:
        said = [line.strip() for line in installed.stderr.splitlines()]
        # What pip says last is advice; the cause is its last error.
        causes = [line.removeprefix("ERROR: ") for line in said if line.startswith("ERROR: ")] or said
        cause = causes[-1] if causes else f"pip ended with exit code {installed.returncode}"
        raise SmokeFailed(
            f"{project}: cannot be installed in a fresh environment: {cause}",
            "mend that, or run without --isolated",
        )
    return python
