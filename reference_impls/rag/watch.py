"""Keeps the index in line with the documents while it runs."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from ..corpus.reading import file_states
from ..embedding.base import Embedder
from ..project_base.errors import UserError, system_error
from ..project_base.optional import require
from ..retrieval.build import BuildReport
from ..retrieval.index_folder import BusyError, has_leftovers
from ..retrieval.manifest import read_manifest, settings_digest
from .indexing import documents_changed, update_index
from .settings import ProjectSettings

_LOOK_AGAIN_MS = 2000
_QUIET_MS = 100


_LOG = logging.getLogger(__name__)


def report_to_log(result: BuildReport | UserError) -> None:
    """What became of an update, in one line of the log."""
    if isinstance(result, UserError):
        _LOG.error("%s; %s; the old index answers until then", result.message, result.next_step)
    else:
        _LOG.info("indexed: %s files read, %s texts embedded", result.read, result.embedded)


def keep_in_line(
    settings: ProjectSettings,
    embedder: Embedder,
    stop: threading.Event,
    report: Callable[[BuildReport | UserError], None],
    *,
    poll: bool = False,
) -> None:
    """Updates the index whenever the documents differ from it, until it is told to stop.

    The system says when a file changes; every two seconds sizes and times are compared beside, since such messages can
    be lost. An update that fails leaves the old index, and is tried again when a file changes; one that another process
    kept off is tried again at once. What killed processes left behind is removed at the start.

    Args:
        settings: The project's settings.
        embedder: The model that embeds the index.
        stop: Ends it.
        report: Hears of every update, and of every failure.
        poll: Does without messages of the system, which network drives do not send.

    Raises:
        UserError: The documents folder is missing, at the start or later.
    """
    folder = Path(settings.corpus.folder)
    failed_with = None
    watched = require("watchfiles", "watchfiles>=1.0").watch(
        folder,
        watch_filter=None,
        debounce=_QUIET_MS * 10,
        step=_QUIET_MS,
        stop_event=stop,
        rust_timeout=_LOOK_AGAIN_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
        force_polling=poll or None,
    )
    index = Path(settings.retrieval.index_folder)
    manifest = read_manifest(index)
    wanted = settings_digest(settings.corpus, settings.retrieval, settings.vector_stores)
    due = (
        manifest is None
        or (manifest.embedder, manifest.settings_digest) != (embedder.id, wanted)
        or has_leftovers(index, manifest)
    )
    while not stop.is_set():
        states = file_states(folder)
        if due or (states != failed_with and documents_changed(settings)):
            try:
                report(update_index(settings, embedder))
            except BusyError:
                # Nothing is wrong; the next look comes soon.
                pass
            except (UserError, OSError) as error:
                due, failed_with = False, states
                report(system_error(error) if isinstance(error, OSError) else error)
            else:
                due = False
        if next(watched, None) is None:
            return
