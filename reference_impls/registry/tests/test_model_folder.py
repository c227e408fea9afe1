import json
import platform
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata
from pathlib import Path

import pytest
from filelock import FileLock

from ...project_base.errors import UserError, system_error
from .. import libraries, model_folder
from ..lock import BusyError, only_one
from ..model_folder import MODEL_FILE, open_model, write_model
from .conftest import Make


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def no_leftovers(parent: Path) -> bool:
    return not [path for path in parent.iterdir() if path.name.startswith(".") and path.suffix != ".lock"]


def nothing(_folder: Path) -> None:
    """A model whose `about` is all of it."""


def test_a_model_comes_back_as_it_was_written(make: Make) -> None:
    written = make("first")
    opened = open_model(written.path)
    assert opened == written
    assert opened.about == {"labels": ["a", "ü"], "name": "first"}
    assert set(opened.files) == {"weights.bin", "tokenizer/vocab.txt"}
    assert opened.sizes["weights.bin"] == len("first weights")
    assert opened.made_with["python"].count(".") == 2
    assert no_leftovers(written.path.parent)


def test_the_versions_of_loaded_libraries_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "_LIBRARIES", {"filelock": "filelock", "not_loaded": "pip", "json": "not-installed"})
    kept = write_model(tmp_path / "m", "majority", {}, nothing).made_with
    assert kept == {"python": platform.python_version(), "filelock": metadata.version("filelock")}


def test_a_model_may_have_no_files_at_all(tmp_path: Path) -> None:
    write_model(tmp_path / "a" / "b", "majority", {"label": "x"}, nothing)
    assert open_model(tmp_path / "a" / "b").files == {}


@pytest.mark.parametrize("kind", ["", "Lora", "a b", "../x", "x" * 41, "lora\n"])
def test_a_kind_is_a_plain_name(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ValueError, match="lower-case"):
        write_model(tmp_path / "m", kind, {}, nothing)


@pytest.mark.parametrize("about", [{"x": float("nan")}, {"x": {1, 2}}, {"x": Path("a")}])
def test_what_is_told_is_json(tmp_path: Path, about: dict[str, object]) -> None:
    with pytest.raises((ValueError, TypeError)):
        write_model(tmp_path / "m", "lora", about, nothing)
    assert list(tmp_path.iterdir()) == []


def link(folder: Path) -> None:
    (folder / "weights.bin").symlink_to("/etc/hostname")


def own_model_file(folder: Path) -> None:
    (folder / "Model.json").write_text("{}")


def two_lines(folder: Path) -> None:
    (folder / "a\nb").write_text("")


@pytest.mark.parametrize("write", [link, own_model_file, two_lines])
def test_a_model_writes_plain_files_alone(tmp_path: Path, write: Callable[[Path], None]) -> None:
    with pytest.raises(ValueError, match="the model wrote"):
        write_model(tmp_path / "m", "lora", {}, write)
    assert not (tmp_path / "m").exists()
    assert no_leftovers(tmp_path)


def test_a_failure_while_writing_leaves_nothing(tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "weights.bin").write_text("half")
        raise OSError(28, "No space left on device", str(folder / "weights.bin"))

    with pytest.raises(OSError, match="No space"):
        write_model(tmp_path / "m", "lora", {}, write)
    assert not (tmp_path / "m").exists()
    assert no_leftovers(tmp_path)


def test_a_full_disk_in_the_words_of_rust_is_an_error_of_the_system(tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "weights.safetensors").write_text("half")
        raise RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")

    with pytest.raises(OSError, match="No space left on device") as found:
        write_model(tmp_path / "m", "lora", {}, write)
    assert (found.value.errno, found.value.filename) == (28, str(tmp_path / "m"))
    assert "free some space" in system_error(found.value).next_step
    assert no_leftovers(tmp_path)


def test_what_stands_there_is_replaced_only_when_told_and_only_if_it_is_a_model(tmp_path: Path, make: Make) -> None:
    first = make("m", text="old")
    with pytest.raises(UserError, match="holds a model already"):
        make("m", text="new")
    assert open_model(first.path) == first
    write_model(first.path, "head", {}, nothing, replace=True)
    assert content(first.path).keys() == {MODEL_FILE}
    assert no_leftovers(first.path.parent)
    letters = tmp_path / "letters"
    letters.mkdir()
    (letters / "mother.txt").write_text("dear")
    for target in (letters, letters / "mother.txt"):
        with pytest.raises(UserError, match="is no model, so it is left alone"):
            write_model(target, "head", {}, nothing, replace=True)
    assert content(letters) == {"mother.txt": b"dear"}


