"""A training of a rung as several processes make it: described by its examples and settings, made again in each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from ...labelled_data.base import Example
from ...labelled_data.rungs import Fit, Fitted, Run
from ...project_base.progress import Progress
from ...training.launch import launch
from ..settings import ProjectSettings
from .models import Ways

_EXAMPLES = TypeAdapter(tuple[Example, ...])


class _Job(BaseModel):
    """What a training is made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: ProjectSettings
    rung: str
    choice: dict[str, JsonValue] | None
    train: list[JsonValue]
    validation: list[JsonValue]
    folder: str
    seed: int
    epochs: float | None


def shared_fit(fit: Fit, settings: ProjectSettings, rung: str, choice: Mapping[str, object] | None) -> Fit:
    """The same way to train, whose trainings by gradients are shared by as many processes as the settings ask for.

    Args:
        fit: Trains in this process.
        settings: Of the project.
        rung: Its name.
        choice: What an earlier training chose, for a refit that keeps to it.
    """

    def shared(train: Sequence[Example], validation: Sequence[Example], run: Run) -> Fitted:
        def start() -> None:
            job = {
                "settings": settings.model_dump(mode="json"),
                "rung": rung,
                "choice": None if choice is None else dict(choice),
                "train": [asdict(example) for example in train],
                "validation": [asdict(example) for example in validation],
                "folder": str(run.folder),
                "seed": run.seed,
                "epochs": run.epochs,
            }
            launch(settings.training, make, cast("JsonValue", job), run)

        return fit(train, validation, replace(run, shared=start))

    return shared


def make(job: JsonValue, progress: Progress, tell: Callable[[str], object]) -> None:
    """Makes a training in one of its processes."""
    given = _Job.model_validate(job)
    train, validation = (_EXAMPLES.validate_python(rows) for rows in (given.train, given.validation))
    run = Run(Path(given.folder), given.seed, given.epochs, progress, tell)
    Ways(given.settings).fit(given.rung, given.choice)(train, validation, run)
