import json
from pathlib import Path

import numpy as np
import pytest

from ...project_base.errors import UserError
from ..ladder.results import PROBABILITIES, RESULT, Outcome, RungResult, read_probabilities, read_result, write_result


def made(rung: str = "head", right: str = "1101", **changes: object) -> RungResult:
    """A result whose examples are right where there is a 1."""
    values: dict[str, object] = {
        "rung": rung,
        "task": "classification",
        "metric": "accuracy",
        "score": right.count("1") / len(right),
        "interval": (0.1, 0.9),
        "folds": 1,
        "trained_on": 10,
        "labels": ("a", "b"),
        "seconds": 1.5,
        "data": "d",
        "key": "k",
        "seed": 0,
        "code": "c",
        "outcomes": tuple(
            Outcome(id=f"m.csv:{number}", right=each == "1", expected="a", predicted="a" if each == "1" else "b")
            for number, each in enumerate(right)
        ),
    }
    return RungResult.model_validate(values | changes)


def test_a_result_comes_back_as_it_was_written_with_its_probabilities(tmp_path: Path) -> None:
    rows = np.array([[0.25, 0.75], [1, 0], [0.5, 0.5], [0, 1]], dtype=np.float32)
    written = write_result(tmp_path / "head", made(), rows)
    read = read_result(tmp_path / "head")
    assert read == written
    assert json.loads((tmp_path / "head" / RESULT).read_text())["schema"] == "rung/1"
    assert (read_probabilities(tmp_path / "head", read) == rows).all()


def test_spans_and_losses_come_back_too(tmp_path: Path) -> None:
    outcomes = (
        Outcome(id="a:1", right=True, expected=((0, 3, "x"),), predicted=((0, 3, "x"),)),
        Outcome(id="a:2", loss=0.5),
    )
    write_result(tmp_path, made(outcomes=outcomes))
    assert read_result(tmp_path).outcomes == outcomes


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "names no schema"),
        ('{"schema": "rung/2"}', "its schema is 'rung/2'"),
        ('{"schema": "rung/1"}', "is damaged: rung"),
        (made().to_json().replace('"score": 0.75', '"score": "high"'), "is damaged: score"),
    ],
)
def test_a_file_that_is_no_result_is_refused(tmp_path: Path, content: str, expected: str) -> None:
    (tmp_path / RESULT).write_text(content)
    with pytest.raises(UserError, match=expected) as caught:
        read_result(tmp_path)
    assert f"train {tmp_path.name} --again" in caught.value.next_step


def test_a_missing_result_names_the_command_that_makes_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no result") as caught:
        read_result(tmp_path / "lora")
    assert "train lora" in caught.value.next_step


def test_probabilities_of_another_result_are_refused(tmp_path: Path) -> None:
    rows = np.full((4, 2), 0.5, dtype=np.float32)
    result = write_result(tmp_path, made(), rows)
    content = (tmp_path / PROBABILITIES).read_bytes()
    (tmp_path / PROBABILITIES).write_bytes(content[:-1] + b"\0")
    with pytest.raises(UserError, match="is not the file that belongs to"):
        read_probabilities(tmp_path, result)
    (tmp_path / PROBABILITIES).unlink()
    with pytest.raises(UserError, match="is missing"):
        read_probabilities(tmp_path, result)
    with pytest.raises(UserError, match="has no probabilities"):
        read_probabilities(tmp_path, made())
