"""A later advisor brings its own improvements, and leaves what the owner changed alone."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor.documents import FileRecord, Manifest
from advisor.errors import DataError, ScaffoldError
from advisor.files import write_whole
from advisor.scaffold.plan import ProjectPlan
from advisor.scaffold.update import read_manifest, update_project
from advisor.scaffold.write import MANIFEST
from tests import projects

Changed = Callable[..., ProjectPlan]

CODE = "demo/rag/pipeline.py"
OTHER = "demo/rag/evaluate.py"


def fates(plan: ProjectPlan, project: Path) -> dict[str, str]:
    return {change.path: change.fate for change in update_project(plan, project)}


def test_the_same_plan_changes_nothing(plan: ProjectPlan, project: Path) -> None:
    before = projects.tree(project)
    assert fates(plan, project) == {}
    assert projects.tree(project) == before


def test_what_is_untouched_is_replaced_and_what_is_new_is_written(
    plan: ProjectPlan, project: Path, changed: Changed
) -> None:
    later = changed(plan, {CODE: b"new", "demo/rag/more/deep.py": b"added"})
    assert fates(later, project) == {CODE: "replaced", "demo/rag/more/deep.py": "written"}
    assert (project / CODE).read_bytes() == b"new"
    assert (project / "demo/rag/more/deep.py").read_bytes() == b"added"
    assert read_manifest(project) == later.manifest
    assert fates(later, project) == {}


def test_what_the_owner_edited_stays_and_ours_lies_beside(plan: ProjectPlan, project: Path, changed: Changed) -> None:
    (project / CODE).write_bytes(b"mine")
    assert fates(plan, project) == {}, "ours has not changed, so there is nothing to lay beside"
    later = changed(plan, {CODE: b"new"})
    assert fates(later, project) == {CODE: "edited"}
    assert (project / CODE).read_bytes() == b"mine"
    assert (project / f"{CODE}.new").read_bytes() == b"new"
    (project / f"{CODE}.new").unlink()
    assert fates(later, project) == {}, "the owner has seen it"


def test_an_edit_that_is_our_new_version_is_no_edit(plan: ProjectPlan, project: Path, changed: Changed) -> None:
    (project / CODE).write_bytes(b"new")
    assert fates(changed(plan, {CODE: b"new"}), project) == {}
    assert not (project / f"{CODE}.new").exists()


def test_a_file_of_the_owner_in_a_new_place_of_ours_stays(plan: ProjectPlan, project: Path, changed: Changed) -> None:
    (project / "demo" / "extra.py").write_bytes(b"mine")
    assert fates(changed(plan, {"demo/extra.py": b"ours"}), project) == {"demo/extra.py": "edited"}
    assert (project / "demo" / "extra.py").read_bytes() == b"mine"


def test_what_the_owner_deleted_is_not_brought_back(plan: ProjectPlan, project: Path, changed: Changed) -> None:
    (project / CODE).unlink()
    for later in (plan, changed(plan, {CODE: b"new"}), changed(plan, {CODE: b"newer"})):
        assert fates(later, project) == {CODE: "gone"}
        assert not (project / CODE).exists()


def test_what_is_dropped_is_removed_unless_the_owner_edited_it(
    plan: ProjectPlan, project: Path, changed: Changed
) -> None:
    room = tuple(file.path for file in plan.files if file.path.startswith("demo/vector_stores/"))
    (project / OTHER).write_bytes(b"mine")
    later = changed(plan, {}, drop=(*room, OTHER))
    assert fates(later, project) == dict.fromkeys(room, "removed") | {OTHER: "kept"}
    assert (project / OTHER).read_bytes() == b"mine"
    assert not (project / f"{OTHER}.new").exists()
    assert not (project / "demo" / "vector_stores").exists(), "no empty folder stays"
    assert fates(later, project) == {}


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_an_interrupted_update_is_finished_by_the_next(
    at: int, plan: ProjectPlan, project: Path, changed: Changed, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / OTHER).write_bytes(b"mine")
    contents = {CODE: b"new", OTHER: b"new", "demo/rag/one.py": b"1", "demo/rag/two.py": b"2"}
    later = changed(plan, contents, drop=("demo/rag/commands.py",))
    written = 0

    def failing(path: Path, content: bytes) -> None:
        nonlocal written
        written += 1
        if written > at:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write_whole(path, content)

    with monkeypatch.context() as patched:
        patched.setattr("advisor.scaffold.update.write_whole", failing)
        with pytest.raises(ScaffoldError, match="No space left") as caught:
            update_project(later, project)
    assert "run the update again" in caught.value.next_step
    assert read_manifest(project) == plan.manifest
    update_project(later, project)
    files = projects.tree(project)
    assert files[OTHER] == b"mine"
    assert files[f"{OTHER}.new"] == b"new"
    assert {path: files[path] for path in contents if path != OTHER} == {
        path: content for path, content in contents.items() if path != OTHER
    }
    assert "demo/rag/commands.py" not in files
    assert read_manifest(project) == later.manifest
    assert fates(later, project) == {}


def forge(project: Path, path: str) -> None:
    manifest = Manifest.load(project / MANIFEST)
    record = FileRecord(path=path, made="copied", sha256="0" * 64)
    manifest.model_copy(update={"files": (*manifest.files, record)}).save(project / MANIFEST)


@pytest.mark.parametrize("path", ["../x", "/etc/hostname", "demo/../../x", "demo/rag/../../../x"])
def test_a_forged_manifest_leads_nowhere(path: str, plan: ProjectPlan, project: Path, changed: Changed) -> None:
    (project.parent / "x").write_text("mine")
    forge(project, path)
    before = projects.tree(project.parent)
    with pytest.raises(DataError, match="leads out of the project"):
        update_project(changed(plan, {CODE: b"new"}), project)
    assert projects.tree(project.parent) == before


def test_a_forged_package_leads_nowhere(plan: ProjectPlan, project: Path, changed: Changed) -> None:
    before = projects.tree(project.parent)
    with pytest.raises(DataError, match="leads out of the project"):
        update_project(changed(plan, {CODE: b"new", "../y/z.py": b"ours"}), project)
    assert projects.tree(project.parent) == before


@pytest.mark.parametrize("link", ["demo/rag", ".advisor"])
def test_a_link_out_of_the_project_is_refused_before_anything_is_written(
    link: str, plan: ProjectPlan, project: Path, changed: Changed
) -> None:
    outside = project.parent / "outside"
    (project / link).rename(outside)
    (project / link).symlink_to(outside)
    before = projects.tree(project.parent)
    with pytest.raises(DataError, match="leads out of the project"):
        update_project(changed(plan, {CODE: b"new", "config.yaml": b"new"}), project)
    assert projects.tree(project.parent) == before


def test_a_link_beside_an_edited_file_is_not_written_through(
    plan: ProjectPlan, project: Path, changed: Changed
) -> None:
    (project.parent / "outside").write_text("mine")
    (project / CODE).write_bytes(b"mine")
    (project / f"{CODE}.new").symlink_to(project.parent / "outside")
    with pytest.raises(DataError, match="leads out of the project, stands where"):
        update_project(changed(plan, {CODE: b"new"}), project)
    assert (project.parent / "outside").read_text() == "mine"


def test_a_folder_that_is_no_project_is_refused(plan: ProjectPlan, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no project of advisor"):
        update_project(plan, tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[]", b'{"schema": "manifest/9"}'])
def test_a_damaged_manifest_is_refused(content: bytes, plan: ProjectPlan, project: Path) -> None:
    (project / MANIFEST).write_bytes(content)
    before = projects.tree(project)
    with pytest.raises(DataError, match=r"manifest\.json: not a manifest of this version"):
        update_project(plan, project)
    assert projects.tree(project) == before


def test_what_the_owner_put_in_the_place_of_a_file_is_the_owners(
    plan: ProjectPlan, project: Path, changed: Changed
) -> None:
    (project / CODE).unlink()
    (project / CODE).symlink_to(project / CODE)
    (project / OTHER).unlink()
    os.mkfifo(project / OTHER)
    assert fates(plan, project) == {}
    later = changed(plan, {CODE: b"new", OTHER: b"new"})
    assert fates(later, project) == {CODE: "edited", OTHER: "edited"}
    assert (project / CODE).is_symlink()
    assert (project / OTHER).is_fifo()


@pytest.mark.parametrize("path", ["", ".", "a\0b"])
def test_a_manifest_with_a_path_that_is_none_is_refused(path: str, project: Path) -> None:
    manifest = Manifest.load(project / MANIFEST)
    record = FileRecord(path=path, made="copied", sha256="0" * 64)
    manifest.model_copy(update={"files": (*manifest.files, record)}).save(project / MANIFEST)
    with pytest.raises(DataError, match="no path of a file"):
        read_manifest(project)


def test_a_package_name_that_is_none_is_refused(project: Path) -> None:
    manifest = Manifest.load(project / MANIFEST)
    manifest.model_copy(update={"package": "a b"}).save(project / MANIFEST)
    with pytest.raises(DataError, match="no package name"):
        read_manifest(project)
