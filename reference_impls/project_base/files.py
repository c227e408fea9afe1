"""Writes that are whole or not there: a temporary name in the same folder, flushed to disk, then renamed."""

import errno
import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

_BLOCK = 1 << 20


def write_bytes(path: Path, content: bytes) -> None:
    """Replaces a file in one step; after a crash the old content or the new one stands, never a part.

    Raises:
        OSError: No permission, no space, no such folder, or a device or folder in its place; nothing is changed then.
    """
    write_stream(path, lambda stream: stream.write(content))


def write_stream(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Like `write_bytes`, for content that should not stand in memory as a whole.

    Args:
        path: The file to replace.
        write: Is given the open file and writes the content into it.
    """
    if path.exists() and not path.is_file():
        # A rename would put a file in the place of a device or a pipe.
        raise OSError(errno.EINVAL, "no plain file stands there", str(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        # mkstemp gives a private mode; the result should be as readable as any file that the user makes.
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_text(path: Path, content: str) -> None:
    """Like `write_bytes`, as UTF-8 with the line ends as given."""
    write_bytes(path, content.encode("utf-8"))


def sync_folder(folder: Path) -> None:
    """Makes renames in a folder durable where the system allows a folder to be flushed."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError:
        # Some network file systems refuse to flush a folder; the rename itself has already been made.
        return
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes, in lower-case hexadecimal, read in blocks of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
