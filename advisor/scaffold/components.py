"""What a component says of itself in its `component.yaml`; its code is never imported here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from advisor import resources
from advisor.errors import RulesError
from advisor.strict_yaml import StrictYamlError, load_file

__all__ = ["Component", "Setting", "components_for"]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class Setting(BaseModel):
    """One key of the project's config.yaml, explained where it stands."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    default: Any
    means: str
    options: tuple[Any, ...] = ()


class Component(BaseModel):
    """One room of reference_impls/."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    component: Name
    title: str
    needs: tuple[Name, ...] = ()
    requires: tuple[str, ...] = ()
    extras: dict[Name, tuple[str, ...]] = Field(default_factory=dict)
    settings: dict[Name, Setting] = Field(default_factory=dict)


def components_for(name: str) -> tuple[Component, ...]:
    """The component `name` and everything that it needs, needed ones first.

    Raises:
        RulesError: a component file is missing or faulty.
    """
    root = resources.folder("reference_impls")
    found: dict[str, Component] = {}

    def visit(current: str, path: tuple[str, ...]) -> None:
        if current in found:
            return
        if current in path:
            raise RulesError(f"components need one another in a circle: {' -> '.join((*path, current))}")
        component = _read(root / current / "component.yaml", current)
        for needed in component.needs:
            visit(needed, (*path, current))
        found[current] = component

    visit(name, ())
    return tuple(found.values())


def _read(path: Path, name: str) -> Component:
    try:
        loaded = load_file(path)
        component = Component.model_validate_json(json.dumps(loaded.data))
    except StrictYamlError as fault:
        raise RulesError(fault.problems) from None
    except OSError as fault:
        raise RulesError(f"{path}: cannot be read: {fault.strerror}") from None
    except ValidationError as fault:
        errors = fault.errors(include_url=False)
        raise RulesError(f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in errors) from None
    if component.component != name:
        raise RulesError(f"{path}: calls itself {component.component!r}, but its folder is {name!r}")
    return component
