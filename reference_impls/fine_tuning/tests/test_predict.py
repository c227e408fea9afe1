"""The command `predict`, on files and on one text."""

import csv
import json
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ...encoders.base import Context
from ...encoders.gazetteer import gazetteer
from ...labelled_data.base import Example, Span
from ...labelled_data.rungs import Run
from ...project_base.errors import UserError
from ...project_base.rooms import PACKAGE_NAME
from ...registry.model_folder import write_model
from ...registry.registry import Registry
from ..answering.answering_rules import Rules
from ..answering.predict_command import predict as predict_command
from ..held_out.seen import keep_seen
from .asked import add_version
from .hand_made import majority, model_folder
from .projects import config, run, write_csv

ROOT = Path(__file__).parents[3 + PACKAGE_NAME.count(".")]
ROWS = [
    ("1", "an apple, a day", "fruit"),
    ("2", "", "tool"),
    ("3", 'he said "saw"\r\nagain', "tool"),
    ("4", "a pear", "tool"),
    ("5", "a drill", "banana"),
]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    add_version(tmp_path)
    return write_csv(tmp_path / "in.csv", ROWS, ("id", "text", "label"))


def predict(folder: Path, *arguments: object, **changes: Any) -> Result:
    return run(folder, "predict", *map(str, arguments), **changes)


def read(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))


@pytest.mark.parametrize(("form", "delimiter"), [("csv", ","), ("tsv", "\t")])
def test_all_columns_are_kept_and_the_prediction_stands_beside_them(
    tmp_path: Path, source: Path, form: str, delimiter: str
) -> None:
    out = tmp_path / f"out.{form}"
    done = predict(tmp_path, source, "--out", out)
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    with out.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter=delimiter, strict=True))
    assert [(row["id"], row["text"], row["label"]) for row in rows] == ROWS
    assert [row["predicted_label"] for row in rows] == ["fruit", "", "tool", "fruit", "tool"]
    assert [row["error"] for row in rows] == ["", "in.csv:3: the text is empty", "", "", ""]
    assert float(rows[0]["probability"]) == pytest.approx(0.957, abs=0.001)
    assert [row["abstained"] for row in rows] == ["false", "", "false", "false", "false"]
    assert "4 of 5 rows predicted" in done.stderr
    assert "accuracy 0.500" in done.stderr
    assert "1 of these have a label that the model does not know" in done.stderr
    assert sorted(path.name for path in tmp_path.glob("*out*")) == [out.name]


def test_the_format_follows_the_names_unless_it_is_said(tmp_path: Path, source: Path) -> None:
    assert predict(tmp_path, source).stdout.startswith("id,text,label,predicted_label,")
    lines = predict(tmp_path, source, "--format", "jsonl").stdout.splitlines()
    assert json.loads(lines[2]) == {
        "id": "3",
        "text": 'he said "saw"\r\nagain',
        "label": "tool",
        "predicted_label": "tool",
        "probability": pytest.approx(0.948, abs=0.001),
        "abstained": False,
        "error": None,
    }
    out = tmp_path / "out.jsonl"
    assert predict(tmp_path, source, "--out", out).exit_code == 0
    assert out.read_text().splitlines() == lines


def test_what_was_predicted_can_be_predicted_again(tmp_path: Path, source: Path) -> None:
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    assert predict(tmp_path, source, "--out", first).exit_code == 0
    assert predict(tmp_path, first, "--out", second).exit_code == 0
    header = second.read_text().partition("\n")[0].split(",")
    assert len(header) == len(set(header)) == 11
    assert header[-4:] == ["predicted_label_2", "predicted_probability", "predicted_abstained", "predicted_error"]


def test_rows_of_json_lines_may_have_columns_of_their_own(tmp_path: Path) -> None:
    add_version(tmp_path)
    source = tmp_path / "in.jsonl"
    source.write_text(
        '{"text": "a saw", "more": {"deep": [1, null]}}\n'
        "\n"
        '{"text": "a pear\\ud800", "probability": "of rain"}\n'
        '{"message": "no text here"}\n'
        "[]\n"
        '{"text": ["a", "list"]}\n'
    )
    done = predict(tmp_path, source)
    assert done.exit_code == 0, done.output
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["label"] for row in rows] == ["tool", "fruit", None, None, None]
    assert rows[0]["more"] == {"deep": [1, None]}
    assert rows[1]["text"] == "a pear\ud800"
    assert (rows[1]["probability"], rows[1]["predicted_probability"] > 0.5) == ("of rain", True)
    assert [row["error"] for row in rows[2:]] == [
        "in.jsonl:4: the text is empty",
        "in.jsonl:5: no JSON object ({...}); each line must be one",
        "in.jsonl:6: the text is a list or an object, where a text is wanted",
    ]
    as_table = read(predict(tmp_path, source, "--format", "csv").stdout)
    assert list(as_table[0]) == ["text", "more", "probability", "message", "label", *_ADDED]
    assert as_table[0]["more"] == '{"deep": [1, null]}'


