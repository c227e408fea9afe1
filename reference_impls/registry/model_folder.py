"""A model on disk, written whole or not at all: its files, what is known of it, and hashes by which damage shows."""

import dataclasses
import glob
import json
import os
import re
import shutil
import stat
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from ..project_base.errors import UserError
from ..project_base.files import sha256_of, sync_folder
from .libraries import loaded_versions
from .lock import only_one
from .model_file import ASIDE, KIND, MODEL_FILE, ModelFolder, aside_of, parse, read_model_file, to_json, unsafe_name

__all__ = ["MODEL_FILE", "ModelFolder", "Verify", "check_file", "open_model", "write_model"]

Verify = Literal["hash", "size", "none"]

_PART = ".part"
_RUST_ERROR = re.compile(r"\(os error (\d+)\)")


def write_model(
    folder: Path,
    kind: str,
    about: Mapping[str, object],
    write: Callable[[Path], object],
    *,
    replace: bool = False,
) -> ModelFolder:
    """Writes a model folder: all of it stands under its name afterwards, or nothing.

    The files are written into a hidden folder beside the final one, hashed and flushed to disk; then one rename gives
    them their name. A replaced model steps aside by a rename first, and comes back where the second rename fails; a
    kill between the two leaves it beside its old place, and `open_model` says under which name.

    Args:
        folder: The new folder; the folders above it are made.
        kind: Lower-case letters, digits and underscores, at most 40.
        about: JSON values only.
        write: Writes the files into the folder that it is given; plain files and folders, no links.
        replace: Replaces a model that stands there; anything else that stands there is refused in any case.

    Raises:
        UserError: Something stands there already.
        OSError: No permission, no space; nothing is left behind, and what stood there stands.
        ValueError: `kind`, `about` or what `write` wrote breaks the rules above.
    """
    if not KIND.fullmatch(kind):
        raise ValueError(f"the kind {kind!r} is not made of lower-case letters, digits and underscores")
    told = json.loads(json.dumps(dict(about), allow_nan=False))
    folder = folder.absolute()
    _check_free(folder, replace)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with only_one(folder.parent / f".{folder.name}.lock", f"writing {folder}"):
        _check_free(folder, replace)
        for left in folder.parent.glob(f".{glob.escape(folder.name)}.*{_PART}"):
            shutil.rmtree(left, ignore_errors=True)
        part = folder.parent / f".{folder.name}.{uuid.uuid4().hex}{_PART}"
        part.mkdir()
        try:
            _call(write, part, folder)
            model = _described(part, kind, told)
            (part / MODEL_FILE).write_text(to_json(model), encoding="utf-8", newline="\n")
            flush(part)
            _rename(part, folder)
            for left in aside_of(folder) if replace else ():
                shutil.rmtree(left, ignore_errors=True)
        except BaseException as error:
            shutil.rmtree(part, ignore_errors=True)
            name_place(error, folder)
            raise
    return dataclasses.replace(model, path=folder)


def open_model(folder: Path, verify: Verify = "hash") -> ModelFolder:
    """Opens a model folder.

    Args:
        folder: The folder. Files in it that model.json does not list are no part of the model.
        verify: `hash` reads every file and compares (about a second for a gigabyte); `size` compares the sizes alone,
            for whoever has hashed before; `none` looks at model.json alone.

    Raises:
        UserError: It is not a model folder, is of a newer format, or a file is missing or damaged.
    """
    model = parse(folder, read_model_file(folder))
    if verify != "none":
        for name in model.files:
            check_file(model, name, verify)
    return model


def left_over(folder: Path, key: str) -> ModelFolder | None:
    """The model of a run that ended before its last step; None where there is none, or one of another `key`."""
    if not folder.exists():
        return None
    try:
        model = open_model(folder)
    except UserError:
        return None
    return model if model.about.get("key") == key else None


def check_file(model: ModelFolder, name: str, verify: Verify = "hash") -> None:
    """Compares one file with what model.json says.

    Raises:
        UserError: It is missing, a link, or differs.
    """
    file = model.path / name
    try:
        steps = [model.path.joinpath(*PurePosixPath(name).parts[:depth]) for depth in range(1, name.count("/") + 2)]
        if any(step.is_symlink() for step in steps):
            raise _damaged(file, "is a link")
        found = file.stat()
        if not stat.S_ISREG(found.st_mode):
            raise _damaged(file, "is no plain file")
        if found.st_size != model.sizes[name]:
            raise _damaged(file, f"has {found.st_size:,} bytes and not {model.sizes[name]:,}")
        if verify == "hash" and sha256_of(file) != model.files[name]:
            raise _damaged(file, "differs from what was written")
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _damaged(file, "is missing") from error
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}", "change the permissions, then try again") from error


def name_place(error: BaseException, folder: Path) -> None:
    """Tells an error of the system which folder it is about, where it does not say: a write that fails does not."""
    if isinstance(error, OSError):
        error.filename = error.filename or str(folder)


def flush(folder: Path) -> None:
    """Flushes all files below a folder to disk, then the folders themselves."""
    for path, _, names in os.walk(folder, topdown=False):
        for name in names:
            with Path(path, name).open("rb+") as stream:
                os.fsync(stream.fileno())
        sync_folder(Path(path))


def _call(write: Callable[[Path], object], part: Path, folder: Path) -> None:
    try:
        write(part)
    except Exception as error:
        # safetensors and tokenizers, written in Rust, tell a full disk in words alone.
        told = _RUST_ERROR.search(str(error))
        if isinstance(error, OSError) or told is None:
            raise
        number = int(told[1])
        raise OSError(number, os.strerror(number), str(folder)) from error


def _described(part: Path, kind: str, about: dict[str, object]) -> ModelFolder:
    names = sorted(_written(part))
    return ModelFolder(
        path=part,
        kind=kind,
        about=about,
        files={name: sha256_of(part / name) for name in names},
        made_with=loaded_versions(),
        sizes={name: (part / name).stat().st_size for name in names},
    )


def _written(part: Path) -> Iterator[str]:
    for path, folders, names in os.walk(part):
        for name in (*folders, *names):
            entry = Path(path, name)
            if entry.is_symlink() or not (entry.is_dir() or entry.is_file()):
                raise ValueError(f"the model wrote {name}, which is no plain file")
        for name in names:
            relative = Path(path, name).relative_to(part).as_posix()
            if reason := unsafe_name(relative):
                raise ValueError(f"the model wrote the file {relative}, which {reason}")
            yield relative


def _check_free(folder: Path, replace: bool) -> None:
    if not os.path.lexists(folder):
        return
    if not (folder / MODEL_FILE).is_file() or folder.is_symlink():
        raise UserError(f"{folder} stands already and is no model, so it is left alone", "choose another folder")
    if not replace:
        raise UserError(f"{folder} holds a model already", "choose another folder, or move that model away")


def _rename(part: Path, folder: Path) -> None:
    if not folder.exists():
        part.rename(folder)
        sync_folder(folder.parent)
        return
    aside = folder.parent / f".{folder.name}.{uuid.uuid4().hex}{ASIDE}"
    folder.rename(aside)
    try:
        part.rename(folder)
    except BaseException:
        aside.rename(folder)
        raise
    sync_folder(folder.parent)


def _damaged(file: Path, reason: str) -> UserError:
    return UserError(f"the model's file {file} {reason}", "take another version of the model, or train it again")
