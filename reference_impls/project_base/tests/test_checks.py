import json
from pathlib import Path

from ..checks import Check, CheckFailed, CheckResult, Outcome, run_checks, write_results


def broken() -> Outcome:
    raise RuntimeError("a fault")


def failing() -> Outcome:
    raise CheckFailed("seen 1, expected 2", {"seen": 1.0})


def test_a_crash_fails_its_own_check_alone(tmp_path: Path) -> None:
    reported: list[CheckResult] = []
    checks = [
        Check("breaks", broken),
        Check("fails", failing),
        Check("holds", lambda: Outcome("fine", {"n": 2.0})),
    ]
    results = run_checks(checks, reported.append)
    assert [result.passed for result in results] == [False, False, True]
    assert results == reported
    assert results[0].message == "RuntimeError: a fault"
    write_results(tmp_path / "smoke.json", results, 1.0)
    document = json.loads((tmp_path / "smoke.json").read_text())
    assert document["schema"] == "smoke/1"
    assert document["passed"] is False
    assert document["checks"][2] == {**document["checks"][2], "name": "holds", "passed": True, "measured": {"n": 2.0}}
