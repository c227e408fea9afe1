from pathlib import Path

import numpy as np
import pytest

from ...encoders.tuning import TunedClassifier, load_tuned
from ...labelled_data.base import Advance, Example, Probabilities, Span
from ...labelled_data.rungs import Fitted, Run
from ...project_base.errors import UserError
from ...registry.model_folder import open_model, write_model
from ..distillation import distil
from ..removing import layers_of
from ..results import Compressed
from ..settings import Settings
from ..show import table
from .conftest import Task
from .tiny import LABELS, LAYERS, examples


class Rule:
    """A classifier of another kind: sure of the one word that tells."""

    labels = LABELS

    def probabilities(self, texts: list[str], advance: Advance = lambda _: None) -> Probabilities:
        told = [
            ("fox" in text, "sensor" in text or "battery" in text, "price" in text or "warranty" in text)
            for text in texts
        ]
        rows = np.array(told, dtype=np.float32).reshape(-1, 3) + 0.05
        advance(len(texts))
        return np.asarray(rows / rows.sum(axis=1, keepdims=True), dtype=np.float32)


def saved(made: Fitted, folder: Path, task: Task) -> TunedClassifier:
    write_model(folder, made.kind, made.about, made.write)
    return load_tuned(open_model(folder), task.context)


def check(made: Fitted, result: Compressed, folder: Path, task: Task, layers: int) -> None:
    student = saved(made, folder, task)
    assert len(layers_of(student.network.encoder).all) == layers
    texts = [example.text for example in task.held_out]
    np.testing.assert_allclose(student.probabilities(texts), made.model.probabilities(texts), atol=1e-5)  # type: ignore[union-attr]
    teacher, found = result.forms
    assert (teacher.name, found.name) == ("teacher", "student")
    assert found.score is not None
    assert found.score > 0.8
    assert found.differences[0].questions == len(task.held_out)
    assert found.bytes is not None
    assert abs(found.bytes / sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) - 1) < 0.2
    assert "student" in table(result)


def test_a_student_takes_every_second_layer_of_its_teacher(tuned: TunedClassifier, task: Task, tmp_path: Path) -> None:
    before = tuned.probabilities(["fox"])
    settings = Settings(learning_rate=2e-3, distillation_epochs=4, speed_texts=3)
    made, result = distil(tuned, task.train, task.validation, task.held_out, (), task.context, settings, Run(tmp_path))
    check(made, result, tmp_path / "model", task, LAYERS // 2)
    assert result.forms[1].bytes < result.forms[0].bytes  # type: ignore[operator]
    assert made.measured["epochs"] <= 4
    np.testing.assert_array_equal(tuned.probabilities(["fox"]), before)


def test_any_teacher_and_texts_without_labels_will_do(task: Task, tmp_path: Path) -> None:
    settings = Settings(student_from="base", learning_rate=2e-3, distillation_epochs=5, layers=3, speed_texts=3)
    texts = [example.text for example in examples(300, 9)]
    rule = Rule()
    made, result = distil(rule, (), task.validation, task.held_out, texts, task.context, settings, Run(tmp_path))  # type: ignore[arg-type]
    check(made, result, tmp_path / "model", task, 3)
    assert "300 texts" in result.told[0]


def test_a_teacher_without_layers_needs_the_base(task: Task, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="has no tuned encoder") as caught:
        distil(Rule(), task.train, (), task.held_out, (), task.context, Settings(), Run(tmp_path))  # type: ignore[arg-type]
    assert "compression.student_from to base" in caught.value.next_step


class Finder:
    """A tagger."""

    labels = ("name",)

    def spans(self, texts: list[str], advance: Advance = lambda _: None) -> list[tuple[Span, ...]]:
        return [() for _ in texts]


def test_a_tagger_is_refused_with_what_works_instead(task: Task, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="only classifiers can be distilled") as caught:
        distil(Finder(), task.train, (), task.held_out, (), task.context, Settings(), Run(tmp_path))  # type: ignore[arg-type]
    assert "export" in caught.value.next_step


def test_too_many_layers_are_refused(tuned: TunedClassifier, task: Task, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"compression\.layers is 9, and this encoder has 4"):
        distil(tuned, task.train, (), task.held_out, (), task.context, Settings(layers=9), Run(tmp_path))


def test_an_unknown_label_is_refused_before_training(tuned: TunedClassifier, task: Task, tmp_path: Path) -> None:
    strange = [Example("fox", "plant", "made.csv:7")]
    with pytest.raises(UserError, match=r"made\.csv:7.*plant"):
        distil(tuned, strange, (), task.held_out, (), task.context, Settings(), Run(tmp_path))
