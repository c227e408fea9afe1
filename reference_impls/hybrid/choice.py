"""What a version answers by beside its model and the index, where that is chosen after the training."""

from pathlib import Path

from ..registry.version import Version
from .router.handling import read_handling
from .router.limits import read_limits
from .settings import ProjectSettings


def choice_of(settings: ProjectSettings, version: Version) -> str:
    """What a result and a gate know a choice again by: for a router, sha256 of the limits that the settings ask for.

    The same classifier keeps other requests from retrieval at another threshold, so that what was judged at one says
    nothing of the next. Patterns that choose nothing after their training have an empty one.

    Args:
        settings: Of the project.
        version: In the registry.

    Raises:
        UserError: The version has no limits for these fixed answers and this wanted accuracy.
    """
    if settings.hybrid.pattern != "router":
        return ""
    fixed = tuple(read_handling(Path(settings.hybrid.handling)).fixed)
    return read_limits(version.path, fixed, settings.hybrid.wanted_accuracy).digest
