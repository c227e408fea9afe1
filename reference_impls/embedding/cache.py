"""The folder that keeps the exported model: one small file says which files belong to it, and is replaced last.

Files carry their hash in their names, so a new export never writes over an old one. A process killed at any moment
leaves the old export or the new one. The hashes tell damage, not malice: who can write the folder can write both.
"""

import contextlib
import hashlib
import json
import shutil
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..project_base.files import sha256_of, sync_folder, write_text
from .settings import Settings
from .source import FileStates, file_states, locate_model

EXPORT = "export.json"
LOCK = ".lock"
MODEL: "Role" = "model"
TOKENIZER: "Role" = "tokenizer"
_PART = ".part-"

Precision = Literal["float32", "int8"]
Role = Literal["model", "tokenizer"]


class Export(BaseModel):
    """What is known about an exported model; contents of export.json.

    Attributes:
        format_version: Version of this layout.
        id: Id of the model, which is the name of its vectors.
        source: Size and time of each file of the model that was exported; empty for a model of the hub.
        made_with: Versions of the libraries that exported it.
        unusable: Why there is no export of this model, else empty.
        files: Name of the file of each part, `model` (ONNX) and `tokenizer` (JSON), with its sha256.
        inputs: Names of the model's inputs, in order.
        query_prompt: Text before each question.
        passage_prompt: Text before each passage.
        most_tokens: Longer texts are cut to as many tokens; 0 cuts none.
        padding_token: What fills the shorter rows of a batch.
        pads_left: Whether it stands before the text.
        cosine_mean: Mean cosine between its vectors and those of torch in float32, on the texts of the check.
        cosine_least: The least of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format_version: Literal[1] = 1
    id: str
    source: FileStates
    made_with: dict[str, str]
    unusable: str = ""
    files: dict[Role, tuple[str, str]] = Field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    query_prompt: str = ""
    passage_prompt: str = ""
    most_tokens: int = 0
    padding_token: int = 0
    pads_left: bool = False
    cosine_mean: float = 0.0
    cosine_least: float = 0.0


def precision_of(settings: Settings) -> Precision:
    """The precision in which the settings want the export."""
    return "int8" if settings.backend == "onnx_int8" else "float32"


def export_folder(settings: Settings) -> Path:
    """Where the export of a model lies: each model and precision has a folder of its own."""
    key = json.dumps([settings.model, locate_model(settings.model), precision_of(settings)])
    return Path(settings.cache_folder) / hashlib.sha256(key.encode()).hexdigest()[:16]


def read_export(settings: Settings) -> Export | None:
    """What is known about the export of a model; None where nothing is, where the model has changed, or on damage.

    A model of the hub is taken as it was when it was exported: to follow the hub, delete the cache folder.
    """
    try:
        content = (export_folder(settings) / EXPORT).read_text(encoding="utf-8")
        export = Export.model_validate_json(content)
    except (OSError, UnicodeDecodeError, ValidationError):
        return None
    # Size and time spare a cold question the hash of all weights. Weights that are loaded are hashed in any case.
    return export if export.source == file_states(locate_model(settings.model)) else None


def whole(folder: Path, export: Export) -> bool:
    """Whether the files of an export are there as they were written."""
    files = [(folder / name, sha256) for name, sha256 in export.files.values()]
    return len(files) == 2 and all(file.is_file() and sha256_of(file) == sha256 for file, sha256 in files)


def publish(folder: Path, export: Export) -> None:
    """Makes an export the one that is opened, and removes the files of others.

    The files must lie in the folder, flushed to the disk.
    """
    sync_folder(folder)
    write_text(folder / EXPORT, export.model_dump_json(indent=2) + "\n")
    kept = {EXPORT, LOCK, *(name for name, _ in export.files.values())}
    for file in folder.iterdir():
        if file.is_file() and file.name not in kept:
            with contextlib.suppress(OSError):
                # What a reader on Windows still holds open goes with the next export.
                file.unlink()


def clear_parts(folder: Path) -> None:
    """Removes what killed exports left half written."""
    for left in folder.glob(f"{_PART}*"):
        shutil.rmtree(left, ignore_errors=True)


def part_folder(folder: Path) -> Path:
    """A new folder for the files of an export that is being made."""
    part = folder / f"{_PART}{hashlib.sha256(str(folder).encode()).hexdigest()[:8]}"
    part.mkdir()
    return part


def named_files(part: Path, files: dict[Role, str]) -> dict[Role, tuple[str, str]]:
    """Renames files of a part folder after their content; each role with its file's name and sha256."""
    named: dict[Role, tuple[str, str]] = {}
    for role, name in files.items():
        sha256 = sha256_of(part / name)
        target = part / f"{role}-{sha256[:12]}{Path(name).suffix}"
        (part / name).rename(target)
        named[role] = (target.name, sha256)
    return named
