from pathlib import Path

import pytest
from pydantic import Field

from ..config import load_settings, parse_document
from ..errors import UserError
from ..settings import ProjectPath, RoomSettings


class Section(RoomSettings):
    count: int = Field(default=1, ge=0, le=9, description="how many")
    share: float = 0.5
    folder: ProjectPath = "data"


class Example(RoomSettings):
    section: Section = Field(default=Section())


def write(folder: Path, text: str | bytes) -> Path:
    file = folder / "config.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_paths_count_from_the_folder_of_the_file(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, "section: {count: 2, folder: docs}\n"), Example)
    assert settings.section.count == 2
    assert settings.section.folder == str(tmp_path / "docs")


def test_default_paths_count_from_there_too(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, "section: {count: 2}\n"), Example)
    assert settings.section.folder == str(tmp_path / "data")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "empty"),
        ("- a\n- b\n", "not a mapping"),
        ("section: [\n", "not YAML"),
        ("section:\n  count: 1\n  count: 2\n", "config.yaml:3: section.count is written twice (first on line 2)"),
        ("section:\n  cuont: 1\n", "did you mean count?"),
        ("section:\n  count: yes\n", "config.yaml:2: section.count"),
        ("section:\n  count: 12\n", "less than or equal to 9, got 12 (how many)"),
        ("section:\n  share: .nan\n", "section.share"),
        ("section:\n  count: !!python/name:os.system\n", "tag"),
        ("section: &a {count: 1}\n", "anchors"),
        ('section:\n  folder: "a\\0b"\n', "config.yaml:2: a control character"),
        ("section: 3\n", "config.yaml:1: section"),
        ("a: {b: {c: {d: {e: {f: {g: {h: {i: 1}}}}}}}}\n", "deeper"),
        (b"\xff\xfe\x00bad", "not UTF-8"),
        ("# " + "x" * 1_000_001, "larger than"),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path: Path, text: str | bytes, expected: str) -> None:
    with pytest.raises(UserError) as caught:
        load_settings(write(tmp_path, text), Example)
    assert expected in caught.value.message
    assert caught.value.next_step


def test_all_problems_are_gathered(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load_settings(write(tmp_path, "section:\n  count: 12\n  shaer: 1\nother: 1\n"), Example)
    assert [f"config.yaml:{line}:" in caught.value.message for line in (2, 3, 4)] == [True, True, True]


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load_settings(tmp_path / "config.yaml", Example)
    assert "--config" in caught.value.next_step


class Entry(RoomSettings):
    count: int = Field(description="how many")
    text: str = ""
    inner: Section | None = None


class Document(RoomSettings):
    entries: dict[str, Entry] = Field(default={})
    listed: tuple[Entry, ...] = ()


def test_a_document_may_have_texts_of_several_lines_and_nothing_else_is_laxer(tmp_path: Path) -> None:
    file = tmp_path / "entries.yaml"
    found = parse_document("entries:\n  a:\n    count: 1\n    text: |\n      b\n      c\n", file, Document)
    assert found.entries["a"].text == "b\nc"
    inner = parse_document("entries: {a: {count: 1, inner: {folder: d}}}", file, Document).entries["a"].inner
    assert inner is not None
    assert inner.folder == str(tmp_path / "d")
    for text in ("entries: &a {}\n", "entries: {}\nentries: {}\n", 'entries: {a: {count: 1, text: "\\e[2J"}}\n'):
        with pytest.raises(UserError):
            parse_document(text, file, Document)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("entries:\n  a: {}\n", "entries.yaml:2: entries.a.count is missing (how many)"),
        ("entries:\n  a:\n    conut: 1\n", "entries.yaml:3: unknown key entries.a.conut; did you mean count?"),
        ("listed:\n  - count: x\n", "entries.yaml:2: listed.0.count"),
        ("entries:\n  a:\n    inner: {shaer: 1}\n", "did you mean share?"),
    ],
)
def test_mistakes_inside_mappings_and_lists_are_explained_too(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(UserError) as caught:
        parse_document(text, tmp_path / "entries.yaml", Document)
    assert expected in caught.value.message
