"""The only writer of projects: a whole project or none."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from advisor.documents import Manifest
from advisor.errors import ScaffoldError
from advisor.files import umask
from advisor.scaffold.plan import ProjectPlan

__all__ = ["MANIFEST", "check_destination", "write_project"]

MANIFEST = Path(".advisor") / "manifest.json"


def check_destination(destination: Path) -> None:
    """Says early what would stop a project from being written there.

    Raises:
        ScaffoldError: something stands there already, or no folder can be made there.
    """
    try:
        _check(destination)
    except OSError as fault:
        raise ScaffoldError(
            f"{destination}: cannot be used: {fault.strerror}", "choose a new folder that you may write"
        ) from None
    except RuntimeError:
        raise ScaffoldError(
            f"{destination}: lies below a link that leads in a circle", "choose a folder elsewhere"
        ) from None


def _check(destination: Path) -> None:
    if destination.is_dir():
        if (destination / MANIFEST).exists():
            raise ScaffoldError(
                f"{destination}: a project of advisor stands there already",
                "bring it up to date with --update, or choose a new folder",
            )
        if any(destination.iterdir()):
            raise ScaffoldError(f"{destination}: the folder is not empty", "choose a new or an empty folder")
        if destination.samefile(Path.cwd()):
            # The project takes the folder's place in one step; who stands in it would be left in a deleted folder.
            raise ScaffoldError(
                f"{destination}: the folder that you stand in cannot be replaced", "name a new folder in it"
            )
    elif destination.exists() or destination.is_symlink():
        raise ScaffoldError(f"{destination}: a file stands there", "choose a new or an empty folder")
    parent = next(folder for folder in destination.resolve().parents if folder.exists())
    if not parent.is_dir():
        raise ScaffoldError(
            f"{destination}: {parent} is a file, so no folder can be made in it", "choose a new folder elsewhere"
        )
    if not os.access(parent, os.W_OK | os.X_OK):
        raise ScaffoldError(f"{destination}: you may not write in {parent}", "choose a folder that you may write")


def write_project(plan: ProjectPlan, destination: Path) -> Manifest:
    """Writes the project under a temporary name beside `destination` and renames it: all of it or nothing.

    Raises:
        ScaffoldError: something stands there, the place cannot be written, or the disk is full.
    """
    check_destination(destination)
    destination = destination.resolve()
    temporary: Path | None = None
    missing = [folder for folder in destination.parents if not folder.exists()]
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{destination.name}.", dir=destination.parent))
        for file in plan.files:
            target = temporary / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)
        plan.manifest.save(temporary / MANIFEST)
        temporary.chmod(0o777 & ~umask())
        temporary.replace(destination)
    except OSError as fault:
        raise ScaffoldError(
            f"{destination}: cannot be written: {fault.strerror}",
            "choose a folder that you may write, on a disk with room",
        ) from None
    finally:
        if temporary is not None and temporary.exists():
            shutil.rmtree(temporary, ignore_errors=True)
        if not destination.exists():
            for folder in missing:
                with suppress(OSError):
                    folder.rmdir()
    return plan.manifest
