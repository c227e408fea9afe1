"""Checkpoints: folders that are whole or not there, written beside their name and renamed; nothing in them is code."""

import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from ..project_base.errors import UserError, system_error
from ..project_base.files import sha256_of, sync_folder, write_text

Tensors = dict[str, torch.Tensor]

_FOLDER = "checkpoints"
_STATE = "state.json"
_PREFIX = "checkpoint-"
_BEST = "best-"
_PART = ".part"
_SCHEMA = "checkpoint/1"
_FULL_DISK = ("No space left", "File too large", "quota")


@dataclass(frozen=True)
class Checkpoint:
    """A whole checkpoint.

    Attributes:
        path: Its folder.
        state: What was kept as JSON.
    """

    path: Path
    state: Mapping[str, object]

    def tensors(self, name: str) -> Tensors:
        """The tensors kept under a name, on the CPU; none where nothing was kept."""
        path = self.path / f"{name}.safetensors"
        return load_file(path) if path.is_file() else {}


class Checkpoints:
    """The checkpoints of one run, the newest of which counts.

    They lie in a folder of the run's key, so that a run never goes on from those of another.
    """

    def __init__(self, run_folder: Path, key: str) -> None:
        self._all = run_folder / _FOLDER
        self._folder = self._all / key[:16]
        self._key = key
        self._written = 0

    def newest(self) -> Checkpoint | None:
        """The newest whole checkpoint of this run; half written ones are removed."""
        for part in self._folder.glob(f".*{_PART}"):
            _remove(part)
        for path in sorted(self._folder.glob(f"{_PREFIX}*"), reverse=True):
            state = self._read(path)
            # Numbers go on from the highest, whole or not: no name is ever used twice.
            self._written = max(self._written, int(path.name.removeprefix(_PREFIX)))
            if state is not None:
                return Checkpoint(path, state)
        return None

    def write(self, state: Mapping[str, object], tensors: Mapping[str, Tensors]) -> None:
        """Writes a checkpoint in one rename, then removes older ones.

        Args:
            state: JSON values; `step` is told in messages, `best` names the best weights that it counts on or is None.
            tensors: Tensors by name, by the name under which they are kept.

        Raises:
            UserError: The disk is full and the like; the last checkpoint stays whole.
        """
        path = self._folder / f"{_PREFIX}{self._written + 1:09d}"
        part = self._folder / f".{path.name}{_PART}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _remove(part)
            part.mkdir()
            files = {name: _save(values, part / f"{name}.safetensors") for name, values in tensors.items() if values}
            document = {"schema": _SCHEMA, "key": self._key, "files": files, **state}
            write_text(part / _STATE, json.dumps(document))
            part.rename(path)
            sync_folder(self._folder)
        except (OSError, SafetensorError) as error:
            _remove(part)
            raise self._not_written(error) from error
        self._written += 1
        for old in self._folder.glob(f"{_PREFIX}*"):
            if old != path:
                _remove(old)
        for old in self._folder.glob(f"{_BEST}*"):
            if old.name != state.get("best"):
                old.unlink(missing_ok=True)

    def write_best(self, step: int, weights: Tensors) -> str:
        """Writes weights that validation found best, and returns the name that a checkpoint keeps of them."""
        name = f"{_BEST}{step:012d}.safetensors"
        part = self._folder / f".{name}{_PART}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            _save(weights, part)
            part.replace(self._folder / name)
            sync_folder(self._folder)
        except (OSError, SafetensorError) as error:
            _remove(part)
            raise self._not_written(error) from error
        return name

    def best(self, name: str) -> Tensors:
        """The weights that `write_best` kept under this name."""
        return load_file(self._folder / name)

    def finish(self) -> None:
        """Removes the checkpoints of other runs."""
        for other in self._all.iterdir():
            if other != self._folder:
                _remove(other)

    def _read(self, path: Path) -> dict[str, object] | None:
        """The state of a checkpoint, or None if it is not whole or of another run."""
        try:
            state = json.loads((path / _STATE).read_text("utf-8"))
            whole = all(sha256_of(path / f"{name}.safetensors") == digest for name, digest in state["files"].items())
            best = state["best"]
            whole = whole and (best is None or (self._folder / best).is_file())
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None
        return state if whole and state.get("schema") == _SCHEMA and state.get("key") == self._key else None

    def _not_written(self, error: Exception) -> UserError:
        newest = self.newest()
        kept = f"the last one, of step {newest.state['step']}, is whole" if newest else "there is none before it"
        if isinstance(error, OSError):
            step = system_error(error).next_step
        else:
            # safetensors tells the system's errors in words only.
            full = any(sign in str(error) for sign in _FULL_DISK)
            step = "free some space on that disk" if full else "mend that folder"
        return UserError(
            f"{self._folder}: a checkpoint could not be written ({error}); {kept}",
            f"{step}, and run the command again: it goes on from the last checkpoint",
        )


def _save(tensors: Tensors, path: Path) -> str:
    """Writes tensors to disk for good and returns the sha256 of the file."""
    save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, path)
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
    return sha256_of(path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()
