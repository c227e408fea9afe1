"""Keeps finished work on disk, so that a replay that was killed goes on where it was."""

import shutil
import time
import zipfile
from pathlib import Path

import numpy as np

from ..project_base.files import write_stream
from .tasks import Result

_FOLDER = "replay"
_OLD_SECONDS = 86_400.0
"""Each result that is kept renews the moment of its folder; none takes so long to come."""


class Store:
    """Results by key, for one history and one set of settings."""

    def __init__(self, folder: Path, digest: str) -> None:
        """Opens it; nothing is written yet.

        Args:
            folder: Of runs.
            digest: Of all that results depend on beside their key.
        """
        self._folder = folder / _FOLDER / digest[:32]

    def get(self, key: str) -> Result | None:
        """A result; None where it is not there, or is damaged."""
        path = self._path(key)
        try:
            with np.load(path, allow_pickle=False) as found:
                return {name: found[name] for name in found.files}
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            # Whatever has become of the file, the work can be done again.
            path.unlink(missing_ok=True)
            return None

    def put(self, key: str, result: Result) -> None:
        """Keeps a result; after a crash it is whole or not there.

        Raises:
            OSError: No space or no permission.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        arrays = {name: np.asarray(values) for name, values in result.items()}
        # numpy's stub takes any keyword for `allow_pickle`, which no result is called.
        write_stream(self._path(key), lambda stream: np.savez(stream, **arrays))  # type: ignore[arg-type]

    def forget_old_others(self) -> None:
        """Removes what is kept of other histories and settings, but for what was worked on of late.

        Another replay, with other settings, may be running now.
        """
        old = time.time() - _OLD_SECONDS
        for other in self._folder.parent.glob("*"):
            if other != self._folder and other.is_dir() and other.stat().st_mtime < old:
                shutil.rmtree(other, ignore_errors=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.npz"
