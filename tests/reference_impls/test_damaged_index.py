"""A file of an index that is not as it was written: refused with a next step that helps, never a wrong answer."""

import ctypes
import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from reference_impls.project_base.errors import UserError
from reference_impls.rag.indexing import update_index
from reference_impls.rag.pipeline import Pipeline
from reference_impls.retrieval.access import NOBODY, Reader
from reference_impls.retrieval.manifest import read_manifest

from .update_worker import project
from .word_vectors import WordVectors

QUESTION = "How much does the bridge sensor cost?"
PAPERS = {
    "a.md": "# A\n\nThe bridge sensor costs forty euros.\n",
    "b.md": "# B\n\nThe alarm of the battery manual.\n",
    "c.md": "# C\n\nFor engineers the bridge sensor costs thirty euros.\n",
}
ONLY_FOR_UPDATES = {"files.jsonl", "keys.npy", "signatures.npy", "signed.npy"}


def make(folder: Path, papers: dict[str, str]) -> Path:
    (folder / "docs").mkdir(parents=True)
    for name, text in papers.items():
        (folder / "docs" / name).write_text(text)
    (folder / "docs" / "_metadata.yaml").write_text('"c.md": {readers: [anna]}\n')
    update_index(project(folder), WordVectors())
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make(tmp_path_factory.mktemp("whole"), PAPERS)
    assert ["forty" in str(each["text"]) for each in answers(folder)] == [True, True, True]
    assert ["thirty" in str(each["text"]) for each in answers(folder)] == [True, False, True]
    return folder


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    papers = {name: text.replace("forty", "fifty").replace("alarm", "north") for name, text in PAPERS.items()}
    return make(tmp_path_factory.mktemp("other"), papers)


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


def answers(folder: Path) -> list[dict[str, object]]:
    pipeline = Pipeline(project(folder), WordVectors())
    timeless = {"retrieval_ms", "total_ms"}
    return [
        pipeline.ask(QUESTION, reader).model_dump(exclude=timeless)
        for reader in (None, NOBODY, Reader(frozenset({"anna"})))
    ]


def truncate(file: Path, twin: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def flip(file: Path, twin: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) * 2 // 3] ^= 1
    file.write_bytes(content)


def empty(file: Path, twin: Path) -> None:
    file.write_bytes(b"")


def exchange(file: Path, twin: Path) -> None:
    content = twin.read_bytes()
    # Some files of the two indexes are the same; a foreign one must be another.
    file.write_bytes(content if content != file.read_bytes() else content + b"\n")


def remove(file: Path, twin: Path) -> None:
    file.unlink()


def make_folder(file: Path, twin: Path) -> None:
    file.unlink()
    file.mkdir()


def forbid(file: Path, twin: Path) -> None:
    file.chmod(0)


@pytest.fixture(autouse=True)
def owner_like_any_other() -> Iterator[None]:
    """Takes from root the rights to read and write past the modes of files, for this thread and during the test."""
    if os.geteuid() != 0:
        yield
        return
    version, two_words = 0x20080522, 2
    header = (ctypes.c_uint32 * 2)(version, 0)
    rights = (ctypes.c_uint32 * (3 * two_words))()
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.capget(header, rights) == 0, os.strerror(ctypes.get_errno())
    effective = rights[0]
    rights[0] = effective & ~(1 << 1 | 1 << 2)  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of capabilities(7)
    assert libc.capset(header, rights) == 0, os.strerror(ctypes.get_errno())
    yield
    rights[0] = effective
    assert libc.capset(header, rights) == 0, os.strerror(ctypes.get_errno())


DAMAGES = [truncate, flip, empty, exchange, remove, make_folder, forbid]


def files_of(folder: Path) -> list[Path]:
    return sorted(file for file in (folder / "index").rglob("*") if file.is_file() and file.name != ".lock")


def follow(folder: Path, next_step: str) -> None:
    """Does what a message says."""
    if next_step.startswith("remove it"):
        shutil.rmtree(folder / "index" / "manifest.json")
    update_index(project(folder), WordVectors(), rebuild="--rebuild" in next_step)


@pytest.mark.parametrize("damage", DAMAGES)
def test_every_file_of_an_index_is_missed_when_it_is_damaged(
    whole: Path, other: Path, tmp_path: Path, damage: Callable[[Path, Path], None]
) -> None:
    right = answers(whole)
    twins = files_of(other)
    for number, file in enumerate(files_of(whole)):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        name = file.relative_to(whole)
        twin = next(each for each in twins if each.name == file.name)
        damage(folder / name, twin)
        if file.name in ONLY_FOR_UPDATES:
            assert answers(folder) == right, name
            with pytest.raises(UserError) as caught:
                update_index(project(folder), WordVectors())
        else:
            with pytest.raises(UserError) as caught:
                answers(folder)
        assert " index" in caught.value.next_step, name
        follow(folder, caught.value.next_step)
        assert answers(folder) == right, f"{name}: the next step did not help"
        assert len(list((folder / "index").iterdir())) == 3


def test_a_flipped_bit_in_the_manifest_is_seen(folder: Path) -> None:
    file = folder / "index" / "manifest.json"
    content = file.read_bytes()
    # Every third place keeps this quick, and meets keys, names, numbers, quotes and spaces alike.
    for place in range(0, len(content), 3):
        file.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(UserError, match=r"manifest\.json is damaged"):
            read_manifest(folder / "index")


HOSTILE = [
    {"generation": "../../../etc"},
    {"generation": "generation-" + "0" * 32},
    {"generation": 7},
    {"files": {"../../secret": "0" * 64}},
    {"files": {}},
    {"files": []},
    {"chunks": 10**30},
    {"chunks": -1},
    {"dimension": "eleven"},
    {"documents": [{"path": "a.md"}]},
    {"store": "pickle"},
    {"stop_words": "klingon"},
    {"checksum": ""},
    {"checksum": "0" * 64},
    {"format_version": 1},
    {"format_version": 4},
    {"format_version": 10**400},
    {"unknown": True},
]


@pytest.mark.parametrize("values", HOSTILE, ids=[json.dumps(each)[:40] for each in HOSTILE])
def test_a_manifest_of_other_values_is_refused_and_can_be_replaced(folder: Path, values: dict[str, object]) -> None:
    right = answers(folder)
    file = folder / "index" / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values, indent=2))
    with pytest.raises(UserError, match=r"manifest\.json is damaged") as caught:
        answers(folder)
    follow(folder, caught.value.next_step)
    assert answers(folder) == right


