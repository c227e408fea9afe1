import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ...project_base.errors import UserError
from ..distillation_loss import NO_LABEL, distillation_loss
from ..lessons import lessons_of, numbered
from .tiny import examples

Floats = NDArray[np.float64]

LOGITS = torch.tensor([[2.0, -1.0, 0.5], [0.0, 1.0, -2.0]])
TEACHER = torch.tensor([[0.7, 0.1, 0.2], [0.05, 0.05, 0.9]])


def loss_of(temperature: float, hard: float, labels: list[int], teacher: torch.Tensor = TEACHER) -> float:
    batch = {
        "input_ids": torch.zeros(2, 1),
        "attention_mask": torch.ones(2, 1),
        "teacher": teacher,
        "labels": torch.tensor(labels),
    }
    total, count = distillation_loss(temperature, hard)(lambda **_: LOGITS, batch)
    assert count == 2.0
    return float(total)


def softened(row: Floats, temperature: float) -> Floats:
    powers: Floats = np.exp(row / temperature)
    made: Floats = powers / powers.sum()
    return made


def by_hand(place: int, temperature: float) -> float:
    wanted = softened(np.log(TEACHER[place].double().numpy()), temperature)
    given = softened(LOGITS[place].double().numpy(), temperature)
    return temperature**2 * float((wanted * np.log(wanted / given)).sum())


@pytest.mark.parametrize("temperature", [1.0, 2.0, 5.0])
def test_the_loss_is_the_one_of_the_paper(temperature: float) -> None:
    hard = -math.log(softened(LOGITS[0].double().numpy(), 1.0)[0])
    wanted = 0.7 * by_hand(0, temperature) + 0.3 * hard + by_hand(1, temperature)
    assert loss_of(temperature, 0.3, [0, NO_LABEL]) == pytest.approx(wanted, rel=1e-5)


def test_without_labels_the_weight_of_labels_counts_for_nothing() -> None:
    assert loss_of(2.0, 0.9, [NO_LABEL] * 2) == pytest.approx(by_hand(0, 2.0) + by_hand(1, 2.0), rel=1e-5)


def test_a_teacher_that_is_certain_gives_finite_losses() -> None:
    certain = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert math.isfinite(loss_of(1.0, 0.0, [NO_LABEL] * 2, certain))
    assert loss_of(1.0, 0.0, [NO_LABEL] * 2, certain) == pytest.approx(loss_of(1.0, 1.0, [0, 2]), rel=1e-4)


def test_a_student_that_says_the_same_has_no_loss() -> None:
    assert loss_of(3.0, 0.0, [NO_LABEL] * 2, torch.softmax(LOGITS, dim=-1)) == pytest.approx(0.0, abs=1e-6)


class Sure:
    """Says the same of every text."""

    labels = ("animal", "device", "money")

    def probabilities(self, texts: list[str], advance: object = None) -> Floats:
        return np.tile(np.array([[0.2, 0.3, 0.5]]), (len(texts), 1))


def test_lessons_hold_labels_where_there_are_any() -> None:
    lessons = lessons_of(Sure(), examples(3, 0), ["one", "two"], lambda _: None)  # type: ignore[arg-type]
    assert lessons.labels.tolist() == [0, 1, 2, NO_LABEL, NO_LABEL]
    assert lessons.teacher.dtype == np.float32
    assert lessons.teacher.shape == (5, 3)
    assert list(lessons.texts[3:]) == ["one", "two"]


def test_a_label_that_the_teacher_does_not_know_is_named_with_its_place() -> None:
    with pytest.raises(UserError, match=r"made\.csv:3.*'device'"):
        numbered(examples(3, 0), ("animal", "money"))


def test_there_must_be_a_text() -> None:
    with pytest.raises(UserError, match="no text"):
        lessons_of(Sure(), [], [], lambda _: None)  # type: ignore[arg-type]
