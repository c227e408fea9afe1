from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import torch

from ...encoders.base import Context
from ...encoders.tagger_tuning import TunedTagger
from ...encoders.tuning import TunedClassifier, full, lora
from ...labelled_data.base import Example
from ...labelled_data.rungs import Fit, Run
from .tiny import context, examples, with_spans


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    # Two threads on two busy cores wait for each other.
    torch.set_num_threads(1)


@dataclass(frozen=True)
class Task:
    """A small task, and what a project has for it."""

    context: Context
    train: list[Example]
    validation: list[Example]
    held_out: list[Example]


@pytest.fixture(scope="session")
def task(tmp_path_factory: pytest.TempPathFactory, one_thread: None) -> Task:
    made = context(tmp_path_factory.mktemp("base") / "encoder")
    return Task(made, examples(300, 1), examples(60, 2), examples(120, 3))


@pytest.fixture(scope="session")
def shallow_task(task: Task, tmp_path_factory: pytest.TempPathFactory) -> Task:
    """The same for an encoder of one layer, of which each takes a second to export."""
    return replace(task, context=context(tmp_path_factory.mktemp("base") / "encoder", layers=1))


@pytest.fixture(scope="session")
def tagger_task(task: Task) -> Task:
    """The same texts, with the words that tell as spans."""
    return of_spans(task)


@pytest.fixture(scope="session")
def tuned(task: Task, tmp_path_factory: pytest.TempPathFactory) -> TunedClassifier:
    """A classifier of full tuning that knows the task."""
    made = fit(full(task.context), task, tmp_path_factory.mktemp("full"))
    assert isinstance(made, TunedClassifier)
    return made


@pytest.fixture(scope="session")
def adapted(task: Task, tmp_path_factory: pytest.TempPathFactory) -> TunedClassifier:
    """A classifier with an adapter."""
    made = fit(lora(task.context), task, tmp_path_factory.mktemp("lora"))
    assert isinstance(made, TunedClassifier)
    return made


def of_spans(task: Task) -> Task:
    """The task with the words that tell as spans."""
    return Task(task.context, *(with_spans(each) for each in (task.train, task.validation, task.held_out)))


def fit(rung: Fit, task: Task, folder: Path) -> TunedClassifier | TunedTagger:
    """Climbs a rung."""
    made = rung(task.train, task.validation, Run(folder)).model
    assert isinstance(made, TunedClassifier | TunedTagger)
    return made
