"""A version is refused that gained nothing, forgot too much, fell behind, or was not judged."""

from pathlib import Path
from typing import Any

import pytest

from ...registry.evaluations import write_evaluation
from ...registry.model_folder import write_model
from ...registry.registry import Registry
from ...registry.version import Version, model_digest
from ..gate import gate
from ..results import Against, Change, Evaluation, NotCompared
from .projects import config, quick


def version(folder: Path, kind: str = "pretrained_encoder") -> Version:
    model = write_model(
        folder / "made", kind, {}, lambda part: (part / "weights").write_bytes(bytes([len(kind)])), replace=True
    )
    registry = Registry(folder / "models")
    return registry.find(registry.add(model, {}))


def moved(kind: Any, ratio: float, low: float, high: float) -> Change:
    return Change(
        kind=kind,
        documents=30,
        tokens=3000,
        before=100.0,
        before_interval=(90.0, 110.0),
        after=100 * ratio,
        after_interval=(90 * ratio, 110 * ratio),
        ratio=ratio,
        ratio_interval=(low, high),
    )


def judged(folder: Path, candidate: Version, **changes: Any) -> None:
    values = {
        "domain": moved("domain", 0.8, 0.7, 0.9),
        "general": moved("general", 1.02, 0.98, 1.06),
        **changes,
    }
    found = Evaluation(
        version=candidate.id,
        model_sha256=changes.pop("model_sha256", model_digest(candidate.path)),
        when="2026-01-01T00:00:00Z",
        objective="masked",
        base="offline",
        measure="perplexity",
        **{key: value for key, value in values.items() if key != "model_sha256"},
    )
    write_evaluation(folder / "runs", found, "card")


def refusal(folder: Path, candidate: Version, present: Version | None = None, **changes: object) -> str | None:
    values = quick(folder, continued_pretraining__runs_folder=str(folder / "runs"), **changes)
    return gate(config(folder, **values))(candidate, present)


def test_a_version_that_gained_and_kept_passes(tmp_path: Path) -> None:
    candidate = version(tmp_path)
    judged(tmp_path, candidate)
    assert refusal(tmp_path, candidate) is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"domain": moved("domain", 0.97, 0.9, 1.01)}, "gained nothing"),
        ({"domain": moved("domain", 1.2, 1.1, 1.3)}, "gained nothing"),
        ({"general": moved("general", 1.11, 0.9, 1.3)}, "most_forgetting"),
        ({"model_sha256": "0" * 64}, "another model of this name"),
    ],
)
def test_it_is_refused(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    candidate = version(tmp_path)
    judged(tmp_path, candidate, **changes)
    assert says in (refusal(tmp_path, candidate) or "")


def test_what_may_be_forgotten_is_a_setting(tmp_path: Path) -> None:
    candidate = version(tmp_path)
    judged(tmp_path, candidate, general=moved("general", 1.3, 1.2, 1.4))
    assert refusal(tmp_path, candidate)
    assert refusal(tmp_path, candidate, continued_pretraining__most_forgetting=0.5) is None


def test_an_encoder_that_no_longer_tells_sentences_apart_is_refused(tmp_path: Path) -> None:
    from ...evaluation.paired import compare

    candidate = version(tmp_path)
    judged(tmp_path, candidate, paraphrases=compare("paraphrases found", [0.0] * 40 + [1.0] * 32, [1.0] * 72))
    assert "encoder of sentences" in (refusal(tmp_path, candidate) or "")
    judged(tmp_path, candidate, paraphrases=compare("paraphrases found", [1.0] * 72, [1.0] * 72))
    assert refusal(tmp_path, candidate) is None


def test_nobody_judged_it_and_damaged_evaluations(tmp_path: Path) -> None:
    candidate = version(tmp_path)
    assert "not judged" in (refusal(tmp_path, candidate) or "")
    judged(tmp_path, candidate)
    (tmp_path / "runs" / "evaluation" / f"{candidate.id}.json").write_text("{}")
    assert "no evaluation of continued pre-training with the schema" in (refusal(tmp_path, candidate) or "")


def test_beside_the_version_in_service(tmp_path: Path) -> None:
    present, candidate = version(tmp_path), version(tmp_path)
    judged(tmp_path, candidate)
    assert "not compared with" in (refusal(tmp_path, candidate, present) or "")
    for low, high, refused in ((1.05, 1.2, True), (0.9, 1.1, False), (0.8, 0.95, False)):
        judged(tmp_path, candidate, against=Against(version=present.id, documents=30, ratio=1.0, interval=(low, high)))
        assert bool(refusal(tmp_path, candidate, present)) == refused
    other = version(tmp_path)
    assert "was compared with" in (refusal(tmp_path, candidate, other) or "")


def test_what_cannot_be_compared_is_refused_with_what_to_do(tmp_path: Path) -> None:
    present, candidate, other = version(tmp_path), version(tmp_path), version(tmp_path)
    apart = NotCompared(version=present.id, why="it was made of another model, whose tokens are others")
    judged(tmp_path, candidate, not_compared=apart, notes=(f"not compared with {present.id}",))
    said = refusal(tmp_path, candidate, present) or ""
    assert "made of another model" in said
    assert f"promote {candidate.id} --force" in said
    assert refusal(tmp_path, candidate) is None
    assert "was not compared with" in (refusal(tmp_path, candidate, other) or "")


def test_versions_of_other_rooms_are_left_to_their_gates(tmp_path: Path) -> None:
    assert refusal(tmp_path, version(tmp_path, kind="head")) is None
