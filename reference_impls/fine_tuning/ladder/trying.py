"""Trains one rung and judges it on the validation examples; what is finished is not done again."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import cast

import numpy as np
from pydantic import JsonValue

from ...labelled_data.base import Probabilities, Writer
from ...labelled_data.rungs import Fitted, Run
from ...project_base.errors import UserError
from ...project_base.progress import Progress, silent
from ...registry.libraries import loaded_versions
from ...registry.lock import only_one
from ..settings import ProjectSettings
from .data import Data
from .digests import code_digest, digest_of, parts_digest, settings_of
from .judging import judge, samples_of
from .models import Ways
from .results import RESULT, Outcome, RungResult, Sample, read_result, write_result
from .rungs import Rung
from .scoring import score

Tell = Callable[[str], object]

_SAMPLES = 3
LOCK = ".lock"
_PASSES = "best_epoch"


@dataclass(frozen=True)
class Climb:
    """What all rungs of one call share.

    Attributes:
        settings: Of the project.
        data: Read, checked and split.
        ways: The ways to train.
        again: Trains also what is finished.
        progress: Opens bars.
        tell: Hears, in one line each, what takes long and what was chosen.
    """

    settings: ProjectSettings
    data: Data
    ways: Ways
    again: bool = False
    progress: Progress = silent
    tell: Tell = lambda _: None

    def folder(self, rung: Rung) -> Path:
        """Where the result and the checkpoints of a rung stand."""
        return Path(self.settings.fine_tuning.runs_folder) / rung.name

    def key(self, rung: Rung) -> str:
        """Digest of all that decides the result of a rung."""
        return digest_of(
            {
                "rung": rung.name,
                "task": self.settings.fine_tuning.task,
                "metric": self.data.metric,
                "data": self.data.digest,
                "parts": parts_digest(self.data.parts),
                "in_turn": self.settings.fine_tuning.in_turn,
                "seed": self.settings.labelled_data.seed,
                "settings": settings_of(rung, self.settings),
                "code": code_digest(),
            }
        )

    def run(self, folder: Path, epochs: float | None = None, *, quiet: bool = False) -> Run:
        """A training whose checkpoints stand in a folder; a quiet one shows bars and tells nothing."""
        folder.mkdir(parents=True, exist_ok=True)
        return Run(folder, self.settings.labelled_data.seed, epochs, self.progress, _silent if quiet else self.tell)


def finished(climb: Climb, rung: Rung) -> RungResult | None:
    """The result of a rung, if it was made of the same data, settings and code."""
    if climb.again or not (climb.folder(rung) / RESULT).exists():
        return None
    with suppress(UserError):
        # A damaged result, or one of an older form, is simply made again.
        result = read_result(climb.folder(rung))
        if result.key == climb.key(rung):
            return result
    return None


def try_rung(climb: Climb, rung: Rung, estimated: float | None = None) -> RungResult:
    """Trains a rung once for each part of the data, and judges it by what it was not trained on.

    Args:
        climb: Data, settings and who watches.
        rung: What to train.
        estimated: Seconds that were announced, to be kept beside those that it took.

    Raises:
        UserError: The data or the settings do not allow it, memory does not suffice, or another process trains the
            same rung.
        OSError: The runs folder cannot be written; a former result stands then.
    """
    folder = climb.folder(rung)
    folder.mkdir(parents=True, exist_ok=True)
    with only_one(folder / LOCK, f"training the rung {rung.name}", tell=climb.tell):
        result = finished(climb, rung)
        if result is not None:
            climb.tell(f"{rung.name} is finished: same data, settings and code ({folder / RESULT})")
            return result
        return _tried(climb, rung, estimated)


@dataclass
class _Found:
    outcomes: list[Outcome]
    rows: list[Probabilities]
    measured: list[Mapping[str, float]]
    samples: tuple[Sample, ...] = ()
    choice: object = None


def _tried(climb: Climb, rung: Rung, estimated: float | None) -> RungResult:
    folder, data = climb.folder(rung), climb.data
    started = time.perf_counter()
    found = _Found([], [], [])
    for number, part in enumerate(data.parts, start=1):
        checkpoints = folder / f"part-{number}"
        if climb.again:
            shutil.rmtree(checkpoints, ignore_errors=True)
        if len(data.parts) > 1 and rung.passes:
            climb.tell(f"{rung.name}, fold {number} of {len(data.parts)}")
        # What the first fold says of its choices, the others would repeat.
        run = climb.run(checkpoints, quiet=number > 1)
        fitted = climb.ways.fit(rung.name)(part.train, part.validation, run)
        _judged(climb, fitted, number, found)
    seconds = time.perf_counter() - started
    order = {example.place: place for place, example in enumerate(data.judged)}
    rank = sorted(range(len(found.outcomes)), key=lambda place: order[found.outcomes[place].id])
    outcomes = tuple(found.outcomes[place] for place in rank)
    value, interval = score(data.metric, outcomes)
    result = RungResult(
        rung=rung.name,
        task=climb.settings.fine_tuning.task,
        metric=data.metric,
        score=value,
        interval=interval,
        folds=len(data.parts),
        trained_on=round(fmean(len(part.train) for part in data.parts)),
        labels=data.labels,
        epochs=_mean(found.measured).get(_PASSES),
        seconds=seconds,
        estimated_seconds=estimated,
        measured=_mean(found.measured),
        data=data.digest,
        key=climb.key(rung),
        seed=climb.settings.labelled_data.seed,
        settings=settings_of(rung, climb.settings),
        code=code_digest(),
        made_with=loaded_versions(),
        despite=data.despite,
        choice=cast("dict[str, JsonValue] | None", found.choice) if len(data.parts) == 1 else None,
        samples=found.samples,
        outcomes=outcomes,
    )
    result = write_result(folder, result, np.concatenate(found.rows)[rank] if found.rows else None)
    for number in range(1, len(data.parts) + 1):
        shutil.rmtree(folder / f"part-{number}", ignore_errors=True)
    return result


def _judged(climb: Climb, fitted: Fitted, number: int, found: _Found) -> None:
    task, part = climb.settings.fine_tuning.task, climb.data.parts[number - 1]
    advance = climb.progress("judging", len(part.judged))
    judged = judge(task, fitted.model, part.judged, climb.data.labels, advance)
    found.outcomes += judged.outcomes
    found.measured.append(fitted.measured)
    found.choice = fitted.about.get("choice")
    if judged.probabilities is not None:
        found.rows.append(judged.probabilities)
    if task == "generation" and not found.samples:
        found.samples = samples_of(cast("Writer", fitted.model), part.judged[:_SAMPLES])


def _silent(_line: str) -> None:
    return None


def _mean(measured: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each figure that every part has."""
    shared = set.intersection(*(set(each) for each in measured))
    return {name: fmean(each[name] for each in measured) for name in measured[0] if name in shared}
