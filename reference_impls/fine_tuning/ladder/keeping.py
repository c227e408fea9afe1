"""Trains the model of a rung that is to be kept, and adds it to the registry."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from ...labelled_data.base import Example
from ...labelled_data.rungs import Fitted
from ...registry.lock import only_one
from ...registry.model_folder import ModelFolder, left_over, write_model
from ...registry.registry import Registry
from .calibrating import calibration_of
from .digests import digest_of
from .results import RungResult, read_probabilities
from .rungs import Rung
from .trying import LOCK, Climb

_CHECKPOINTS = "whole"
_MODEL = "model"


def keep(climb: Climb, rung: Rung, result: RungResult) -> str:
    """Makes a version of the registry of a rung; it is not in service before it is promoted.

    With `fine_tuning.refit` the model is trained anew on training and validation data together, for as many passes as
    were best before; its score is what the validation said of the models that had less to learn from. A version that
    was made of the same data, settings and code is taken as it is.

    Args:
        climb: Data, settings and who watches.
        rung: Which rung.
        result: What validation said of it.

    Returns:
        The id of the version.

    Raises:
        UserError: As the training, or another process is busy.
        OSError: Runs folder or registry cannot be written; nothing is left of the version then.
    """
    registry = Registry(Path(climb.settings.registry.folder), climb.settings.registry.keep, tell=climb.tell)
    settings = climb.settings.fine_tuning
    # Another fine_tuning.abstain_accuracy needs no other model: `evaluate` chooses the threshold anew.
    key = digest_of({"result": result.key, "refit": settings.refit})
    with only_one(climb.folder(rung) / LOCK, f"training the rung {rung.name}", tell=climb.tell):
        if not climb.again:
            for version in reversed(registry.versions()):
                if version.about.get("key") == key and not version.damage:
                    climb.tell(f"{version.id} was made of the same data, settings and code")
                    return version.id
        model = left_over(climb.folder(rung) / _MODEL, key) or _trained(climb, rung, result, key)
        return registry.add(model, told(climb, result, key), move=True)


def told(climb: Climb, result: RungResult, key: str) -> dict[str, object]:
    """What the registry tells of a version: task, score and all that it was made of."""
    data = climb.data
    return {
        "task": result.task,
        "rung": result.rung,
        "metric": result.metric,
        "score": result.score,
        "interval": list(result.interval),
        "scored_by": f"{len(result.outcomes)} validation examples"
        + (f" in {result.folds} folds" if result.folds > 1 else ""),
        "trained_on": len(data.train) + (len(data.validation) if climb.settings.fine_tuning.refit else 0),
        "labels": list(data.labels),
        "data": data.digest,
        "data_name": Path(climb.settings.fine_tuning.examples).name,
        "seed": result.seed,
        "settings": dict(result.settings),
        "code": result.code,
        "despite": list(result.despite),
        "measured": dict(result.measured),
        "key": key,
    }


def _trained(climb: Climb, rung: Rung, result: RungResult, key: str) -> ModelFolder:
    folder = climb.folder(rung) / _CHECKPOINTS
    if climb.again:
        shutil.rmtree(folder, ignore_errors=True)
    fitted = _fitted(climb, rung, result, folder)
    about = {**fitted.about, "task": result.task, "rung": result.rung, "data": result.data, "key": key}
    if result.probabilities:
        rows = read_probabilities(climb.folder(rung), result)
        about["calibration"] = calibration_of(result, rows, climb.settings.fine_tuning.abstain_accuracy)
    model = write_model(climb.folder(rung) / _MODEL, fitted.kind, about, fitted.write, replace=True)
    shutil.rmtree(folder, ignore_errors=True)
    return model


def _fitted(climb: Climb, rung: Rung, result: RungResult, folder: Path) -> Fitted:
    data = climb.data
    if not climb.settings.fine_tuning.refit:
        return climb.ways.fit(rung.name)(data.train, data.validation, climb.run(folder))
    fit = climb.ways.fit(rung.name, result.choice)
    everything: Sequence[Example] = [*data.train, *data.validation]
    climb.tell(f"{rung.name} is trained on all {len(everything)} examples of training and validation")
    return fit(everything, (), climb.run(folder, result.epochs if rung.passes else None))
