"""Runs the application until it is told to stop."""

import logging
import socket
import sys

import click
import uvicorn

from ..project_base.errors import UserError
from .app import Service, make_app
from .identity import is_loopback
from .settings import Settings

_SHUTDOWN_GRACE = 5
_IDLE_CONNECTIONS = 1000


def run_service(service: Service, settings: Settings) -> None:
    """Listens, loads and answers; ends on SIGTERM or Ctrl-C when what is in work has been answered.

    Raises:
        UserError: The address cannot be had, the settings are unsafe, or loading fails.
    """
    app = make_app(service, settings)
    listening = _listen(settings)
    _log_to_stderr()
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        log_config=None,
        log_level="warning",
        access_log=False,
        # The address of whoever asks decides nothing here, so nothing that a client says about it is read.
        proxy_headers=False,
        server_header=False,
        # Places are what limits work; this is the last resort against connections that only stay open.
        limit_concurrency=settings.most_concurrent + _IDLE_CONNECTIONS,
        timeout_graceful_shutdown=settings.timeout_seconds + _SHUTDOWN_GRACE,
    )
    server = uvicorn.Server(config)

    def stop() -> None:
        server.should_exit = True

    app.state.readiness.stop = stop
    _tell(listening, settings)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        # The server has ended in good order; it passes the signal on afterwards.
        click.echo("stopped", err=True)
    if app.state.readiness.failure is not None:
        raise app.state.readiness.failure


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family)
    except OSError as error:
        raise UserError(
            f"{settings.host} port {settings.port} cannot be listened on: {error.strerror or error}",
            "set serving.host and serving.port to an address of this machine and a port that is free",
        ) from error


def _tell(listening: socket.socket, settings: Settings) -> None:
    port = listening.getsockname()[1]
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    reach = "this machine alone reaches it" if is_loopback(settings.host) else "the network reaches it"
    # The port is taken already, and what answers is loaded from now on: until then, whoever asks reads so.
    click.echo(f"serving on http://{host}:{port} as soon as it has loaded ({reach}; Ctrl-C stops)", err=True)
    if not is_loopback(settings.host):
        click.echo("note: this is plain HTTP; put a reverse proxy with TLS before it", err=True)


def _log_to_stderr() -> None:
    """Only the lines of this project: libraries log what is asked, for example addresses with their parameters."""
    package = logging.getLogger((__package__ or "").rpartition(".")[0])
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    package.addHandler(handler)
    package.setLevel(logging.INFO)
    package.propagate = False
