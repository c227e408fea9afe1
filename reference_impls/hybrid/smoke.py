"""Checks that prove, offline and on the sample, that the configured pattern is trained, judged, served and dropped."""

from pathlib import Path

from ..project_base.checks import Check
from .patterns import load_pattern
from .settings import ProjectSettings

SETTINGS = ProjectSettings
STANDS_FOR = frozenset({"rag", "fine_tuning", "lookups"})
"""Rooms whose checks are left out here: these check both halves as they are used, and all of them would take minutes.
`smoke` of a project with one half alone runs them."""


def checks(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The checks of the configured pattern, in order.

    Args:
        settings: The project's settings.
        workdir: An empty folder for all that is written.
    """
    return load_pattern(settings.hybrid.pattern).checks(settings, workdir)