def test_a_replacement_that_fails_leaves_the_old_model(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make("m")
    rename = Path.rename

    def full(self: Path, target: Path) -> Path:
        if self.suffix == ".part":
            raise OSError(28, "No space left on device", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(OSError, match="No space"):
        write_model(first.path, "head", {}, nothing, replace=True)
    assert open_model(first.path) == first
    assert no_leftovers(first.path.parent)


def test_a_kill_while_a_model_is_replaced_loses_neither(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make("m")
    program = f"""
import os, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).resolve().parents[3])!r})
from {model_folder.__name__} import write_model
rename = Path.rename
def dying(self, target):
    if self.suffix == ".part":
        os.kill(os.getpid(), 9)
    return rename(self, target)
Path.rename = dying
write_model(Path({str(first.path)!r}), "head", {{}}, lambda folder: None, replace=True)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    with pytest.raises(UserError, match="ended while it replaced") as found:
        open_model(first.path)
    aside = next(path for path in first.path.parent.iterdir() if path.suffix == ".replaced")
    assert str(aside) in found.value.next_step
    assert open_model(aside).files == first.files
    # The next model of that name clears away what was half written, and leaves the old one alone.
    make("m", text="third")
    assert [path.suffix for path in first.path.parent.iterdir() if path.is_dir() and path.name[0] == "."] == [
        ".replaced"
    ]
    write_model(first.path, "head", {}, nothing, replace=True)
    assert no_leftovers(first.path.parent)


def test_two_writers_of_one_folder_follow_one_another(make: Make, tmp_path: Path) -> None:
    started, go_on = threading.Event(), threading.Event()
    failures: list[UserError] = []

    def slowly(folder: Path) -> None:
        started.set()
        go_on.wait(timeout=60)
        (folder / "weights.bin").write_text("slow")

    def second() -> None:
        try:
            write_model(tmp_path / "m", "head", {}, nothing)
        except UserError as error:
            failures.append(error)

    one = threading.Thread(target=write_model, args=(tmp_path / "m", "lora", {}, slowly))
    two = threading.Thread(target=second)
    one.start()
    started.wait(timeout=60)
    two.start()
    two.join(timeout=0.2)
    assert two.is_alive()
    go_on.set()
    one.join(timeout=60)
    two.join(timeout=60)
    assert ["holds a model already" in error.message for error in failures] == [True]
    assert open_model(tmp_path / "m").kind == "lora"


def test_who_waits_for_a_lock_says_so_and_then_gives_up(tmp_path: Path) -> None:
    told: list[str] = []
    with FileLock(tmp_path / "lock"), pytest.raises(BusyError, match=r"still writing m after 0\.1 s") as found:
        in_a_thread(lambda: only_one(tmp_path / "lock", "writing m", 0.1, told.append).__enter__())
    assert told == ["another process is writing m; waiting up to 0.1 s for it"]
    assert "wait until it has ended" in found.value.next_step


def in_a_thread(work: Callable[[], object]) -> None:
    """A lock within one thread would be taken for a mistake of the program."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result(timeout=60)


def change(folder: Path) -> None:
    (folder / "weights.bin").write_text("first weighty")


def shorten(folder: Path) -> None:
    (folder / "weights.bin").write_text("f")


def remove(folder: Path) -> None:
    (folder / "weights.bin").unlink()


def turn_into_a_folder(folder: Path) -> None:
    (folder / "weights.bin").unlink()
    (folder / "weights.bin").mkdir()


def turn_into_a_link(folder: Path) -> None:
    (folder / "weights.bin").rename(folder.parent / "elsewhere")
    (folder / "weights.bin").symlink_to(folder.parent / "elsewhere")


def turn_its_folder_into_a_link(folder: Path) -> None:
    (folder / "tokenizer").rename(folder.parent / "elsewhere")
    (folder / "tokenizer").symlink_to(folder.parent / "elsewhere")


@pytest.mark.parametrize(
    ("damage", "told", "by_size"),
    [
        (change, "weights.bin differs", False),
        (shorten, "weights.bin has 1 bytes and not 13", True),
        (remove, "weights.bin is missing", True),
        (turn_into_a_folder, "weights.bin is no plain file", True),
        (turn_into_a_link, "weights.bin is a link", True),
        (turn_its_folder_into_a_link, "vocab.txt is a link", True),
    ],
)
def test_damage_is_named_with_its_file(make: Make, damage: Callable[[Path], None], told: str, by_size: bool) -> None:
    folder = make("first").path
    damage(folder)
    with pytest.raises(UserError, match=told):
        open_model(folder)
    if by_size:
        with pytest.raises(UserError, match=told):
            open_model(folder, verify="size")
    else:
        open_model(folder, verify="size")
    open_model(folder, verify="none")


def test_files_beside_the_model_are_no_part_of_it(make: Make) -> None:
    first = make("first")
    (first.path / "notes.txt").write_text("mine")
    assert open_model(first.path) == first


def test_what_is_no_model_folder_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    for name, told in (("empty", "holds no model.json"), ("file", "is a file"), ("gone", "there is no folder")):
        with pytest.raises(UserError, match=told):
            open_model(tmp_path / name)


@pytest.mark.parametrize(
    "name",
    [
        "../x",
        "/etc/passwd",
        "a/../../x",
        "..",
        "",
        "a//b",
        "./a",
        "C:\\x",
        "a\\..\\b",
        "c:x",
        "model.json",
        "a\nb",
        "a/",
    ],
)
def test_a_file_outside_of_the_folder_is_refused(make: Make, name: str) -> None:
    folder = make("first").path
    told = json.loads((folder / MODEL_FILE).read_text())
    told["files"][name] = "0" * 64
    told["bytes"][name] = 0
    (folder / MODEL_FILE).write_text(json.dumps(told))
    with pytest.raises(UserError, match="lists the file"):
        open_model(folder, verify="none")


def changed(**values: object) -> Callable[[dict[str, object]], object]:
    return lambda told: {**told, **values}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (changed(format_version=2), "is of format 2, and this version reads up to 1"),
        (changed(format_version="1"), "has no format_version"),
        (changed(format_version=True), "has no format_version"),
        (changed(kind="../x"), "kind is not"),
        (changed(kind=1), "kind is not"),
        (changed(about=[]), "about is not"),
        (changed(files={"weights.bin": 1}), "files is not"),
        (changed(files={"weights.bin": "0" * 64}), "do not list the same"),
        (changed(files={"weights.bin": "x"}, bytes={"weights.bin": 1}), "something else than sha256"),
        (changed(bytes={"weights.bin": "1"}), "bytes is not"),
        (lambda told: [told], "has no format_version"),
        (lambda told: {"format_version": 1}, "lacks about, bytes, files, kind, made_with"),
    ],
)
def test_a_foreign_or_damaged_description_is_told_so(
    make: Make, change: Callable[[dict[str, object]], object], told: str
) -> None:
    file = make("first").path / MODEL_FILE
    file.write_text(json.dumps(change(json.loads(file.read_text()))))
    with pytest.raises(UserError, match=told):
        open_model(file.parent)


@pytest.mark.parametrize("text", ["", "{", "\xff", '{"x": NaN}', "[" * 100_000])
def test_a_description_that_is_no_json_is_told_so(make: Make, text: str) -> None:
    file = make("first").path / MODEL_FILE
    file.write_text(text, encoding="latin-1")
    with pytest.raises(UserError, match="is not JSON"):
        open_model(file.parent)


def test_readers_meet_a_whole_model_or_none(tmp_path: Path) -> None:
    """A reader that looks all the time, while the files are written slowly."""
    seen: list[str] = []
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            try:
                seen.append(open_model(tmp_path / "m").kind)
            except UserError as error:
                seen.append(error.message.split(" ", 3)[2])

    def write(folder: Path) -> None:
        for number in range(20):
            (folder / f"{number}.bin").write_bytes(b"x" * 10_000)

    reader = threading.Thread(target=look)
    reader.start()
    write_model(tmp_path / "m", "lora", {}, write)
    while "lora" not in seen:
        pass
    done.set()
    reader.join()
    assert set(seen) == {"no", "lora"}