@pytest.mark.parametrize("content", ["", "null", "[]", "[" * 100_000, '{"a": 1' + "0" * 5000 + "}", "\ud800", "{}"])
def test_what_is_no_manifest_is_refused(folder: Path, content: str) -> None:
    (folder / "index" / "manifest.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    with pytest.raises(UserError, match=r"manifest\.json is damaged") as caught:
        answers(folder)
    assert "index --rebuild" in caught.value.next_step


def test_a_missing_or_replaced_generation_is_rebuilt(folder: Path) -> None:
    right = answers(folder)
    for make_file in (False, True):
        generation = next((folder / "index").glob("generation-*"))
        shutil.rmtree(generation)
        if make_file:
            generation.write_text("not a folder")
        with pytest.raises(UserError, match="missing or damaged") as caught:
            answers(folder)
        follow(folder, caught.value.next_step)
        assert answers(folder) == right
        assert len(list((folder / "index").iterdir())) == 3


def test_a_folder_with_a_foreign_manifest_alone_is_left_alone(folder: Path) -> None:
    shutil.rmtree(next((folder / "index").glob("generation-*")))
    (folder / "index" / "manifest.json").write_text('{"name": "a web application"}')
    with pytest.raises(UserError, match=r"manifest\.json is damaged") as caught:
        answers(folder)
    assert "a new or an empty folder" in caught.value.next_step
    for rebuild in (False, True):
        with pytest.raises(UserError):
            update_index(project(folder), WordVectors(), rebuild=rebuild)
    assert "web application" in (folder / "index" / "manifest.json").read_text()


def test_a_folder_of_the_user_that_only_sounds_like_a_generation_stays(tmp_path: Path) -> None:
    mine = tmp_path / "index" / "generation-notes"
    mine.mkdir(parents=True)
    (mine / "thesis.txt").write_text("years of work")
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text(PAPERS["a.md"])
    for rebuild in (False, True):
        with pytest.raises(UserError, match="left alone"):
            update_index(project(tmp_path), WordVectors(), rebuild=rebuild)
    assert (mine / "thesis.txt").read_text() == "years of work"
