"""Who may write into an index folder, one at a time, and what a killed process has left there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..project_base.errors import UserError
from ..vector_stores.settings import Settings as StoreSettings
from .generation import remove_generations
from .manifest import MANIFEST, Manifest, generations, read_manifest

_LOCK = ".lock"


class BusyError(UserError):
    """Another process is writing into the index folder; trying again later helps."""


def check_folder(folder: Path, rebuild: bool) -> None:
    """Refuses a folder that holds anything but an index, so that nobody's files are touched.

    Args:
        folder: The index folder; it may be missing.
        rebuild: Whether a damaged index may be there, too.

    Raises:
        UserError: It is a file, holds other files, or its manifest cannot be used.
    """
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UserError(f"{folder} is a file, not a folder", "set retrieval.index_folder to another path")
    try:
        ours = read_manifest(folder) is not None
    except UserError:
        # A rebuild replaces a damaged manifest, but cannot put a file in the place of a folder.
        if not rebuild or (folder / MANIFEST).is_dir():
            raise
        ours = any(generations(folder))
    known = {_LOCK, *(each.name for each in (*generations(folder), *_parts(folder)))}
    if not ours and any(file.name not in known for file in folder.iterdir()):
        raise UserError(
            f"{folder} holds files that are no index, and is left alone",
            "set retrieval.index_folder to a new or an empty folder",
        )


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Keeps other processes from writing into an index folder, which is made if it is missing.

    Raises:
        BusyError: Another process does so now.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / _LOCK)
    try:
        # The system drops the lock of a killed process, so it never has to be removed by hand.
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BusyError(f"another process is indexing into {folder}", "wait until it has ended") from error
    try:
        yield
    finally:
        lock.release()


def remove_leftovers(folder: Path, keep: str, stores: StoreSettings) -> None:
    """Removes what killed processes left behind, and every generation but one; only under the lock.

    Args:
        folder: The index folder.
        keep: Name of the generation that the manifest names.
        stores: Settings of the vector stores.
    """
    remove_generations(folder, keep, stores)
    for part in _parts(folder):
        part.unlink(missing_ok=True)


def is_published(generation: Path) -> bool:
    """Whether the manifest beside a generation names it."""
    try:
        manifest = read_manifest(generation.parent)
    except UserError:
        return False
    return manifest is not None and manifest.generation == generation.name


def has_leftovers(folder: Path, manifest: Manifest) -> bool:
    """Whether the folder holds more than the index, perhaps of documents that were deleted since."""
    return any(each.name != manifest.generation for each in generations(folder)) or any(_parts(folder))


def _parts(folder: Path) -> list[Path]:
    """Manifests under their temporary name: `files.write_bytes` gives it, and a kill leaves it."""
    return list(folder.glob(f".{MANIFEST}.*.part"))
