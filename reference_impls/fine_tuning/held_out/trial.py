"""What all steps of one evaluation share."""

from dataclasses import dataclass, field
from pathlib import Path

from ...labelled_data.base import Task
from ...project_base.progress import Progress, silent
from ...registry.registry import Registry
from ..ladder.data import Data
from ..ladder.models import Ways
from ..settings import ProjectSettings


@dataclass(frozen=True)
class Trial:
    """Data, settings and who watches.

    Attributes:
        settings: Of the project.
        data: Read, checked and split.
        ways: The ways to train, for the floors.
        progress: Opens bars.
        notes: What has to be known of the result; it grows.
    """

    settings: ProjectSettings
    data: Data
    ways: Ways
    progress: Progress = silent
    notes: list[str] = field(default_factory=list)

    @property
    def task(self) -> Task:
        """Of the project."""
        return self.settings.fine_tuning.task

    @property
    def registry(self) -> Registry:
        """Where the versions stand."""
        return Registry(Path(self.settings.registry.folder))

    @property
    def runs_folder(self) -> Path:
        """Where results stand."""
        return Path(self.settings.fine_tuning.runs_folder)
