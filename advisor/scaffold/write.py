"""The only writer of projects: a whole project or none."""

from __future__ import annotations

import shutil
import tempfile
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
        ScaffoldError: something stands there already.
    """
    if destination.is_dir():
        if (destination / MANIFEST).exists():
            raise ScaffoldError(
                f"{destination}: a project of advisor stands there already",
                "bring it up to date with --update, or choose a new folder",
            )
        if any(destination.iterdir()):
            raise ScaffoldError(f"{destination}: the folder is not empty", "choose a new or an empty folder")
    elif destination.exists() or destination.is_symlink():
        raise ScaffoldError(f"{destination}: a file stands there", "choose a new or an empty folder")


def write_project(plan: ProjectPlan, destination: Path) -> Manifest:
    """Writes the project under a temporary name beside `destination` and renames it: all of it or nothing.

    Raises:
        ScaffoldError: something stands there, the place cannot be written, or the disk is full.
    """
    check_destination(destination)
    destination = destination.resolve()
    temporary: Path | None = None
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
    return plan.manifest
