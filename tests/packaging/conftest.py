"""What users install: a wheel and a source distribution, in environments of their own, without a network."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = Path(sysconfig.get_paths()["purelib"])


@dataclass(frozen=True)
class Built:
    """The two distributions, and the wheel that the source distribution makes."""

    wheel: Path
    sdist: Path
    wheel_of_sdist: Path


@dataclass(frozen=True)
class Environment:
    """A virtual environment, used from a folder that has nothing to do with it."""

    folder: Path
    elsewhere: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """The console script `advisor`."""
        return self.start(str(self.folder / "bin" / "advisor"), *words)

    def start(self, *words: str) -> subprocess.CompletedProcess[str]:
        variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        variables |= {"NO_COLOR": "1", "XDG_CACHE_HOME": str(self.elsewhere / "cache")}
        return subprocess.run(
            words, cwd=self.elsewhere, env=variables, capture_output=True, text=True, timeout=280, check=False
        )


def finish(*words: str | Path, cwd: Path = ROOT) -> str:
    done = subprocess.run(list(map(str, words)), cwd=cwd, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("dist")
    build = (sys.executable, "-m", "build", "--no-isolation", "--outdir")
    finish(*build, folder, "--wheel", "--sdist", ROOT)
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    shutil.unpack_archive(sdist, folder / "unpacked", filter="data")
    (source,) = (folder / "unpacked").iterdir()
    finish(*build, folder / "again", "--wheel", source)
    (again,) = (folder / "again").glob("*.whl")
    return Built(wheel, sdist, again)


def light_distributions() -> set[str]:
    """What advisor needs without any extra, with all that this needs in turn."""
    found: set[str] = set()
    waiting = [line for line in importlib.metadata.requires("advisor") or () if "extra ==" not in line]
    while waiting:
        wanted = Requirement(waiting.pop())
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name in found or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        waiting += importlib.metadata.requires(name) or ()
    return found


@pytest.fixture(scope="session")
def light_libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder through which only the light dependencies of this environment are seen."""
    folder = tmp_path_factory.mktemp("light")
    for name in light_distributions():
        for file in importlib.metadata.files(name) or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not (folder / top).exists():
                (folder / top).symlink_to(Path(str(importlib.metadata.distribution(name).locate_file(top))))
    return folder


def make(folder: Path, libraries: Path) -> Environment:
    """An environment that sees `libraries` beside its own site-packages."""
    environment = Environment(folder / "environment", folder / "elsewhere")
    environment.elsewhere.mkdir()
    finish(sys.executable, "-m", "venv", "--without-pip", environment.folder)
    (own,) = environment.folder.glob("lib/python*/site-packages")
    (own / "libraries.pth").write_text(f"{libraries}\n")
    return environment


def install(environment: Environment, *words: str | Path) -> None:
    pip = (sys.executable, "-m", "pip", "--python", environment.python, "install", "--quiet")
    finish(*pip, "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check", *words)


@pytest.fixture(scope="session")
def light(built: Built, light_libraries: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel without any extra."""
    environment = make(tmp_path_factory.mktemp("plain"), light_libraries)
    install(environment, built.wheel)
    return environment


@pytest.fixture(scope="session")
def full(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel with the extras `reference` and `offline`."""
    environment = make(tmp_path_factory.mktemp("extras"), INSTALLED)
    install(environment, built.wheel)
    return environment


@pytest.fixture(scope="session")
def editable(tmp_path_factory: pytest.TempPathFactory) -> tuple[Environment, Path]:
    """An editable install, and the copy of the checkout that it was made from."""
    folder = tmp_path_factory.mktemp("editable")
    checkout = folder / "checkout"
    checkout.mkdir()
    for name in ("advisor", "rules", "reference_impls", "templates"):
        shutil.copytree(ROOT / name, checkout / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    environment = make(folder, INSTALLED)
    install(environment, "--editable", checkout)
    return environment, checkout
