"""Refuses to put a tuned part in service that nobody has judged beside both halves alone, or that does not pay."""

from functools import partial
from pathlib import Path

from ..project_base.config import load_settings
from ..project_base.rooms import command_line
from ..registry.evaluations import judged
from ..registry.registry import Gate
from ..registry.version import Version
from .result_files import known_result
from .settings import ProjectSettings


def gate(config: Path) -> Gate:
    """The gate of a hybrid project, which judges by the 2 x 2 table of the candidate.

    Args:
        config: The project's settings.

    Raises:
        UserError: The settings are wrong.
    """
    settings = load_settings(config, ProjectSettings).hybrid
    folder, pattern = Path(settings.results_folder), settings.pattern

    def judge(candidate: Version, _present: Version | None) -> str | None:
        read = partial(known_result, folder, pattern)
        found = judged(candidate, read, f"it was not judged beside both halves alone yet, as {pattern}", "result")
        if isinstance(found, str):
            return found
        if found.verdict == "does_not_pay":
            return f"{found.why} How to go on with one half: {command_line('drop --help')}"
        return None

    return judge
