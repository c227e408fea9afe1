"""Runs a project's own checks, offline and timed, in this interpreter or in a fresh environment. Never from a cache."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from advisor.documents import Manifest, SmokeCheck, SmokeResult
from advisor.errors import DataError, SmokeFailed

__all__ = ["RESULT", "run_smoke"]

RESULT = Path(".advisor") / "smoke.json"

_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
_CHECKS_FAILED = 4


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
    try:
        result.save(project / RESULT)
    except OSError as fault:
        raise DataError(f"{project / RESULT}: cannot be written: {fault.strerror}") from None
    return result


def _run(python: Path, project: Path, package: str, out: Path, timeout: float, started: float) -> SmokeResult:
    words = [str(python), "-m", package, "smoke", "--out", str(out)]
    environment = {**os.environ, **_OFFLINE}
    # The child writes to our standard error, so that the checks are seen as they pass and the result stays alone.
    try:
        done = subprocess.run(
            words,
            cwd=project,
            env=environment,
            stdout=sys.stderr,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return _not_run("ends in time", f"no result within {timeout:g} s; allow more with --timeout", started)
    except OSError as fault:
        return _not_run("starts", f"{python} cannot be started: {fault.strerror}", started)
    sys.stderr.write(done.stderr)
    if not out.exists():
        return _not_run("starts", _why(done.stderr, done.returncode), started)
    try:
        result = SmokeResult.load(out)
    except DataError as fault:
        return _not_run("reports its result", str(fault), started)
    if result.passed != (done.returncode == 0):
        message = f"the checks report passed={result.passed}, but the run ended with exit code {done.returncode}"
        return _not_run("reports its result", message, started)
    return result


def _why(said: str, code: int) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    last = lines[-1] if lines else "nothing was printed"
    if "ModuleNotFoundError" in last or "No module named" in last:
        last += "; install what it needs with: pip install 'advisor[reference,offline]', or run with --isolated"
    return f"exit code {code}: {last}"


def _not_run(name: str, message: str, started: float) -> SmokeResult:
    seconds = round(time.monotonic() - started, 3)
    check = SmokeCheck(name=name, passed=False, seconds=seconds, message=message)
    return SmokeResult(passed=False, seconds=seconds, checks=(check,))


def _fresh_environment(project: Path, folder: Path) -> Path:
    environment = folder / "environment"
    venv.create(environment, with_pip=True, symlinks=os.name != "nt")
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    installed = subprocess.run(
        [str(python), "-m", "pip", "install", "--quiet", "-e", f"{project.resolve()}[offline]"],
        stdout=sys.stderr,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        check=False,
        stdin=subprocess.DEVNULL,
    )
    if installed.returncode != 0:
        raise SmokeFailed(
            f"{project}: cannot be installed in a fresh environment: {installed.stderr.strip().splitlines()[-1]}",
            "mend that, or run without --isolated",
        )
    return python
