"""YAML as we accept it: texts stay texts, and every surprise is refused with its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.strict_yaml import StrictYamlError, load_text


def test_words_that_other_readers_turn_into_something_else_stay_as_written() -> None:
    loaded = load_text("a: no\nb: yes\nc: on\nd: 50_199\ne: 1:30\nf: 012\n", "x")
    assert loaded.data == {"a": "no", "b": "yes", "c": "on", "d": "50_199", "e": "1:30", "f": "012"}


def test_numbers_and_truth_values_are_what_they_look_like() -> None:
    loaded = load_text("a: 350\nb: 0.5\nc: true\nd:\ne: '350'\nf: -1e3\n", "x")
    assert loaded.data == {"a": 350, "b": 0.5, "c": True, "d": None, "e": "350", "f": -1000.0}
    assert loaded.written(("a",)) == "350"


def test_every_part_knows_its_line() -> None:
    loaded = load_text("a:\n  - b: 1\n  - c: 2\n", "file.yaml")
    assert loaded.where(("a", 1, "c")) == "file.yaml:3"
    assert loaded.where(("a", 1, "nowhere")) == "file.yaml:3"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", "x:3: 'a' stands twice"),
        ("a: !!python/object:os.system ls\n", "x:1: the tag"),
        ("a: !secret b\n", "x:1: the tag"),
        ("a: &one [1]\nb: *one\n", "x:1: an alias"),
        ("a: [1\n", "not YAML"),
        ("a: 1\n---\nb: 2\n", "not YAML"),
        ("? [a, b]\n: 1\n", "a key must be one word"),
        (b"\xff\xfe\x00\x01", "not UTF-8"),
        (b"a: \x00\n", "binary"),
        (b"x" * 3_000_000, "larger than"),
        ("a: " + "[" * 100_000, "x:1: nested more than 50 deep"),
        ("a: " + "[" * 900 + "]" * 900, "x:1: nested more than 50 deep"),
        ("- " * 5_000 + "a", "x:1: nested more than 50 deep"),
    ],
)
def test_surprises_are_refused(text: str | bytes, words: str) -> None:
    with pytest.raises(StrictYamlError, match="x") as caught:
        load_text(text, "x")
    assert words in str(caught.value)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_data_or_in_a_refusal(raw: bytes) -> None:
    problems: list[str] = []
    try:
        load_text(raw, "x")
    except StrictYamlError as refusal:
        problems = refusal.problems
    assert all(problem.startswith("x") for problem in problems)
