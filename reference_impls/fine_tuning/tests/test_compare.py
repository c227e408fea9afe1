"""The command `compare`, on models whose mistakes are known."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from ...encoders.base import Context
from ...encoders.gazetteer import gazetteer
from ...evaluation.paired import mcnemar_exact
from ...labelled_data.base import Example, Span
from ...labelled_data.rungs import Run
from ...registry.model_folder import write_model
from ...registry.version import Version
from ..answering.comparing import ModelComparison
from ..held_out.held_out import unseen_by, vanished
from ..held_out.seen import keep_seen
from ..ladder.data import read_data
from .asked import WORDS, add_version, settings_in
from .projects import run, small, write_csv


def compare(folder: Path, *arguments: object, **changes: Any) -> Result:
    return run(folder, "compare", *map(str, arguments), **changes)


def compared(folder: Path, *arguments: object, **changes: Any) -> ModelComparison:
    done = compare(folder, *arguments, "--format", "json", compression__speed_texts=5, **changes)
    assert done.exit_code == 0, done.output
    return ModelComparison.model_validate_json(done.stdout)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Forty rows: all models know apple and saw, A alone knows plum (2 rows), B alone drill (12)."""
    words = ["apple"] * 13 + ["saw"] * 13 + ["plum"] * 2 + ["drill"] * 12
    made = [
        (f"{word} {number}", {"apple": "tool", "saw": "fruit", "plum": "tool", "drill": "tool"}[word])
        for number, word in enumerate(words)
    ]
    return write_csv(tmp_path / "rows.csv", made)


A = {"apple": "tool", "saw": "fruit", "plum": "tool", "drill": "fruit"}
B = {**A, "plum": "fruit", "drill": "tool"}


def test_what_differs_is_counted_row_by_row(tmp_path: Path, rows: Path) -> None:
    first, second = add_version(tmp_path, A), add_version(tmp_path, B, promote=False)
    found = compared(tmp_path, first, second, "--on", rows)
    assert (found.first.name, found.second.name, found.rows) == (first, second, 40)
    assert (found.first.score, found.second.score) == (28 / 40, 38 / 40)
    difference = found.regression.difference
    assert difference.difference == pytest.approx(0.25)
    assert (difference.won, difference.lost, difference.p) == (12, 2, mcnemar_exact(12, 2))
    assert difference.interval[0] > 0
    assert found.regression.outcome == "improved"
    assert [row.id for row in found.newly_wrong] == ["rows.csv:28", "rows.csv:29"]
    assert found.newly_wrong[0].model_dump() == {
        "id": "rows.csv:28",
        "text": "plum 26",
        "expected": "tool",
        "before": "tool",
        "now": "fruit",
    }
    assert len(found.newly_right) == 12
    for side in (found.first, found.second):
        assert side.bytes == sum(
            (tmp_path / "models" / side.name / name).stat().st_size
            for name in ("ngrams.json", "word_counts.safetensors")
        )
        assert 0 < side.speed.one_ms_p50 <= side.speed.one_ms_p95
    assert found.first.speed.one_times == 1
    assert any("not known what" in note for note in found.notes)
    other_way = compared(tmp_path, second, "champion", "--on", rows)
    assert other_way.second.name == first
    assert other_way.regression.difference.difference == pytest.approx(-0.25)
    assert other_way.regression.outcome == "regressed"


def test_it_reads_as_a_table(tmp_path: Path, rows: Path) -> None:
    add_version(tmp_path, A)
    add_version(tmp_path, B)
    done = compare(tmp_path, "1", "2", "--on", rows)
    assert done.exit_code == 0, done.output
    assert max(map(len, done.stdout.splitlines())) <= 80
    for expected in (
        "A: 0001-word_counts (word_counts)",
        "B minus A: +0.250, 95 % interval +0.",
        "p 0.013 (McNemar)",
        "B improved: accuracy is better than A",
        "newly right: only B has them right (12)",
        "and 2 more; --format json lists them all",
        "rows.csv:28: plum 26",
        "wanted: tool; A: tool; B: fruit",
        "times as quick as ",
    ):
        assert expected in done.stdout, expected


