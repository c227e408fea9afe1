"""Runs the smoke checks of every room and reports them; a crash in one check is the failure of that check."""

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .errors import UserError
from .files import write_text

SCHEMA = "smoke/1"


@dataclass(frozen=True)
class Outcome:
    """What a check found: one sentence, and numbers by name."""

    message: str
    measured: Mapping[str, float] = field(default_factory=dict)


class CheckFailed(Exception):
    """A check did not hold; the message says what was seen and what was expected."""

    def __init__(self, message: str, measured: Mapping[str, float] | None = None) -> None:
        super().__init__(message)
        self.measured = dict(measured or {})


@dataclass(frozen=True)
class Check:
    """One check of a room: a name that states what holds, and the function that proves it."""

    name: str
    run: Callable[[], Outcome]


@dataclass(frozen=True)
class CheckResult:
    """What became of one check; `seconds` is wall-clock time."""

    name: str
    passed: bool
    seconds: float
    message: str
    measured: Mapping[str, float]


def run_checks(checks: Iterable[Check], report: Callable[[CheckResult], None]) -> list[CheckResult]:
    """Runs checks in their order and reports each as it ends; none stops the others."""
    results = []
    for check in checks:
        result = _run(check)
        report(result)
        results.append(result)
    return results


def _run(check: Check) -> CheckResult:
    started = time.perf_counter()
    measured: Mapping[str, float] = {}
    passed = False
    try:
        outcome = check.run()
        passed, message, measured = True, outcome.message, outcome.measured
    except CheckFailed as failure:
        message, measured = str(failure), failure.measured
    except UserError as error:
        message = f"{error.message}; {error.next_step}"
    except ModuleNotFoundError:
        # An environment without a library proves nothing, whatever other checks would say.
        raise
    except Exception as error:  # the other checks must still run, whatever this one met
        message = f"{type(error).__name__}: {error}"
    return CheckResult(check.name, passed, round(time.perf_counter() - started, 3), message, dict(measured))


def write_results(path: Path, results: list[CheckResult], seconds: float) -> None:
    """Writes the results as JSON of the schema `smoke/1`, in one step."""
    document = {
        "schema": SCHEMA,
        "passed": all(result.passed for result in results),
        "seconds": round(seconds, 3),
        "checks": [
            {
                "name": result.name,
                "passed": result.passed,
                "seconds": result.seconds,
                "message": result.message,
                "measured": dict(result.measured),
            }
            for result in results
        ],
    }
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
