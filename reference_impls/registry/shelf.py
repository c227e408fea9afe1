"""The folders of a registry: how a version comes in and goes by one rename, and what killed processes left behind."""

import errno
import hashlib
import re
import shutil
import uuid
from collections.abc import Container, Iterable
from pathlib import Path

from ..project_base.errors import UserError
from ..project_base.files import sync_folder
from .model_folder import MODEL_FILE, ModelFolder, flush, open_model
from .records import CHAMPION, VERSION, VersionRecord, write_record

LOCK = ".lock"
_VERSION = re.compile(r"(\d{4,})-[a-z0-9_]+")
_LEFT = re.compile(rf"\.(\d{{4,}}-[a-z0-9_]+\.[0-9a-f]{{32}}\.(part|removed)|{re.escape(CHAMPION)}\.\w+\.part)")
_BLOCK = 1 << 20


def number_of(version: str) -> int:
    """The counter of a version id; 0 for what is none."""
    match = _VERSION.fullmatch(version)
    return int(match[1]) if match else 0


def version_folders(folder: Path) -> list[Path]:
    """The folders of versions, whole or damaged, by their counter."""
    try:
        entries = list(folder.iterdir())
    except FileNotFoundError:
        return []
    except NotADirectoryError as error:
        raise UserError(f"{folder} is a file, not a folder", "set registry.folder to another path") from error
    found = [entry for entry in entries if number_of(entry.name) and entry.is_dir() and not entry.is_symlink()]
    return sorted(found, key=lambda entry: (number_of(entry.name), entry.name))


def place(source: ModelFolder, target: Path, record: VersionRecord, *, move: bool) -> None:
    """Puts a model folder and its version.json under a version's name, by one rename.

    Raises:
        UserError: A file of the source is missing or damaged.
        OSError: No permission or no space; nothing of it is left then, and the source stands.
    """
    if move and _moved(source, target, record):
        return
    part = hidden(target, "part")
    part.mkdir()
    try:
        for name in source.files:
            _copy(source, name, part)
        (part / MODEL_FILE).write_bytes((source.path / MODEL_FILE).read_bytes())
        write_record(part / VERSION, record)
        flush(part)
        part.rename(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    sync_folder(target.parent)
    if move:
        shutil.rmtree(source.path, ignore_errors=True)


def remove(version: Path) -> None:
    """Takes a version away; whoever looks sees all of it or nothing.

    Raises:
        OSError: No permission.
    """
    gone = hidden(version, "removed")
    version.rename(gone)
    sync_folder(version.parent)
    shutil.rmtree(gone, ignore_errors=True)


def next_id(folder: Path, kind: str, used: Iterable[str]) -> str:
    """The id of a new version; `used` names versions that are gone, whose numbers are not given again."""
    taken = [*used, *(path.name for path in version_folders(folder))]
    return f"{max(map(number_of, taken), default=0) + 1:04d}-{kind}"


def thin_out(folder: Path, keep: int, needed: Container[str]) -> list[OSError]:
    """Removes the oldest versions beyond `keep`, other than those needed; gives what stood in the way."""
    errors = []
    folders = version_folders(folder)
    spare = [path for path in folders if path.name not in needed]
    for path in spare[: max(0, len(folders) - keep)]:
        try:
            remove(path)
        except OSError as error:
            errors.append(error)
    return errors


def remove_leftovers(folder: Path) -> None:
    """Removes what killed processes left half written or half removed; only under the lock."""
    for entry in folder.iterdir():
        if _LEFT.fullmatch(entry.name):
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                entry.unlink(missing_ok=True)


def hidden(version: Path, state: str) -> Path:
    """A new name beside a version, which nobody takes for one."""
    return version.parent / f".{version.name}.{uuid.uuid4().hex}.{state}"


def _moved(source: ModelFolder, target: Path, record: VersionRecord) -> bool:
    """Moves a folder by a rename; False where it stands on another disk."""
    open_model(source.path)
    place_of_source = source.path.resolve()
    # Written before the rename, so that a kill between the two leaves the source where it was, with a file more.
    write_record(place_of_source / VERSION, record)
    flush(place_of_source)
    try:
        place_of_source.rename(target)
    except OSError as error:
        (place_of_source / VERSION).unlink(missing_ok=True)
        if error.errno == errno.EXDEV:
            return False
        raise
    sync_folder(target.parent)
    sync_folder(place_of_source.parent)
    return True


def _copy(source: ModelFolder, name: str, part: Path) -> None:
    """Copies one file and compares its hash on the way, so that it is read once."""
    target = part / name
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with (source.path / name).open("rb") as reading, target.open("xb") as writing:
        while block := reading.read(_BLOCK):
            digest.update(block)
            writing.write(block)
    if digest.hexdigest() != source.files[name]:
        raise UserError(
            f"the model's file {source.path / name} differs from what was written",
            "take another version of the model, or train it again",
        )
