"""Projects whose versions are made by hand, so that a test can choose what each has right."""

from collections.abc import Mapping
from pathlib import Path

from ...labelled_data.rungs import Fitted
from ...project_base.config import load_settings
from ...registry.registry import Registry
from ..ladder.data import Data, read_data
from ..ladder.digests import digest_of
from ..settings import ProjectSettings
from .hand_made import keywords, model_folder
from .projects import FRUIT, TOOLS, config

CALIBRATION = {"temperature": 1.5, "calibrated_on": 100, "wanted_accuracy": 0.0, "threshold": None}
LABELS = ("fruit", "tool")


def words_known(*missing: str) -> Mapping[str, str]:
    """All words of `projects.small` with their labels, but for some."""
    words = dict.fromkeys(FRUIT, "fruit") | dict.fromkeys(TOOLS, "tool")
    return {word: label for word, label in words.items() if word not in missing}


def opened(folder: Path, **changes: object) -> tuple[ProjectSettings, Data]:
    """Settings and data of a project."""
    settings = load_settings(config(folder, **changes), ProjectSettings)
    return settings, read_data(settings)


def add(folder: Path, fitted: Fitted, changes: Mapping[str, object], **about: object) -> str:
    """Adds a version that was made of a project's data, as `train` does; `about` changes what is told of it."""
    settings, data = opened(folder, **changes)
    number = len(list((folder / "made").glob("*")))
    told = {
        "task": settings.fine_tuning.task,
        "rung": "word_counts",
        "metric": data.metric,
        "score": 0.9,
        "interval": [0.8, 0.95],
        "scored_by": "102 validation examples in 5 folds",
        "trained_on": len(data.train) + len(data.validation),
        "labels": list(data.labels),
        "data": data.digest,
        "data_name": Path(settings.fine_tuning.examples).name,
        "seed": 0,
        "settings": {"encoders": {"most_tokens": 128}},
        "code": "0123456789ab",
        "key": digest_of({"result": "r", "refit": True}),
    } | about
    model = model_folder(
        folder / "made" / f"model-{number}", fitted, task=settings.fine_tuning.task, calibration=CALIBRATION
    )
    return Registry(Path(settings.registry.folder)).add(model, told)


def classifier(*missing: str) -> Fitted:
    """Right on every text of `projects.small`, but for tools of which it knows neither word: these are fruit to it."""
    return keywords(words_known(*missing), LABELS)
