"""Brings a project up to date without touching what its owner changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from advisor.documents import Manifest
from advisor.errors import DataError, ScaffoldError
from advisor.files import write_whole
from advisor.scaffold.plan import ProjectPlan
from advisor.scaffold.write import MANIFEST

__all__ = ["Change", "read_manifest", "update_project"]

Fate = Literal["written", "replaced", "removed", "edited", "kept", "gone"]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one file.

    Attributes:
        fate: written (new), replaced or removed (untouched by the owner), edited (the owner's stays, our new one stands
            beside it as `<path>.new`), kept (ours is dropped, the owner's edited one stays), gone (deleted by the
            owner, not brought back).
    """

    path: str
    fate: Fate


def read_manifest(project: Path) -> Manifest:
    """The manifest of a project.

    Raises:
        DataError: the folder holds no project of advisor, or its manifest is damaged or points outside of it.
    """
    if not (project / MANIFEST).is_file():
        raise DataError(
            f"{project}: no project of advisor (no {MANIFEST})", "write one with: advisor scaffold FILE DEST"
        )
    manifest = Manifest.load(project / MANIFEST)
    if not manifest.package.isidentifier() or not manifest.package.isascii():
        raise DataError(f"{project / MANIFEST}: {manifest.package!r} is no package name", "scaffold it anew")
    for record in manifest.files:
        _inside(project, record.path)
    return manifest


def _inside(project: Path, path: str) -> Path:
    """The place of `path` in the project; a damaged or forged manifest must not lead out of it."""
    pure = PurePosixPath(path)
    if not pure.parts or "\0" in path:
        raise DataError(f"{project / MANIFEST}: {path!r} is no path of a file", "scaffold it anew")
    try:
        # The file itself may be a link that its owner made; the folders on the way to it may not lead out.
        inside = (project / pure.parent).resolve().is_relative_to(project.resolve())
    except (OSError, RuntimeError):
        raise DataError(f"{project / pure.parent}: a link that leads in a circle", "remove that link") from None
    if pure.is_absolute() or ".." in pure.parts or not inside:
        raise DataError(f"{project / MANIFEST}: the path {path!r} leads out of the project", "scaffold it anew")
    return project / pure


def update_project(plan: ProjectPlan, project: Path) -> tuple[Change, ...]:
    """Writes what is new or was untouched; reports what the owner edited or deleted.

    Running it again after an interruption finishes the work.

    Raises:
        ScaffoldError: a file cannot be written; what was written before stands, the manifest is the old one.
    """
    old = {record.path: record.sha256 for record in read_manifest(project).files}
    # All places are known to lie inside before the first is touched.
    targets = {path: _inside(project, path) for file in plan.files for path in (file.path, f"{file.path}.new")}
    for path, target in targets.items():
        # A link in the place of ours is the owner's and stays; one where we lay ours beside would be written through.
        if path.endswith(".new") and target.is_symlink():
            raise DataError(
                f"{target}: a link, which perhaps leads out of the project, stands where ours would go", "remove it"
            )
    changes: list[Change] = []
    try:
        for file in plan.files:
            fate = _fate(targets[file.path], file.sha256, old.get(file.path))
            if fate in ("written", "replaced"):
                _write(targets[file.path], file.content)
            elif fate == "edited":
                _write(targets[f"{file.path}.new"], file.content)
            if fate is not None:
                changes.append(Change(file.path, fate))
        planned = {file.path for file in plan.files}
        changes += _remove_dropped(project, {path: sha for path, sha in old.items() if path not in planned})
        plan.manifest.save(project / MANIFEST)
    except OSError as fault:
        raise ScaffoldError(
            f"{fault.filename or project}: cannot be written: {fault.strerror}", "mend that and run the update again"
        ) from None
    return tuple(changes)


def _fate(target: Path, planned: str, recorded: str | None) -> Fate | None:
    if not target.exists() and not target.is_symlink():
        return "written" if recorded is None else "gone"
    if target.is_symlink() or not target.is_file():
        # What the owner put in the place of ours is the owner's, and a pipe would keep us waiting.
        return None if planned == recorded else "edited"
    found = hashlib.sha256(target.read_bytes()).hexdigest()
    if planned in (found, recorded):
        # Of what the owner edited, ours is laid beside it only when ours has changed since.
        return None
    return "replaced" if found == recorded else "edited"


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, content)


def _remove_dropped(project: Path, dropped: dict[str, str]) -> Iterable[Change]:
    for path, recorded in sorted(dropped.items()):
        target = _inside(project, path)
        if not target.exists():
            continue
        if target.is_symlink() or not target.is_file():
            yield Change(path, "kept")
        elif hashlib.sha256(target.read_bytes()).hexdigest() == recorded:
            target.unlink()
            _remove_empty(target.parent, project)
            yield Change(path, "removed")
        else:
            yield Change(path, "kept")


def _remove_empty(folder: Path, project: Path) -> None:
    while folder != project and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
