"""What model.json says: how it is written, and how it is read without trusting it."""

import glob
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from ..project_base.errors import UserError

FORMAT_VERSION = 1
MODEL_FILE = "model.json"
ASIDE = ".replaced"
"""Ends the hidden name of a model that stepped aside for a new one."""
KIND = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LARGEST = 64_000_000
_FIELDS = {"format_version", "kind", "about", "files", "bytes", "made_with"}


@dataclass(frozen=True)
class ModelFolder:
    """A folder that holds a model.

    Attributes:
        path: The folder.
        kind: Names the format of the files, and so the loader.
        about: What the loader needs beside the files, and what is told of the model; JSON values only.
        files: sha256 of each file, by its path in the folder with "/" between the parts.
        made_with: Version of each library that took part, by the name that pip knows.
        sizes: Bytes of each file, by the same paths.
    """

    path: Path
    kind: str
    about: dict[str, object]
    files: dict[str, str]
    made_with: dict[str, str] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)


def read_model_file(folder: Path) -> bytes:
    """The bytes of a folder's model.json.

    Raises:
        UserError: There is no such folder, or no such file in it.
    """
    file = folder / MODEL_FILE
    choose = "give the folder of a model that this project wrote"
    try:
        if file.stat().st_size > _LARGEST:
            raise UserError(f"{file} is larger than {_LARGEST:,} bytes, and so is no description of a model", choose)
        return file.read_bytes()
    except NotADirectoryError as error:
        raise UserError(f"{folder} is a file, and a model is a folder", choose) from error
    except FileNotFoundError as error:
        if folder.is_dir():
            if file.is_file():
                # The rename that brings a model in has come between two looks.
                return read_model_file(folder)
            raise UserError(f"{folder} is not a model: it holds no {MODEL_FILE}", choose) from error
        aside = next(iter(aside_of(folder)), None)
        if aside:
            raise UserError(
                f"there is no folder {folder}: a process ended while it replaced the model",
                f"rename {aside} to {folder.name} to have the former model back",
            ) from error
        raise UserError(f"there is no folder {folder}", choose) from error
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}", "change the permissions, then try again") from error


def parse(folder: Path, content: bytes) -> ModelFolder:
    """Reads the content of a model.json; no file beside it is looked at.

    Raises:
        UserError: It is not one, is of a newer format, or lists a file outside of the folder.
    """
    file = folder / MODEL_FILE
    try:
        told = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _foreign(file, "it is not JSON") from error
    if not isinstance(told, dict) or type(told.get("format_version")) is not int:
        raise _foreign(file, "it has no format_version")
    if told["format_version"] > FORMAT_VERSION:
        raise UserError(
            f"{file} is of format {told['format_version']}, and this version reads up to {FORMAT_VERSION}",
            "open the model with the version of the project that wrote it, or a newer one",
        )
    if missing := _FIELDS - told.keys():
        raise _foreign(file, f"it lacks {', '.join(sorted(missing))}")
    if not isinstance(told["kind"], str) or not KIND.fullmatch(told["kind"]):
        raise _foreign(file, "kind is not made of lower-case letters, digits and underscores")
    for name, wanted in (("about", object), ("files", str), ("bytes", int), ("made_with", str)):
        if not isinstance(told[name], dict) or not all(isinstance(each, wanted) for each in told[name].values()):
            raise _foreign(file, f"{name} is not what it should be")
    for name in told["files"]:
        if reason := unsafe_name(name):
            raise UserError(
                f"{file} lists the file {name!r}, which {reason}", "do not use this model; whoever made it meant harm"
            )
    if told["files"].keys() != told["bytes"].keys():
        raise _foreign(file, "files and bytes do not list the same names")
    if not all(_SHA256.fullmatch(digest) for digest in told["files"].values()):
        raise _foreign(file, "files holds something else than sha256 values")
    return ModelFolder(folder, told["kind"], told["about"], told["files"], told["made_with"], told["bytes"])


def to_json(model: ModelFolder) -> str:
    """The content of a model's model.json."""
    told = {
        "format_version": FORMAT_VERSION,
        "kind": model.kind,
        "about": model.about,
        "files": model.files,
        "bytes": model.sizes,
        "made_with": model.made_with,
    }
    return json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def unsafe_name(name: str) -> str:
    """Why a file may not have this name; empty where it may."""
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or ":" in name or ".." in parts:
        return "leads out of the folder"
    if "" in parts or "." in parts or not name.isprintable():
        return "is no plain relative path"
    return f"is {MODEL_FILE} itself" if name.casefold() == MODEL_FILE else ""


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def aside_of(folder: Path) -> list[Path]:
    """The models that stepped aside for one of this name; more than none stand there only after a kill."""
    return sorted(folder.parent.glob(f".{glob.escape(folder.name)}.*{ASIDE}"))


def _foreign(file: Path, reason: str) -> UserError:
    return UserError(
        f"{file} is damaged or was not written by this project: {reason}", "take another model, or train it again"
    )
