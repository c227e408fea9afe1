"""The command `serve`."""

import threading
from pathlib import Path

import click

from ..project_base.commands import CONFIG_OPTION


@click.command()
@CONFIG_OPTION
def serve(config: Path) -> None:
    """Answer questions over HTTP, with a page to ask in, until Ctrl-C.

    What `index` or `watch` publishes meanwhile counts at once; with rag.when_documents_change: index it follows the
    documents by itself. The section `serving` says where it listens, what it limits and whom it believes.
    """
    from ..embedding.load import load_embedder
    from ..project_base.config import load_settings
    from ..project_base.environment import apply_environment
    from ..serving.server import run_service
    from .http_api import make_service
    from .live import LivePipeline
    from .settings import ProjectSettings
    from .watch import keep_in_line, report_to_log

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    service = make_service(settings, lambda: LivePipeline(settings, load_embedder(settings.embedding)))
    stop = threading.Event()
    if settings.rag.when_documents_change == "index":
        # With an embedder of its own: one that embeds documents would keep questions waiting.
        follower = threading.Thread(
            target=lambda: keep_in_line(settings, load_embedder(settings.embedding), stop, report_to_log), daemon=True
        )
        follower.start()
    try:
        run_service(service, settings.serving)
    finally:
        stop.set()
