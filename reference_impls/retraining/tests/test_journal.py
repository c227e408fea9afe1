"""Metrics are lines of JSON that are added, one at a time, whatever happened before."""

import json
import multiprocessing
import resource
from pathlib import Path

import pytest

from ...project_base.errors import UserError
from ..operation.journal import add_event, last_events, read_events


def test_events_come_back_in_order_and_the_last_of_each_name(tmp_path: Path) -> None:
    file = tmp_path / "runs" / "metrics.jsonl"
    add_event(file, "monitor", {"rows": 10, "verdict": "none"})
    add_event(file, "retrain", {"decision": "not due"})
    add_event(file, "monitor", {"rows": 20, "verdict": "drift", "where": 'a "column"\nü'})
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["event"] for line in lines] == ["monitor", "retrain", "monitor"]
    assert {line["schema"] for line in lines} == {"metrics/1"}
    assert list(read_events(file)) == lines
    assert last_events(file) == {"monitor": lines[2], "retrain": lines[1]}
    assert last_events(tmp_path / "none") == {}
    assert list(read_events(tmp_path / "none")) == []


def test_half_a_line_of_a_killed_process_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    add_event(file, "train", {"rows": 1})
    with file.open("ab") as stream:
        stream.write(b'{"schema": "metrics/1", "event": "mon')
    add_event(file, "monitor", {"rows": 2})
    assert [event["event"] for event in read_events(file)] == ["train", "monitor"]
    with file.open("ab") as stream:
        stream.write(b'[1, 2]\n"text"\n\xff\xfe\n{"schema": "other"}\n')
    assert len(list(read_events(file))) == 2


def test_what_is_no_json_and_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        add_event(tmp_path / "metrics.jsonl", "train", {"score": float("nan")})
    assert not (tmp_path / "metrics.jsonl").exists()
    with pytest.raises(UserError, match="no plain file"):
        add_event(tmp_path, "train", {})


def _write(file: Path, name: str) -> None:
    for number in range(40):
        add_event(file, name, {"number": number, "text": name * 300})


def test_lines_of_two_processes_do_not_mix(tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(file, name)) for name in ("one", "two")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    found = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(found) == 80
    assert [event["number"] for event in found if event["event"] == "one"] == list(range(40))


def _short_of_space(file: Path) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))
    try:
        for number in range(10):
            add_event(file, "monitor", {"number": number, "text": "x" * 40})
    except OSError:
        return
    raise AssertionError("the disk was not full")


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    file = tmp_path / "metrics.jsonl"
    writer = multiprocessing.get_context("spawn").Process(target=_short_of_space, args=(file,))
    writer.start()
    writer.join(60)
    assert writer.exitcode == 0
    before = list(read_events(file))
    assert before
    add_event(file, "retrain", {})
    assert list(read_events(file))[:-1] == before
    assert last_events(file)["retrain"]
