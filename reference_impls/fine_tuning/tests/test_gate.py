from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ...evaluation.paired import compare
from ...registry.evaluations import evaluation_file
from ...registry.registry import Gate, Registry
from ...registry.version import Version
from ..gate import gate
from ..held_out.evaluation_files import read_evaluation
from ..held_out.forgetting import Forgetting
from ..held_out.model_evaluation import Floor, ModelEvaluation
from .projects import config, run, small
from .versions import add, classifier

Changes = dict[str, Any]
Change = Callable[..., str | None]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """`changed(floors=...)`: what the gate says of a good version whose evaluation was changed so."""
    changes: Changes = {
        "fine_tuning__examples": str(small(tmp_path, 160)),
        "fine_tuning__runs_folder": str(tmp_path / "runs"),
    }
    version = add(tmp_path, classifier(), changes)
    assert run(tmp_path, "evaluate", version, **changes).exit_code == 0
    candidate = Registry(tmp_path / "models").find(version)
    good = read_evaluation(tmp_path / "runs", version)
    assert good is not None

    def judge(present: Version | None = None, keep: bool = False, **values: object) -> str | None:
        found: ModelEvaluation = good.model_copy(update=values)
        evaluation_file(tmp_path / "runs", version).write_text(found.to_json(), encoding="utf-8")
        judged: Gate = gate(config(tmp_path, **changes, fine_tuning__keep_general_skills=keep))
        return judged(candidate, present)

    return judge


def floor(rung: str, ours: list[float], theirs: list[float]) -> Floor:
    found = compare("accuracy", ours, theirs)
    return Floor(rung=rung, score=found.second, interval=(0.0, 1.0), difference=found)


GAIN = floor("majority", [1.0] * 30, [1.0] * 10 + [0.0] * 20)


def test_a_good_version_is_let_through(changed: Change) -> None:
    assert changed() is None
    assert changed(keep=True) is None, "without a language model nothing can be forgotten"


def test_a_loss_against_a_cheap_model_is_refused_and_a_tie_is_not(changed: Change) -> None:
    worse = floor("word_counts", [0.0] * 20 + [1.0] * 10, [1.0] * 30)
    reason = changed(floors=(GAIN, worse))
    assert reason is not None
    assert reason.startswith("it is worse than word_counts, which costs next to nothing: accuracy 0.333 against 1.000")
    assert changed(floors=(GAIN, floor("word_counts", [1.0] * 30, [1.0] * 30))) is None


def test_without_a_floor_nobody_knows_that_anything_was_learnt(changed: Change) -> None:
    reason = changed(floors=())
    assert reason is not None
    assert "was not compared with a model that has learnt nothing" in reason


def test_forgetting_counts_where_general_skills_are_to_be_kept(changed: Change) -> None:
    forgotten = Forgetting(verdict="forgotten", measure="paraphrases found", items=72, before=0.847, after=0.4)
    assert changed(forgetting=forgotten) is None
    reason = changed(keep=True, forgetting=forgotten)
    assert reason is not None
    assert "it has forgotten general skills: paraphrases found 0.847 before its training and 0.4 after it" in reason
    assert "lower learning rate" in reason
    unknown = Forgetting(verdict="not measured", why="models of the kind onnx give no vectors of sentences")
    assert changed(forgetting=unknown) is None
    reason = changed(keep=True, forgetting=unknown)
    assert reason is not None
    assert "nobody knows what it has forgotten: models of the kind onnx" in reason
    assert changed(keep=True, forgetting=Forgetting(verdict="kept", measure="m", before=0.8, after=0.8)) is None


def test_the_evaluation_of_another_model_of_the_same_name_does_not_count(changed: Change) -> None:
    reason = changed(model_sha256="0" * 64)
    assert reason is not None
    assert "its evaluation is of another model of this name" in reason


def test_a_damaged_version_in_service_asks_for_no_comparison(changed: Change, tmp_path: Path) -> None:
    damaged = Version("0009-head", tmp_path / "models" / "0009-head", "", {}, "", damage="a file is missing")
    assert changed(present=damaged) is None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "is no evaluation of a model: it is not JSON"),
        ("[]", "it names no schema"),
        ('{"schema": "rung/1"}', "its schema is 'rung/1'"),
        ('{"schema": "evaluation-of-model/1"}', "is damaged: version"),
    ],
)
def test_a_damaged_evaluation_is_refused_with_the_way_out(
    changed: Change, tmp_path: Path, content: str, reason: str
) -> None:
    assert changed() is None
    file = evaluation_file(tmp_path / "runs", "0001-word_counts")
    file.write_text(content)
    judged = gate(tmp_path / "config.yaml")
    told = judged(Registry(tmp_path / "models").find("1"), None)
    assert told is not None
    assert reason in told
    assert "evaluate 0001-word_counts" in told
