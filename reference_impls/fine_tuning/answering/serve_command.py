"""The command `serve`."""

from pathlib import Path

import click

from ...project_base.commands import CONFIG_OPTION


@click.command()
@CONFIG_OPTION
def serve(config: Path) -> None:
    """Predict texts over HTTP, with a page to try one, until Ctrl-C.

    What `promote` or `rollback` puts in service meanwhile answers from the next request on; a version that cannot be
    opened leaves the one before it in service. The section `serving` says where it listens, what it limits and whom it
    believes.
    """
    from ...project_base.config import load_settings
    from ...project_base.environment import apply_environment
    from ...serving.server import run_service
    from ..settings import ProjectSettings
    from .http_api import make_service
    from .live import LiveModel

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    run_service(make_service(settings, lambda: LiveModel(settings)), settings.serving)
