"""Writing so that nothing is half written: a temporary name beside the target, then a rename."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["umask", "write_whole"]


def write_whole(path: Path, content: bytes) -> None:
    """Writes `content` to `path`; a reader sees the old file or the new one, whole. A symbolic link stays one.

    Raises:
        OSError: the folder cannot be written, or the disk is full; the old file stands then.
    """
    path = path.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(path.stat().st_mode if path.exists() else 0o666 & ~umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def umask() -> int:
    """The mask of the process for new files: mkstemp and mkdtemp make theirs private, whatever it says."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
