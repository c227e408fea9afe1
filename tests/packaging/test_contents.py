"""What the wheel and the source distribution hold."""

from __future__ import annotations

import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path, PurePosixPath

from tests import projects
from tests.packaging.conftest import ROOT, Built

DATA = ("rules", "reference_impls", "templates")


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def standing(folder: str) -> dict[str, bytes]:
    return {path: content for path, content in projects.tree(ROOT / folder).items() if not path.endswith(".pyc")}


def test_the_wheel_holds_the_package_and_its_data_as_they_stand(built: Built) -> None:
    found = contents(built.wheel)
    expected = {f"advisor/{path}": content for path, content in standing("advisor").items()}
    for folder in DATA:
        expected |= {f"advisor/_data/{folder}/{path}": content for path, content in standing(folder).items()}
    assert {name: content for name, content in found.items() if ".dist-info/" not in name} == expected


def test_the_sample_and_the_tests_of_components_travel(built: Built) -> None:
    names = [PurePosixPath(name) for name in contents(built.wheel)]
    rag = PurePosixPath("advisor/_data/reference_impls/rag")
    assert rag / "sample" / "questions.jsonl" in names
    assert rag / "sample" / "docs" / "overview.md" in names
    assert [name for name in names if name.parent == rag / "tests" and name.name.startswith("test_")]
    assert PurePosixPath("advisor/_data/templates/project/.gitignore.jinja") in names


def test_nothing_else_travels(built: Built) -> None:
    names = [PurePosixPath(name) for name in contents(built.wheel)]
    assert {name.parts[0] for name in names} == {"advisor", "advisor-0.1.0.dist-info"}
    assert not [name for name in names if "__pycache__" in name.parts or name.suffix == ".pyc"]


def test_the_metadata_keeps_the_core_light(built: Built) -> None:
    text = next(content for name, content in contents(built.wheel).items() if name.endswith("/METADATA")).decode()
    metadata = Parser().parsestr(text)
    required = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    names = {line.split(">")[0] for line in required}
    assert names == {"click", "jinja2", "prompt-toolkit", "pydantic", "pyyaml"}
    assert set(metadata.get_all("Provides-Extra", [])) == {"reference", "offline", "dev"}
    assert [name for name in contents(built.wheel) if name.endswith("/licenses/LICENSE")]


def test_the_source_distribution_makes_the_same_wheel(built: Built) -> None:
    assert contents(built.wheel_of_sdist) == contents(built.wheel)


def test_the_source_distribution_can_be_tested(built: Built) -> None:
    with tarfile.open(built.sdist) as archive:
        names = {PurePosixPath(name).relative_to("advisor-0.1.0").as_posix() for name in archive.getnames()}
    wanted = {"LICENSE", "README.md", "Makefile", "constraints.txt", "pyproject.toml", "tests/conftest.py"}
    wanted |= {"examples/help-desk.yaml", "examples/medical-help-desk.yaml"}
    assert wanted <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
