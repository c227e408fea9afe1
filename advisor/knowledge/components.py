"""What a component of reference_impls/ says of itself in its `component.yaml`; its code is never imported here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from advisor import resources
from advisor.errors import RulesError, allowed
from advisor.strict_yaml import StrictYamlError, load_text
from advisor.values import Value

__all__ = ["Component", "Setting", "all_components", "components_for", "settings_faults"]

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


def all_components() -> tuple[Component, ...]:
    """Every component that there is.

    Raises:
        RulesError: a component file is faulty.
    """
    places = sorted(resources.folder("reference_impls").glob("*/component.yaml"))
    return tuple(_read(path, path.parent.name) for path in places)


def settings_faults(
    settings: Mapping[str, Mapping[str, Value]], components: Iterable[Component]
) -> Iterator[tuple[tuple[str, str], str]]:
    """What the components cannot be set to: for each fault its section and key, and the complaint."""
    known = {(part.component, key): setting for part in components for key, setting in part.settings.items()}
    for section, keys in settings.items():
        near = [f"{part}.{name}" for part, name in known if part == section]
        for key, value in keys.items():
            name = f"{section}.{key}"
            setting = known.get((section, key))
            if setting is None:
                names = near or [f"{part}.{other}" for part, other in known]
                yield (section, key), f"no component has the setting {name}; {allowed(name, names)}"
            elif setting.options and value not in setting.options:
                options = [str(option).lower() for option in setting.options]
                yield (section, key), f"{name} cannot be {value!r}; {allowed(str(value), options)}"
            elif not _fits(value, setting.default):
                yield (section, key), f"{name} cannot be {value!r}; wanted is a value like {setting.default!r}"


def _fits(value: Value, default: Any) -> bool:
    """Whether the value is of the kind of the default; a whole number also stands for a fraction."""
    if isinstance(default, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    return type(value) is type(default)


def _read(path: Path, name: str) -> Component:
    try:
        return _component(path.read_bytes(), path, name)
    except OSError as fault:
        raise RulesError(f"{path}: cannot be read: {fault.strerror}") from None


@lru_cache(maxsize=128)
def _component(raw: bytes, path: Path, name: str) -> Component:
    """What the file says; every pattern and every rule that sets something asks for the same ones."""
    try:
        loaded = load_text(raw, str(path))
        component = Component.model_validate_json(json.dumps(loaded.data))
    except StrictYamlError as fault:
        raise RulesError(fault.problems) from None
    except ValidationError as fault:
        errors = fault.errors(include_url=False)
        raise RulesError(f"{path}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in errors) from None
    if component.component != name:
        raise RulesError(f"{path}: calls itself {component.component!r}, but its folder is {name!r}")
    return component
