"""Writing whole: old or new, never half, and never in the place of a device, a pipe or a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from advisor.errors import DataError
from advisor.files import digest_of, write_whole
from advisor.report.write import check_report_place


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_what_is_no_plain_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(OSError, match="no plain file"):
            write_whole(tmp_path / name, b"new")
        with pytest.raises(DataError):
            check_report_place(tmp_path / name)
    assert (tmp_path / "pipe").is_fifo()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe"]


def test_a_report_never_takes_the_place_of_another_file(tmp_path: Path) -> None:
    (tmp_path / "answers.yaml").write_text("answers: {}\n")
    with pytest.raises(DataError, match="no report"):
        check_report_place(tmp_path / "answers.yaml")
    (tmp_path / "report.html").write_text("<!DOCTYPE html><p>an older report")
    check_report_place(tmp_path / "report.html")
    with pytest.raises(DataError, match="does not exist"):
        check_report_place(tmp_path / "nowhere" / "report.html")


def test_a_digest_sees_every_change(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    whole = digest_of(tmp_path, ["a", "b"])
    assert digest_of(tmp_path, ["b", "a"]) == whole
    (tmp_path / "a").write_text("3")
    changed = digest_of(tmp_path, ["a", "b"])
    (tmp_path / "a").unlink()
    assert len({whole, changed, digest_of(tmp_path, ["a", "b"])}) == 3