_ADDED = ["predicted_probability", "abstained", "error"]


def test_standard_input_is_read_like_a_file(tmp_path: Path) -> None:
    def piped(text: str) -> Result:
        done = CliRunner().invoke(predict_command, ["-", "--config", str(config(tmp_path))], input=text)
        assert isinstance(done.exception, SystemExit | UserError | None), done.exception
        return done

    add_version(tmp_path)
    lines = piped('{"text": "a drill"}\n{"text": "a plum"}\n')
    assert [json.loads(line)["label"] for line in lines.stdout.splitlines()] == ["tool", "fruit"]
    assert read(piped("text;id\na drill;7\n").stdout)[0]["label"] == "tool"
    assert "is empty" in str(piped("").exception)


def test_encodings_and_broken_lines_are_taken_as_the_reader_takes_them(tmp_path: Path) -> None:
    add_version(tmp_path)
    source = tmp_path / "in.csv"
    source.write_bytes("text,id\na drill \u2019,1\n".encode() + "caf\xe9 apple,2\n".encode("latin-1") + b"a,b,c\n")
    refused = read(predict(tmp_path, source).stdout)
    assert [row["label"] for row in refused] == ["tool", "", ""]
    assert "not UTF-8" in refused[1]["error"]
    assert "3 cells, where there are 2 columns" in refused[2]["error"]
    read_otherwise = read(predict(tmp_path, source, labelled_data__encoding="cp1252").stdout)
    assert (read_otherwise[1]["text"], read_otherwise[1]["label"]) == ("caf\xe9 apple", "fruit")
    wide = tmp_path / "wide.csv"
    wide.write_text("text\na saw\n", encoding="utf-16")
    assert read(predict(tmp_path, wide).stdout)[0]["label"] == "tool"


def test_settings_of_the_training_data_do_not_bind_new_texts(tmp_path: Path) -> None:
    add_version(tmp_path)
    source = write_csv(tmp_path / "in.csv", [("a saw", "soon")], ("text", "time"))
    done = predict(
        tmp_path,
        source,
        labelled_data__label="category",
        labelled_data__group="customer",
        labelled_data__time="time",
        labelled_data__split="time",
    )
    assert done.exit_code == 0, done.output
    assert read(done.stdout)[0]["label"] == "tool"
    assert "accuracy" not in done.stderr


def test_rows_that_taught_the_model_are_told_apart(tmp_path: Path) -> None:
    version = add_version(tmp_path)
    keep_seen(tmp_path / "models" / version, [Example("a saw", "tool", "a:1"), Example("a drill", "tool", "a:2")])
    source = write_csv(tmp_path / "in.csv", [("A saw!", "tool"), ("a plum", "tool"), ("a drill", "tool")])
    assert "2 of these taught the model; of the 1 others, 0.000" in predict(tmp_path, source).stderr
    write_csv(source, [("A saw!", "tool")])
    assert "all of these taught the model" in predict(tmp_path, source).stderr


def test_a_model_may_abstain(tmp_path: Path) -> None:
    rules = Rules(model_sha256="", wanted_accuracy=0.9, threshold=0.96, temperature=0.9)
    add_version(tmp_path, rules=rules)
    source = write_csv(tmp_path / "in.csv", [("a saw", "tool"), ("something", "tool")])
    done = predict(tmp_path, source, fine_tuning__abstain_accuracy=0.9)
    assert [row["abstained"] for row in read(done.stdout)] == ["false", "true"]
    assert "abstains from 1 of them (50.0%)" in done.stderr
    assert "of the 1 that it answers, 1.000" in done.stderr
    alone = predict(tmp_path, "--text", "something", fine_tuning__abstain_accuracy=0.9)
    assert "abstains: this label is the likeliest, but it answers from 0.960 on" in alone.stdout


def test_spans_are_added_as_objects_and_judged_where_the_rows_bring_them(tmp_path: Path) -> None:
    wanted = (Span(0, 4, "person"),)
    made = gazetteer(Context())(
        [Example("Anna left", wanted, "a:1"), Example("so did he", (), "a:2")], (), Run(tmp_path)
    )
    folder = write_model(tmp_path / "made", made.kind, {**made.about, "task": "extraction"}, made.write)
    given = json.dumps([{"start": 5, "end": 9, "label": "person"}])
    source = write_csv(tmp_path / "in.csv", [("\U0001f600 by Anna", given), ("  Anna", given[:-1])], ("text", "spans"))
    done = predict(tmp_path, source, "--model", folder.path, fine_tuning__task="extraction")
    assert done.exit_code == 0, done.output
    rows = read(done.stdout)
    assert json.loads(rows[0]["predicted_spans"]) == [{"start": 5, "end": 9, "label": "person", "text": "Anna"}]
    assert json.loads(rows[1]["predicted_spans"])[0]["start"] == 2
    assert "span F1 1.000 on 1 rows" in done.stderr


