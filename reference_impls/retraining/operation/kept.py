"""What has to be kept of a project from run to run, beside its code and its data."""

from pathlib import Path

from ...project_base.errors import UserError
from ..settings import ProjectSettings


def kept_paths(config: Path, settings: ProjectSettings) -> list[Path]:
    """Models, results and metrics, relative to the folder of the configuration; nothing that lies within another.

    Args:
        config: The configuration.
        settings: What it says.

    Raises:
        UserError: A path is not below that folder.
    """
    root, own = config.resolve().parent, settings.retraining
    given = {
        "registry.folder": settings.registry.folder,
        "retraining.runs_folder": own.runs_folder,
        "retraining.metrics_file": own.metrics_file,
    }
    found: list[Path] = []
    outside = []
    for key, value in given.items():
        path = Path(value).resolve()
        if path == root or not path.is_relative_to(root):
            outside.append(f"{key} is {value}")
        else:
            found.append(path.relative_to(root))
    if outside:
        raise UserError(
            f"{' and '.join(outside)}, not below {root}, so that it cannot be kept together with the project",
            "give paths below the folder of config.yaml, as they were at first",
        )
    return [path for path in dict.fromkeys(found) if not any(path.is_relative_to(other) for other in {*found} - {path})]
