"""A training as several processes make it: each reads the same text by the same settings, and they share the steps."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

from pydantic import JsonValue

from ..labelled_data.rungs import Run
from ..project_base.progress import Progress
from ..training.launch import launch
from .documents import encode, read_texts
from .fitting import Work, mixture, read_on
from .opening import new_model
from .settings import ProjectSettings


def in_processes(work: Work, run: Run) -> None:
    """Has the stages of a training made by as many processes as the settings ask for.

    Args:
        work: Settings and folder.
        run: Who watches.

    Raises:
        UserError: What one of the processes met.
    """
    job = {"settings": work.settings.model_dump(mode="json"), "folder": str(work.folder)}
    launch(work.settings.training, make, cast("JsonValue", job), run)


def make(job: JsonValue, progress: Progress, tell: Callable[[str], object]) -> None:
    """Makes the training in one of its processes; stages that are finished are taken from their folders."""
    given = cast("dict[str, JsonValue]", job)
    settings = ProjectSettings.model_validate(given["settings"])
    texts = read_texts(settings)
    model = new_model(settings, [*texts.of("domain", "train"), *texts.of("general", "train")])
    work = Work(settings, Path(str(given["folder"])), progress, tell)
    read_on(model, mixture(model, encode(model, texts), settings), work)