def test_one_text(tmp_path: Path) -> None:
    add_version(tmp_path)
    assert predict(tmp_path, "--text", "a plum").stdout.splitlines()[0] == "fruit (probability 0.957)"
    (row,) = read(predict(tmp_path, "--text", "a plum", "--format", "csv").stdout)
    assert list(row) == ["text", "label", "probability", "abstained", "error"]
    for text, expected in (("  ", "the text is empty"), ("x" * 50_001, "50,001 characters")):
        refused = predict(tmp_path, "--text", text)
        assert (refused.exit_code, expected in refused.stderr) == (1, True)


def test_ten_megabytes_in_a_row_are_told_and_the_next_row_is_predicted(tmp_path: Path) -> None:
    add_version(tmp_path)
    huge = "saw " * 2_500_000
    source = write_csv(tmp_path / "in.csv", [(huge,), ("a plum",), (huge,)], ("text",))
    out = tmp_path / "out.jsonl"
    done = predict(tmp_path, source, "--out", out)
    assert done.exit_code == 0, done.output[:1000]
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["label"] for row in rows] == [None, "fruit", None]
    assert rows[2]["text"] == huge
    assert "10,000,000 characters, more than labelled_data.largest_text (50,000)" in rows[0]["error"]
    read_whole = predict(tmp_path, source, labelled_data__largest_text=20_000_000)
    csv.field_size_limit(30_000_000)
    assert [row["label"] for row in read(read_whole.stdout)] == ["tool", "fruit", "tool"]


def test_what_cannot_be_predicted_is_told(tmp_path: Path, source: Path) -> None:
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "head.csv").write_text("text,label\n")
    (tmp_path / "lines.jsonl").write_text("\n\n")
    (tmp_path / "other.csv").write_text("category,words\na,b\n")
    (tmp_path / "blank.csv").write_text("text,label\n,a\n,b\n")
    (tmp_path / "no_model").mkdir()
    for arguments, expected in (
        (["missing.csv"], "missing.csv does not exist"),
        ([tmp_path / "empty.csv"], "empty.csv is empty"),
        ([tmp_path / "head.csv"], "head.csv holds no rows"),
        ([tmp_path / "lines.jsonl"], "lines.jsonl holds no rows"),
        ([tmp_path / "other.csv"], "has no column for the text"),
        ([tmp_path / "blank.csv"], "not one row of blank.csv could be used"),
        ([source, "--model", "0007"], "there is no version 0007"),
        ([source, "--model", tmp_path / "no_model"], "is not a model: it holds no model.json"),
        ([source, "--model", source], "in.csv is a file, and a model is a folder"),
        ([source, "--out", source], "is " + str(source) + " itself"),
        ([source, "--out", tmp_path / "no" / "out.csv"], "does not exist"),
        ([source, "--out", "/dev/full"], "/dev/full is no plain file"),
        ([source, "--out", tmp_path], "is no plain file"),
    ):
        refused = predict(tmp_path, *arguments)
        assert refused.exit_code == 1, arguments
        assert expected in refused.stderr, refused.stderr
        assert "next: " in refused.stderr
        assert "Traceback" not in refused.output
    for wrong in ([], [source, "--text", "a"], [source, "--resume"], ["--text", "a", "--out", "b"]):
        assert predict(tmp_path, *wrong).exit_code == 2
    assert not list(tmp_path.glob("*.part*"))


def test_nothing_in_service_is_told(tmp_path: Path) -> None:
    refused = predict(tmp_path, "--text", "a plum")
    assert refused.exit_code == 1
    assert "no version of" in refused.stderr
    Registry(tmp_path / "models")
    assert "promote VERSION" in refused.stderr


def test_a_broken_pipe_is_no_traceback(tmp_path: Path) -> None:
    add_version(tmp_path)
    source = write_csv(tmp_path / "in.csv", [(f"a saw {number}",) for number in range(20_000)], ("text",))
    command = f"{sys.executable} -m {PACKAGE_NAME} fine_tuning predict {source} --config {config(tmp_path)} | head -n 2"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.stdout.splitlines()[0] == "text,label,probability,abstained,error"
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only this device is always full")
def test_a_full_disk_behind_standard_output_is_told(tmp_path: Path, source: Path) -> None:
    command = [
        sys.executable,
        "-m",
        PACKAGE_NAME,
        "fine_tuning",
        "predict",
        str(source),
        "--config",
        str(config(tmp_path)),
    ]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    made = model_folder(tmp_path / "made", majority(("fruit", "tool")))
    out, peaks = tmp_path / "out.csv", []
    for rows in (300, 1500):
        source = write_csv(tmp_path / "in.csv", [("saw " * 5000,)] * rows, ("text",))
        tracemalloc.start()
        done = predict(tmp_path, source, "--out", out, "--model", made.path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert done.exit_code == 0, done.output
        assert out.stat().st_size > source.stat().st_size
    # The file grew from 6 to 30 MB. What is held is what tells the columns, at most 4 MB, and one batch.
    assert peaks[1] < 1.1 * peaks[0]
    assert peaks[1] < 14_000_000
