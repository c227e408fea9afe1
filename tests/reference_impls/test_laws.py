"""What every room of reference_impls/ keeps to, so that copying some of them makes a project that stands alone."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import re
import sys
import tomllib
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from advisor.knowledge.components import Component, components_for
from advisor.scaffold.names import package_name

ROOT = Path(__file__).resolve().parents[2]
IMPLS = ROOT / "reference_impls"
ROOMS = sorted(path.parent.name for path in IMPLS.glob("*/component.yaml"))
WITH_SETTINGS = [room for room in ROOMS if components_for(room)[-1].settings]
CODE = sorted(path for path in IMPLS.rglob("*.py") if "__pycache__" not in path.parts)
TESTING = {"pytest"}
"""What tests may import beside the requirements: the extra `test` of a generated project brings it."""
BROUGHT = {"pydantic-core": "pydantic", "tokenizers": "transformers"}
"""What a library cannot be installed without, in the one version that fits."""


def component(room: str) -> Component:
    return components_for(room)[-1]


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Level and module of each import in a file; `from . import x` yields `x` too."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield 0, alias.name
        elif isinstance(node, ast.ImportFrom):
            if node.module:
                yield node.level, node.module
            else:
                for alias in node.names:
                    yield node.level, alias.name


def rooms_imported(path: Path) -> set[str]:
    """The sibling rooms that a file imports relatively."""
    depth = len(path.relative_to(IMPLS).parts)
    return {module.split(".")[0] for level, module in imports(path) if level == depth and depth > 1}


def distributions(lines: typing.Iterable[str]) -> set[str]:
    return {re.sub(r"[-_.]+", "-", Requirement(line).name).lower() for line in lines}


def test_every_folder_is_a_room() -> None:
    folders = {path.name for path in IMPLS.iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_what_a_room_needs(room: str) -> None:
    for name in ("__init__.py", "tests/__init__.py"):
        assert (IMPLS / room / name).is_file(), name
    assert (IMPLS / room / "settings.py").is_file() == (room in WITH_SETTINGS)
    assert list((IMPLS / room / "tests").glob("test_*.py"))
    assert package_name(room) != room, "a project's package of this name would hide the room"


@pytest.mark.parametrize("room", WITH_SETTINGS)
def test_component_and_settings_say_the_same(room: str) -> None:
    settings: type[BaseModel] = importlib.import_module(f"reference_impls.{room}.settings").Settings
    declared = component(room).settings
    assert declared.keys() == settings.model_fields.keys()
    for key, field in settings.model_fields.items():
        given = declared[key]
        if field.default is not PydanticUndefined:
            assert (type(given.default), given.default) == (type(field.default), field.default), key
        if typing.get_origin(field.annotation) is typing.Literal:
            assert given.options == typing.get_args(field.annotation), key
        elif field.annotation is bool:
            assert given.options == (True, False), key
        else:
            assert not given.options, key
        assert given.means, key
        assert field.description, key


@pytest.mark.parametrize("room", WITH_SETTINGS)
def test_defaults_are_valid_settings(room: str) -> None:
    settings: type[BaseModel] = importlib.import_module(f"reference_impls.{room}.settings").Settings
    values = {key: setting.default for key, setting in component(room).settings.items()}
    made = settings.model_validate(values)
    with pytest.raises(ValueError, match="frozen"):
        setattr(made, next(iter(values)), None)


@pytest.mark.parametrize("room", ROOMS)
def test_the_sample_paths_lead_to_something_in_the_room(room: str) -> None:
    for key, setting in component(room).settings.items():
        if isinstance(setting.default, str) and "{package}" in setting.default:
            place = setting.default.replace("{package}", "reference_impls")
            assert (ROOT / place).exists(), f"{room}.{key}"


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(IMPLS).as_posix())
def test_no_code_knows_the_package_by_the_name_that_it_has_here(path: Path) -> None:
    """In a project the package has the project's name; its tests come along."""
    assert IMPLS.name not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(IMPLS).as_posix())
def test_imports_within_the_project_are_relative(path: Path) -> None:
    for level, module in imports(path):
        first = module.split(".")[0]
        if level == 0:
            assert first not in {"advisor", "reference_impls", *ROOMS}, module
        else:
            assert level <= len(path.relative_to(IMPLS).parts), f"{module} leads out of the package"


@pytest.mark.parametrize("room", ROOMS)
def test_needs_are_complete_and_nothing_more(room: str) -> None:
    own = [path for path in CODE if path.relative_to(IMPLS).parts[0] == room]
    direct = {other for path in own for other in rooms_imported(path)} & set(ROOMS) - {room}
    assert direct <= set(component(room).needs)
    reached = {part.component for part in components_for(room)}
    for path in own:
        assert rooms_imported(path) <= reached, path


