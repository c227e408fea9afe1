"""Writing so that nothing is half written: a temporary name beside the target, then a rename."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

__all__ = ["digest_of", "umask", "write_whole"]


def write_whole(path: Path, content: bytes) -> None:
    """Writes `content` to `path`; a reader sees the old file or the new one, whole. A symbolic link stays one.

    Raises:
        OSError: the folder cannot be written, the disk is full, or a device or folder stands there; what stood stands.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "no plain file stands there", str(path))
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


def digest_of(root: Path, paths: Iterable[str]) -> str:
    """sha256 over the names and bytes of files below `root`; one that is missing or unreadable counts as such."""
    digest = hashlib.sha256()
    for name in sorted(paths):
        try:
            content = (root / name).read_bytes()
        except OSError:
            content = b"\0missing"
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def umask() -> int:
    """The mask of the process for new files: mkstemp and mkdtemp make theirs private, whatever it says."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