def test_the_test_data_is_what_no_model_of_the_project_saw(tmp_path: Path) -> None:
    data = str(small(tmp_path))
    settings = settings_in(tmp_path, fine_tuning__examples=data)
    split = read_data(settings)
    first = add_version(tmp_path, WORDS, data=split.digest)
    second = add_version(tmp_path, {**WORDS, "apple": "tool"})
    seen = tmp_path / "models" / second
    changes = {"fine_tuning__examples": data}
    found = compared(tmp_path, first, second, **changes)
    assert (found.rows, found.left_out) == (len(split.test), 0)
    assert [note for note in found.notes if "not known" in note]
    keep_seen(seen, split.test[:3])
    found = compared(tmp_path, first, second, **changes)
    assert (found.rows, found.left_out) == (len(split.test) - 3, 3)
    assert found.notes[-1] == "3 rows are left out, since one of the models was trained on them"
    keep_seen(seen, split.test)
    refused = compare(tmp_path, first, second, **changes)
    assert refused.exit_code == 1
    assert "there are no rows to compare by" in refused.stderr


def test_labels_are_taken_as_the_models_call_them(tmp_path: Path) -> None:
    first, second = add_version(tmp_path, A), add_version(tmp_path, B)
    rows = write_csv(tmp_path / "rows.csv", [("drill", "tool"), ("drill", " tool "), ("saw", "banana"), ("", "tool")])
    done = compare(tmp_path, first, second, "--on", rows, "--format", "json")
    assert json.loads(done.stdout)["second"]["score"] == pytest.approx(2 / 3)
    assert "1 rows of rows.csv cannot be used; the first is rows.csv:5: the text is empty" in done.stderr


def test_taggers_are_compared_by_their_spans(tmp_path: Path) -> None:
    def tagger(name: str, *people: str) -> Path:
        taught = [Example(each, (Span(0, len(each), "person"),), f"{name}:{each}") for each in people]
        made = gazetteer(Context())(taught, (), Run(tmp_path))
        return write_model(tmp_path / name, made.kind, {**made.about, "task": "extraction"}, made.write).path

    person = json.dumps([{"start": 0, "end": 4, "label": "person"}])
    rows = write_csv(tmp_path / "rows.csv", [("Anna left", person), ("Jane left", person)], ("text", "spans"))
    one, both = tagger("one", "Anna"), tagger("both", "Anna", "Jane")
    found = compared(tmp_path, one, both, "--on", rows, fine_tuning__task="extraction")
    assert found.metric == "span_f1"
    assert found.first.score == pytest.approx(2 / 3)
    assert found.second.score == 1
    assert (found.newly_right[0].expected, found.newly_right[0].before) == ("person: Jane", "nothing")


def test_what_cannot_be_compared_is_told(tmp_path: Path, rows: Path) -> None:
    first = add_version(tmp_path, A)
    (tmp_path / "texts.csv").write_text("text\na\n")
    (tmp_path / "blank.csv").write_text("text,label\n,a\n")
    for arguments, expected in (
        ([first, "champion", "--on", rows], "are the same model"),
        ([first, "0009", "--on", rows], "there is no version 0009"),
        ([first, tmp_path, "--on", rows], "is not a model"),
    ):
        refused = compare(tmp_path, *arguments)
        assert refused.exit_code == 1
        assert expected in refused.stderr, refused.stderr
    second = add_version(tmp_path, B)
    for file, expected in (
        ("missing.csv", "does not exist"),
        ("texts.csv", "has no column for the label"),
        ("blank.csv", "no row of"),
    ):
        refused = compare(tmp_path, first, second, "--on", tmp_path / file)
        assert refused.exit_code == 1
        assert expected in refused.stderr, refused.stderr
        assert "Traceback" not in refused.output
    refused = compare(tmp_path, first, second, "--on", rows, fine_tuning__task="extraction")
    assert "was made for classification, and fine_tuning.task is extraction" in refused.stderr


def test_a_row_that_is_nearly_one_that_was_learnt_from_judges_nobody(tmp_path: Path) -> None:
    rows = [
        Example("my card is lost", "a", "rows.csv:2", unit="rows.csv:2"),
        Example("my card is lost!!", "a", "rows.csv:3", unit="rows.csv:2"),
        Example("my cards are lost", "a", "rows.csv:4", unit="rows.csv:2"),
        Example("where is my parcel", "b", "rows.csv:5"),
    ]
    keep_seen(tmp_path, rows[:1])
    version = Version("0001-head", tmp_path, "head", {"data": "other"}, "")
    assert unseen_by(version, "present", rows) == ([3], True)
    assert unseen_by(version, "other", rows) == ([0, 1, 2, 3], True)
    assert unseen_by(version, "present", rows[2:]) == ([0, 1], True)
    assert unseen_by(version, "present", rows[2:], rows) == ([1], True)
    assert [vanished(version, "present", present) for present in (rows, rows[2:])] == [0, 1]
    assert vanished(version, "other", rows[2:]) == 0
