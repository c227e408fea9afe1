"""One version in a registry: a model folder with version.json beside its model.json."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..project_base.errors import UserError
from .model_file import MODEL_FILE, ModelFolder, read_model_file
from .model_folder import Verify, open_model
from .records import VERSION, VersionRecord, read_record

_ANOTHER = "take another version, or add the model again"


@dataclass(frozen=True)
class Version:
    """One version of the model.

    Attributes:
        id: Counter and kind: `0002-lora`.
        path: Its folder.
        kind: Kind of the model; empty where it is damaged.
        about: What whoever added it told of it.
        added: When, in UTC; empty where it is damaged.
        damage: What is wrong with it; empty for a whole one.
    """

    id: str
    path: Path
    kind: str
    about: Mapping[str, object]
    added: str
    damage: str = ""


def version_of(path: Path) -> Version:
    """A version as far as names and sizes of its files tell; no file of the model is read."""
    try:
        record = _record(path)
    except UserError as error:
        return Version(path.name, path, "", {}, "", error.message)
    try:
        model = open_version(path, "size")
    except UserError as error:
        return Version(path.name, path, "", record.about, record.added, error.message)
    return Version(path.name, path, model.kind, record.about, record.added)


def open_version(path: Path, verify: Verify = "hash", expected: str = "") -> ModelFolder:
    """Opens a version.

    Args:
        path: Its folder.
        verify: How closely its files are looked at.
        expected: sha256 that its model.json had when it was put in service, where it was.

    Raises:
        UserError: It is missing or damaged.
    """
    if not path.is_dir():
        raise UserError(f"{path} is missing", _ANOTHER)
    added = _record(path).model_sha256
    if {model_digest(path), expected or added} != {added}:
        raise UserError(f"{path / MODEL_FILE} differs from what was added", _ANOTHER)
    return open_model(path, verify)


def damage_of(path: Path, expected: str = "") -> str:
    """What is wrong with a version, after reading all of its files; empty for a whole one.

    Args:
        path: Its folder.
        expected: As `open_version` takes it.
    """
    try:
        open_version(path, expected=expected)
    except UserError as error:
        return error.message
    return ""


def model_digest(folder: Path) -> str:
    """sha256 of a folder's model.json, which holds those of all its files.

    Raises:
        UserError: There is no such file.
    """
    return hashlib.sha256(read_model_file(folder)).hexdigest()


def _record(path: Path) -> VersionRecord:
    record = read_record(path / VERSION, VersionRecord, _ANOTHER)
    if record is None:
        raise UserError(f"{path / VERSION} is missing", _ANOTHER)
    return record