@pytest.mark.parametrize("room", ROOMS)
def test_requirements_cover_what_is_imported(room: str) -> None:
    parts = components_for(room)
    required = distributions(line for part in parts for line in (*part.requires, *_extra(part)))
    provided = importlib.metadata.packages_distributions()
    for path in CODE:
        if path.relative_to(IMPLS).parts[0] != room:
            continue
        allowed = required | (TESTING if "tests" in path.parts else set())
        for level, module in imports(path):
            first = module.split(".")[0]
            if level or first in sys.stdlib_module_names:
                continue
            names = distributions(provided.get(first, [first]))
            names |= {BROUGHT[name] for name in names & BROUGHT.keys()}
            assert names & allowed, f"{path.relative_to(ROOT)} imports {first}, which no component requires"


@pytest.mark.parametrize("room", ROOMS)
def test_what_the_checks_need_comes_with_the_extra_reference(room: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    covered = distributions([*project["dependencies"], *extras["reference"]])
    assert distributions(component(room).requires) <= covered
    # What only some projects switch on (a database, many machines) is installed for the tests, and by who needs it.
    assert distributions(_extra(component(room))) <= covered | distributions([*extras["offline"], *extras["dev"]])


@pytest.mark.parametrize("room", ROOMS)
def test_requirements_and_the_extra_ask_for_the_same_versions(room: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    # Later lines win: the development tools may ask for more of the same library.
    lines = [*extras["dev"], *project["dependencies"], *extras["reference"], *extras["offline"]]
    asked = {Requirement(line).name: Requirement(line).specifier for line in lines}
    for line in (*component(room).requires, *_extra(component(room))):
        wanted = Requirement(line)
        assert asked[wanted.name] == wanted.specifier, line


def test_no_folder_is_named_like_a_library() -> None:
    libraries = set(importlib.metadata.packages_distributions()) | set(sys.stdlib_module_names)
    for path in IMPLS.rglob("*"):
        if path.is_dir() and path.name not in {"__pycache__", "tests", "docs", "sample"}:
            assert path.name not in libraries, path


FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "torch.load", "joblib.load"}
FORBIDDEN_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


@pytest.mark.parametrize("path", CODE, ids=lambda path: path.relative_to(IMPLS).as_posix())
def test_nothing_that_is_loaded_can_run_code(path: Path) -> None:
    assert not {module.split(".")[0] for _, module in imports(path)} & FORBIDDEN_MODULES
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        assert called not in FORBIDDEN_CALLS, f"{path}:{node.lineno}: {called}"
        keywords = {word.arg: ast.unparse(word.value) for word in node.keywords}
        assert keywords.get("shell", "False") == "False", f"{path}:{node.lineno}"
        assert keywords.get("allow_pickle", "False") == "False", f"{path}:{node.lineno}"
        assert keywords.get("trust_remote_code", "False") == "False", f"{path}:{node.lineno}"
        if called in {"np.load", "numpy.load"}:
            assert keywords.get("allow_pickle") == "False", f"{path}:{node.lineno}: say allow_pickle=False"


def test_templates_hold_no_python() -> None:
    for path in (ROOT / "templates").rglob("*"):
        assert not re.search(r"\.py(\.jinja)?$", path.name), path


@pytest.mark.parametrize("room", ROOMS)
def test_a_component_that_can_be_scaffolded_says_how_it_is_used(room: str) -> None:
    from advisor.knowledge import load_knowledge

    if room in {pattern.component for pattern in load_knowledge().patterns.values()}:
        assert (ROOT / "templates" / "use" / f"{room}.md.jinja").is_file()
        assert (IMPLS / room / "smoke.py").is_file()


@pytest.mark.parametrize("room", [room for room in ROOMS if (IMPLS / room / "smoke.py").is_file()])
def test_the_settings_of_a_project_are_its_rooms(room: str) -> None:
    settings: Any = importlib.import_module(f"reference_impls.{room}.settings").ProjectSettings
    parts = {part.component for part in components_for(room) if part.settings}
    assert settings.model_fields.keys() == parts
    for name, field in settings.model_fields.items():
        module: types.ModuleType = importlib.import_module(f"reference_impls.{name}.settings")
        assert field.annotation is module.Settings


def _extra(part: Component) -> list[str]:
    return [line for lines in part.extras.values() for line in lines]
