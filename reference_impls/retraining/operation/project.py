"""What the commands work on: settings, history, registry and the version in service, each read when first asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...history.base import Columns, History
from ...history.leakage import find_leaks, refuse_leaks
from ...history.reading import read_with_table
from ...history.tables import Table
from ...history.windows import Window, cut
from ...predictors.base import Predictor
from ...predictors.kinds import LOADERS
from ...predictors.settings import WithEmbedding, with_embedding
from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from ...registry.model_folder import ModelFolder
from ...registry.registry import Registry
from ...replay.base import Policy
from ..settings import ProjectSettings
from .as_of import as_of
from .other_data import of_other_file
from .policies import policy_of, read_replay
from .since import DAY, Length, length_of

Tell = Callable[[str], object]


@dataclass(frozen=True)
class Champion:
    """A version with its model.

    Attributes:
        version: Its id.
        model: Its folder.
        about: What was told of it when it was added.
        predictor: What predicts.
        other_file: What to consider where it does not fit the history; empty where it was made of the same file.
    """

    version: str
    model: ModelFolder
    about: dict[str, Any]
    predictor: Predictor
    other_file: str = ""

    @property
    def learned_until(self) -> float:
        """Moment of the newest row that it learnt from."""
        return float(self.about["learned_until"])

    @property
    def labels_until(self) -> float:
        """Moment up to which labels were known to it."""
        return float(self.about["labels_until"])

    @property
    def trained_at(self) -> float:
        """Moment of the newest row that had come when it was trained; its label may have been missing."""
        return float(self.about["trained_at"])

    @property
    def columns(self) -> Columns:
        """The columns that it needs, and how they are read."""
        return Columns(dict(self.about["columns"]), self.about.get("dates"), self.predictor.task)


class Project:
    """A project of retraining.

    Args:
        settings: Of all rooms.
        tell: Hears what whoever watches should know, in one line each.
        moment: Looks at the history as it stood then, see `as_of`; empty for now.
    """

    def __init__(self, settings: ProjectSettings, tell: Tell = lambda _: None, moment: str = "") -> None:
        self.settings = settings
        self.tell = tell
        self.columns: Columns | None = None
        self._moment = moment
        self._other_file = ""

    @cached_property
    def predictors(self) -> WithEmbedding:
        """The settings of models, with the embedder."""
        return with_embedding(self.settings.predictors, self.settings.embedding)

    @property
    def data_path(self) -> Path:
        """Where the history stands."""
        return Path(self.settings.retraining.data)

    @property
    def runs(self) -> Path:
        """Folder of what commands found."""
        return Path(self.settings.retraining.runs_folder)

    @property
    def metrics(self) -> Path:
        """File of the metrics."""
        return Path(self.settings.retraining.metrics_file)

    @cached_property
    def registry(self) -> Registry:
        """The versions."""
        return Registry(Path(self.settings.registry.folder), self.settings.registry.keep, tell=self.tell)

    @cached_property
    def history(self) -> History:
        """All rows, as the settings say; with the columns of `columns`, where these are set before."""
        return self.read(self.columns)

    def read(self, columns: Columns | None = None) -> History:
        """Reads the history.

        Args:
            columns: Those that are wanted, as a model knows them; None takes all.
        """
        return self.read_with_table(columns)[0]

    def read_with_table(self, columns: Columns | None = None) -> tuple[History, Table]:
        """Reads the history, and gives the table of its files as well; see `read`."""
        try:
            found, table = read_with_table(self.data_path, self.settings.history, tell=self.tell, columns=columns)
        except UserError as error:
            if columns is None or not self._other_file:
                raise
            raise UserError(error.message, error.next_step + self._other_file) from error
        return (as_of(found, self._moment) if self._moment else found), table

    @cached_property
    def windows(self) -> tuple[Window, ...]:
        """The windows of the history."""
        return cut(self.history, self.settings.history)

    @cached_property
    def length(self) -> Length:
        """The unit in which policies count.

        Automatic windows grow with the history; what the policy was chosen by is the length at the last replay.
        """
        if self.settings.history.window == "auto" and (found := read_replay(self.runs)) is not None:
            replayed = found[0]
            rows = sum(window.rows for window in replayed.windows) / len(replayed.windows)
            here = length_of(self.history, self.windows)
            return Length(replayed.window_days if here.days else None, here.moments, rows)
        return length_of(self.history, self.windows)

    @property
    def policy(self) -> Policy:
        """The policy by which `retrain` works."""
        return policy_of(self.settings.retraining, self.settings.replay)

    @property
    def labelled(self) -> NDArray[np.int64]:
        """Positions of the rows that have a label by now, ascending."""
        return np.flatnonzero(np.isfinite(self.history.known))

    def champion(self) -> Champion | None:
        """The version in service, or None before the first promotion.

        Raises:
            UserError: It is damaged, or was not made by this project.
        """
        model = self.registry.champion()
        return None if model is None else self.opened(model)

    def opened(self, model: ModelFolder) -> Champion:
        """A version with its model.

        Args:
            model: Its folder; the name of the folder is the version.

        Raises:
            UserError: It was not made by this project.
        """
        about = dict(self.registry.find(model.path.name).about)
        if model.kind not in LOADERS or not {"learned_until", "labels_until", "trained_at", "columns"} <= about.keys():
            raise UserError(
                f"{model.path} was not trained by this project",
                f"put another version in service: {command_line('models')} lists them",
            )
        self._other_file = of_other_file(self.settings, about)
        return Champion(model.path.name, model, about, LOADERS[model.kind](model), self._other_file)

    def refuse_leaks(self) -> None:
        """Refuses a history in which a column gives the target away, unless the settings say otherwise.

        Raises:
            UserError: There is such a column.
        """
        given = self.settings.history
        leaks = find_leaks(self.history, given)
        for leak in leaks:
            if given.leaks == "warn" or not leak.blocking:
                self.tell(str(leak))
        refuse_leaks(leaks, given)


def in_days(windows: float, length: Length) -> str:
    """Windows in words, with the days where there are dates."""
    told = f"{windows:.1f} windows"
    return f"{told} ({windows * length.days:.0f} days)" if length.days else told


__all__ = ["DAY", "Champion", "Project", "Tell", "in_days"]
