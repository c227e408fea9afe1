"""The rooms that stand beside this one: a project has those that it needs, and nothing lists them by hand."""

import importlib
from functools import cache
from pathlib import Path
from types import ModuleType

import yaml

_PACKAGE = Path(__file__).parent.parent
PACKAGE_NAME = (__package__ or "").rpartition(".")[0]
"""The name under which `python -m` runs this project."""


def rooms_with(module_file: str) -> list[str]:
    """Names of the rooms that hold a file, in alphabetical order; nothing is imported for it."""
    return sorted(found.parent.name for found in _PACKAGE.glob(f"*/{module_file}"))


def rooms_needed(room: str) -> set[str]:
    """The rooms that a room cannot work without, over several steps too, as the component.yaml of each says."""
    found: set[str] = set()
    waiting = [room]
    while waiting:
        new = _needs_of(waiting.pop()) - found
        found |= new
        waiting += new
    return found


@cache
def _needs_of(room: str) -> frozenset[str]:
    # The settings below are most of the file, and reading them would hold up every `--help`.
    head, _, _ = (_PACKAGE / room / "component.yaml").read_text(encoding="utf-8").partition("\nsettings:")
    return frozenset(yaml.safe_load(head).get("needs") or ())


def room_module(room: str, module: str) -> ModuleType:
    """Imports one module of a sibling room, under whatever name the package has."""
    return importlib.import_module(f"..{room}.{module}", package=__package__)


def command_line(arguments: str) -> str:
    """How the user runs a command of this project, under whatever name the package has."""
    return f"python -m {PACKAGE_NAME} {arguments}"
