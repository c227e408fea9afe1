"""A whole project or none, and nothing left behind."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from advisor.documents import Manifest
from advisor.errors import ScaffoldError
from advisor.scaffold.plan import ProjectPlan
from advisor.scaffold.write import MANIFEST, check_destination, write_project
from tests import projects
from tests.scaffold.conftest import EXAMPLE

ROOT = EXAMPLE.parents[1]


def whole(plan: ProjectPlan, project: Path) -> bool:
    files = projects.tree(project)
    manifest = files.pop(MANIFEST.as_posix(), None)
    return manifest is not None and files == {file.path: file.content for file in plan.files}


def test_everything_that_is_planned_is_written(plan: ProjectPlan, tmp_path: Path) -> None:
    manifest = write_project(plan, tmp_path / "new" / "folders" / "demo")
    assert whole(plan, tmp_path / "new" / "folders" / "demo")
    assert Manifest.load(tmp_path / "new" / "folders" / "demo" / MANIFEST) == manifest == plan.manifest
    assert [path.name for path in (tmp_path / "new" / "folders").iterdir()] == ["demo"]


def test_an_empty_folder_and_a_link_to_one_are_filled(plan: ProjectPlan, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_project(plan, tmp_path / "empty")
    assert whole(plan, tmp_path / "empty")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to("elsewhere")
    write_project(plan, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert whole(plan, tmp_path / "elsewhere")


def test_files_and_folders_are_as_readable_as_any_other(plan: ProjectPlan, tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_project(plan, tmp_path / "demo")
    finally:
        os.umask(mask)
    assert (tmp_path / "demo").stat().st_mode & 0o777 == 0o750
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "demo").rglob("*") if path.is_file()} == {0o640}


def _full_folder(place: Path) -> Path:
    (place / "demo").mkdir()
    (place / "demo" / "mine.txt").write_text("mine")
    return place / "demo"


def _file(place: Path) -> Path:
    (place / "demo").write_text("mine")
    return place / "demo"


def _below_a_file(place: Path) -> Path:
    (place / "file").write_text("mine")
    return place / "file" / "some" / "demo"


def _dangling_link(place: Path) -> Path:
    (place / "demo").symlink_to(place / "nowhere")
    return place / "demo"


def _too_long(place: Path) -> Path:
    return place / ("x" * 300)


@pytest.mark.parametrize(
    ("prepare", "says"),
    [
        (_full_folder, "demo: the folder is not empty"),
        (_file, "demo: a file stands there"),
        (_below_a_file, "file is a file, so no folder can be made in it"),
        (_dangling_link, "demo: a file stands there"),
        (_too_long, "cannot be used: File name too long"),
    ],
)
def test_what_is_in_the_way_stays_and_is_named(
    prepare: Callable[[Path], Path], says: str, plan: ProjectPlan, tmp_path: Path
) -> None:
    destination = prepare(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ScaffoldError, match=says) as caught:
        write_project(plan, destination)
    assert caught.value.next_step
    assert sorted(tmp_path.rglob("*")) == before


def test_a_project_in_the_way_points_to_update(project: Path, plan: ProjectPlan) -> None:
    with pytest.raises(ScaffoldError, match="a project of advisor stands there already") as caught:
        write_project(plan, project)
    assert "--update" in caught.value.next_step


def test_the_folder_that_one_stands_in_is_not_pulled_away(
    plan: ProjectPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScaffoldError, match="the folder that you stand in"):
        write_project(plan, Path())
    assert not list(tmp_path.iterdir())


def test_a_folder_without_permission_is_named_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Asked of the system, not tried: the superuser, who often runs tests, may write everywhere.
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != tmp_path)
    with pytest.raises(ScaffoldError, match=f"you may not write in {tmp_path}"):
        check_destination(tmp_path / "a" / "demo")


@pytest.mark.parametrize("at", [0, 1, 37, 108])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_full_disk_leaves_nothing_behind(
    at: int, code: int, plan: ProjectPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = 0
    write_bytes = Path.write_bytes

    def failing(path: Path, content: bytes) -> int:
        nonlocal written
        written += 1
        if written > at:
            path.touch()
            raise OSError(code, os.strerror(code), str(path))
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", failing)
    with pytest.raises(ScaffoldError, match=rf"demo: cannot be written: {os.strerror(code)}") as caught:
        write_project(plan, tmp_path / "new" / "folder" / "demo")
    assert "disk with room" in caught.value.next_step
    assert not list(tmp_path.iterdir())


def test_a_full_disk_at_the_manifest_leaves_nothing_behind(
    plan: ProjectPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    (tmp_path / "demo").mkdir()
    with pytest.raises(ScaffoldError, match="No space left"):
        write_project(plan, tmp_path / "demo")
    assert not list((tmp_path / "demo").iterdir())
    assert [path.name for path in tmp_path.iterdir()] == ["demo"]


def test_an_interruption_leaves_nothing_behind(
    plan: ProjectPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_project(plan, tmp_path / "new" / "demo")
    assert not list(tmp_path.iterdir())


def test_who_comes_second_changes_nothing(plan: ProjectPlan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace = Path.replace

    def overtaken(path: Path, target: Path) -> Path:
        if Path(target).name == "demo":
            _full_folder(tmp_path)
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", overtaken)
    with pytest.raises(ScaffoldError, match="cannot be written"):
        write_project(plan, tmp_path / "demo")
    assert projects.tree(tmp_path) == {"demo/mine.txt": b"mine"}


def _kills(count: int) -> Iterator[float]:
    """Delays after the first file is seen, in seconds: from at once to after the end."""
    return (0.05 * number / max(count - 1, 1) for number in range(count))


@pytest.mark.parametrize("kills", [5, pytest.param(50, marks=pytest.mark.soak)])
def test_a_killed_scaffold_leaves_nothing_or_the_whole(kills: int, plan: ProjectPlan, tmp_path: Path) -> None:
    # The child takes its plan from a finished project, so that every kill falls into the writing, where it could hurt.
    code = (
        "import sys; from pathlib import Path; from advisor.documents import Manifest;"
        "from advisor.scaffold.plan import PlannedFile, ProjectPlan;"
        "from advisor.scaffold.write import MANIFEST, write_project;"
        "source = Path(sys.argv[1]); manifest = Manifest.load(source / MANIFEST);"
        "files = [PlannedFile(one.path, one.made, (source / one.path).read_bytes()) for one in manifest.files];"
        "print('ready', flush=True); sys.stdin.readline();"
        "write_project(ProjectPlan(manifest, tuple(files)), Path(sys.argv[2]))"
    )
    source = tmp_path / "source"
    write_project(plan, source)
    fates = []
    for number, delay in enumerate(_kills(kills)):
        destination = tmp_path / str(number) / "demo"
        with subprocess.Popen(
            [sys.executable, "-c", code, str(source), str(destination)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            child.stdout.readline()
            child.stdin.write("go\n")
            child.stdin.flush()
            time.sleep(delay)
            child.send_signal(signal.SIGKILL)
        fates.append(destination.exists())
        assert whole(plan, destination) or not destination.exists()
        if not destination.exists():
            write_project(plan, destination)
            assert whole(plan, destination)
    assert not all(fates), "no kill came in time to mean anything"
