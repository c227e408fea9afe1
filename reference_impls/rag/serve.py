"""The command `serve`."""

from pathlib import Path

import click

from ..project_base.commands import CONFIG_OPTION


@click.command()
@CONFIG_OPTION
def serve(config: Path) -> None:
    """Answer questions over HTTP, with a page to ask in, until Ctrl-C.

    What `index` or `watch` publishes meanwhile counts at once. The section `serving` of the configuration says where it
    listens, what it limits and whom it believes.
    """
    from ..embedding.load import load_embedder
    from ..project_base.config import load_settings
    from ..project_base.environment import apply_environment
    from ..serving.server import run_service
    from .http_api import make_service
    from .live import LivePipeline
    from .settings import ProjectSettings

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    service = make_service(settings, lambda: LivePipeline(settings, load_embedder(settings.embedding)))
    run_service(service, settings.serving)
