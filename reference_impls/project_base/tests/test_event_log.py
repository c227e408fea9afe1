import json
from pathlib import Path

import pytest

from ..event_log import add_event, append, opened, read_events


def test_what_was_added_comes_back_to_the_letter(tmp_path: Path) -> None:
    file = tmp_path / "runs" / "said.jsonl"
    texts = ["plain", "für 😀", "half a pair \ud83d and \udc00", 'a "line"\nand\u2028another']
    for text in texts:
        add_event(file, {"schema": "said/1", "text": text})
    assert [event["text"] for event in read_events(file, "said/1")] == texts
    assert len(file.read_text(encoding="utf-8").split("\n")) == len(texts) + 1
    assert list(read_events(file, "other/1")) == []
    assert list(read_events(tmp_path / "none", "said/1")) == []


def test_half_a_line_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "said.jsonl"
    with opened(file) as descriptor:
        append(descriptor, {"schema": "said/1", "number": 1})
        with file.open("ab") as stream:
            stream.write(b'{"schema": "said/1", "num')
        append(descriptor, {"schema": "said/1", "number": 2})
    assert [event["number"] for event in read_events(file, "said/1")] == [1, 2]


def test_what_is_no_json_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        add_event(tmp_path / "said.jsonl", {"score": float("nan")})
    assert not (tmp_path / "said.jsonl").exists()


@pytest.mark.parametrize("line", [b"", b"[1]", b"[" * 100_000, b"\xff\xfe", b'"said/1"', b'{"schema": 1}'])
def test_lines_that_are_no_events_are_passed_over(tmp_path: Path, line: bytes) -> None:
    file = tmp_path / "said.jsonl"
    file.write_bytes(line + b"\n" + json.dumps({"schema": "said/1"}).encode() + b"\n")
    assert list(read_events(file, "said/1")) == [{"schema": "said/1"}]
