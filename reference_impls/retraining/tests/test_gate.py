"""The gate lets pass what is as good, and says of everything else what is wrong with it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ...registry.model_folder import write_model
from ...registry.registry import Registry
from ...registry.version import Version, model_digest
from ..gate import When, gate_of
from ..operation.judgement import (
    FLOOR,
    Beside,
    Judgement,
    compare_rows,
    judgement_file,
    read_judgement,
    write_judgement,
)


def versions(folder: Path) -> tuple[Version, Version]:
    """A candidate, and the one in service."""
    registry = Registry(folder / "models")
    for name in ("old", "new"):
        model = write_model(folder / name, "linear", {}, lambda part, name=name: (part / "x.json").write_text(name))  # type: ignore[misc]
        registry.add(model, {})
    old, new = registry.versions()
    return new, old


def judged(candidate: Version, present: Version | None, score: float, other: float, **changes: Any) -> Judgement:
    """A judgement by 200 rows, so many shares of which each has right; the rows that one has, the other has as well."""
    order = np.random.default_rng(0).permutation(200)
    own, champion, floor = (order < 200 * share for share in (score, other, 0.4))
    beside = None
    if present is not None:
        beside = compare_rows(
            present.id, model_digest(present.path), own.astype(float), champion.astype(float), "accuracy"
        )
    return Judgement(
        version=candidate.id,
        model_sha256=model_digest(candidate.path),
        task="classification",
        metric="accuracy",
        score=score,
        rows=200,
        begins="2024-01-01",
        ends="2024-02-01",
        refit=True,
        floor=compare_rows(FLOOR, "", own.astype(float), floor.astype(float), "accuracy"),
        champion=beside,
        made="2024-02-02T00:00:00Z",
    ).model_copy(update=changes)


@pytest.mark.parametrize(
    ("score", "other", "when", "refusal"),
    [
        (0.9, 0.7, "not_worse", None),
        (0.9, 0.7, "better", None),
        (0.8, 0.8, "not_worse", None),
        (0.8, 0.8, "better", "not shown to be better"),
        (0.7, 0.9, "not_worse", "it is worse than 0001-linear: accuracy 0.7 against 0.9 on the same 200 newest"),
        (0.795, 0.8, "not_worse", "in doubt the version in service stays"),
        (0.4, 0.4, "not_worse", "has learnt nothing"),
        (0.3, 0.1, "not_worse", "has learnt nothing"),
    ],
)
def test_the_figures_decide(tmp_path: Path, score: float, other: float, when: When, refusal: str | None) -> None:
    candidate, present = versions(tmp_path)
    write_judgement(tmp_path, judged(candidate, present, score, other))
    found = gate_of(tmp_path, when)(candidate, present)
    assert (found is None) == (refusal is None), found
    assert refusal is None or refusal in (found or "")


def test_the_first_version_has_to_have_learnt_something(tmp_path: Path) -> None:
    candidate, _ = versions(tmp_path)
    write_judgement(tmp_path, judged(candidate, None, 0.8, 0.0))
    assert gate_of(tmp_path, "better")(candidate, None) is None
    write_judgement(tmp_path, judged(candidate, None, 0.3, 0.0))
    assert "has learnt nothing" in (gate_of(tmp_path, "not_worse")(candidate, None) or "")


def test_noise_does_not_become_the_first_version(tmp_path: Path) -> None:
    """On sixty rows many models that guess do a little better than the commonest class; that is chance."""
    candidate, present = versions(tmp_path)
    judge = gate_of(tmp_path, "not_worse")
    good = judged(candidate, None, 0.8, 0.0)
    ahead, passed = 0, 0
    for seed in range(40):
        own, floor = np.random.default_rng(seed).random((2, 60)) < 0.5
        beside = compare_rows(FLOOR, "", own.astype(float), floor.astype(float), "accuracy")
        noise = good.model_copy(update={"rows": 60, "floor": beside})
        write_judgement(tmp_path, noise)
        refusal = judge(candidate, None)
        ahead += beside.gain > 0
        passed += refusal is None
        if beside.gain > 0 and refusal:
            assert "may be chance" in refusal
    assert ahead >= 10
    assert passed <= 2
    # One that is not worse than a version which was shown to have learnt something needs no proof of its own.
    small = good.floor.model_copy(update={"gain": 0.02, "interval": (-0.05, 0.09), "verdict": "cannot tell"})
    write_judgement(tmp_path, judged(candidate, present, 0.8, 0.7).model_copy(update={"floor": small}))
    assert judge(candidate, present) is None
    broken = Version(present.id, present.path, "", {}, "", "x.json is missing")
    assert "may be chance" in (judge(candidate, broken) or "")


def test_a_judgement_of_something_else_does_not_count(tmp_path: Path) -> None:
    candidate, present = versions(tmp_path)
    judge = gate_of(tmp_path, "not_worse")
    assert "nobody has judged it" in (judge(candidate, present) or "")
    good = judged(candidate, present, 0.9, 0.7)
    write_judgement(tmp_path, good.model_copy(update={"model_sha256": "0" * 64}))
    assert "of another model of this name" in (judge(candidate, present) or "")
    write_judgement(tmp_path, good.model_copy(update={"champion": None}))
    assert "compared with no other version" in (judge(candidate, present) or "")
    assert good.champion is not None
    other: Beside = good.champion.model_copy(update={"name": "0009-linear"})
    write_judgement(tmp_path, good.model_copy(update={"champion": other}))
    assert "it was compared with 0009-linear" in (judge(candidate, present) or "")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"schema": "judgement/1"}', b'{"schema": "judgement/9"}', b"\xff"]
)
def test_a_damaged_judgement_refuses_and_says_how_to_make_it_again(tmp_path: Path, content: bytes) -> None:
    candidate, present = versions(tmp_path)
    file = judgement_file(tmp_path, candidate.id)
    file.parent.mkdir()
    file.write_bytes(content)
    assert f"evaluate {candidate.id}" in (gate_of(tmp_path, "not_worse")(candidate, present) or "")


def test_whatever_works_may_replace_a_damaged_version(tmp_path: Path) -> None:
    candidate, present = versions(tmp_path)
    write_judgement(tmp_path, judged(candidate, None, 0.8, 0.0))
    broken = Version(present.id, present.path, "", {}, "", "x.json is missing")
    assert gate_of(tmp_path, "better")(candidate, broken) is None


def test_a_judgement_comes_back_as_it_was_written(tmp_path: Path) -> None:
    candidate, present = versions(tmp_path)
    given = judged(candidate, present, 0.9, 0.7)
    write_judgement(tmp_path, given)
    assert read_judgement(tmp_path, candidate.id) == given


def test_errors_are_compared_in_shares_of_the_error() -> None:
    rng = np.random.default_rng(0)
    errors = rng.gamma(2.0, 30.0, 300)
    better = compare_rows("a", "", -0.8 * errors, -errors, "mae")
    assert better.verdict == "better"
    assert better.gain == pytest.approx(0.2)
    in_other_units = compare_rows("a", "", -800 * errors, -1000 * errors, "mae")
    assert in_other_units.interval == pytest.approx(better.interval)
    assert better.score == pytest.approx(-errors.mean())
    same = compare_rows("a", "", -errors, -errors, "mae")
    assert (same.gain, same.verdict) == (0.0, "not worse")


def test_differences_that_hang_together_count_as_one() -> None:
    """Forty gains in two runs are two occasions, and say less than forty single ones."""
    scattered, runs = np.zeros(600), np.zeros(600)
    scattered[::15] = 1.0
    runs[100:120] = runs[400:420] = 1.0
    alone = compare_rows("a", "", scattered, np.zeros(600), "accuracy")
    together = compare_rows("a", "", runs, np.zeros(600), "accuracy")
    assert alone.gain == pytest.approx(together.gain)
    assert together.interval[1] - together.interval[0] > 1.5 * (alone.interval[1] - alone.interval[0])
    assert alone.verdict == "better"
    assert together.verdict != "better"
