import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ..base import Example, Task
from ..check import check_examples
from ..reading import Fault, Read
from ..report import DataReport
from ..report_table import report_table
from ..settings import Settings
from .topics import separated, tagged, unconnected


def check(rows: list[Example], task: Task = "classification", faults: int = 0, **settings: Any) -> DataReport:
    bad = tuple(Fault(f"a.csv:{number}", "the text is empty") for number in range(faults))
    return check_examples(Read(tuple(rows), bad), task, Settings(**settings))


def blocking(report: DataReport) -> list[str]:
    return [finding.name for finding in report.blocking]


def test_sound_data_is_not_refused() -> None:
    report = check(separated(150))
    assert blocking(report) == []
    assert (report.rows, report.usable, report.sides.train) == (150, 150, 106)
    assert report.probe is not None
    assert report.probe.verdict == "learnable"
    assert DataReport.model_validate_json(report.to_json()) == report
    assert json.loads(report.to_json())["schema"] == "data_check/1"


@pytest.mark.parametrize(
    ("rows", "settings", "name"),
    [
        (unconnected(250), {}, "nothing_to_learn"),
        ([replace(row, target="x") for row in separated(60)], {}, "one_label"),
        ([*separated(60), Example("mail me: jane@example.com", "login", "a.csv:99")], {}, "personal_data"),
    ],
)
def test_what_cannot_carry_a_training_is_refused(rows: list[Example], settings: dict[str, Any], name: str) -> None:
    report = check(rows, **settings)
    assert blocking(report) == [name]
    table = report_table(report)
    assert f"training is refused ({name})" in " ".join(table.split())
    assert max(map(len, table.splitlines())) <= 80


def test_rows_that_cannot_be_used_refuse_or_are_skipped() -> None:
    report = check(separated(60), faults=13, probe="off")
    assert blocking(report) == ["bad_rows"]
    assert (report.faulty, len(report.faults)) == (13, 10)
    assert "and 3 more" in report_table(report)
    report = check(separated(60), faults=13, probe="off", bad_rows="skip")
    assert blocking(report) == []
    assert "13 rows cannot be used and are left out (labelled_data.bad_rows: skip)" in report.warnings


def test_what_is_only_warned_of_does_not_refuse() -> None:
    rows = [*unconnected(250), Example("mail me: jane@example.com", "label 0", "a.csv:999")]
    report = check(rows, probe="warn", personal_data="warn")
    assert blocking(report) == []
    told = " ".join(report.warnings)
    assert "no more than shuffled ones would" in told
    assert "1 rows hold personal data" in told


def test_nothing_is_looked_for_that_is_allowed() -> None:
    report = check(separated(60), personal_data="allow", probe="off")
    assert (report.personal_data, report.probe) == (None, None)
    assert "not looked for" in report_table(report)


def test_extraction_without_a_span_is_refused() -> None:
    assert blocking(check([replace(row, target=()) for row in tagged(40)], "extraction", probe="off")) == ["no_spans"]
    report = check(tagged(80), "extraction")
    assert blocking(report) == []
    assert report.balance is not None
    assert [(each.label, each.count) for each in report.balance.labels] == [("order", 80)]


def test_rare_labels_and_imbalance_are_told() -> None:
    rows = separated(300)
    rare = [Example(f"odd {number} {'q' * number}", "odd", f"b:{number}") for number in range(4)]
    told = " ".join(check([*rows, *rare], probe="off").warnings)
    assert "the label 'odd' is in fewer than 10 examples" in told
    assert "25 times as common as 'odd'" in told


def test_leaks_between_the_files_are_told_and_left_out() -> None:
    rows, test = separated(90), separated(30, seed=5)
    test[4] = replace(test[4], text=rows[11].text)
    report = check_examples(Read(tuple(rows)), "classification", Settings(probe="off"), Read(tuple(test)))
    assert (report.leaking, report.sides.left_out, report.sides.test, report.test_rows) == (1, 1, 30, 30)
    assert any(note.startswith("1 training rows are left out, being nearly the same as") for note in report.warnings)


def test_texts_that_the_model_would_cut_are_counted() -> None:
    rows = [*separated(95), *(Example(f"{'long ' * (90 + number)}", "login", f"b:{number}") for number in range(5))]
    report = check_examples(
        Read(tuple(rows)),
        "classification",
        Settings(probe="off"),
        count_tokens=lambda texts: [len(text.split()) for text in texts],
        limit=64,
    )
    assert (report.lengths.unit, report.lengths.cut, report.lengths.limit) == ("tokens", 5, 64)
    assert any("5 texts are longer than the 64 tokens" in note for note in report.warnings)


def test_terminals_of_any_width_show_what_was_found(tmp_path: Path) -> None:
    rows = separated(120)
    rows += [replace(rows[0], target="shipping", place="b.csv:1")]
    table = report_table(check(rows))
    assert "The same text, or nearly, with different targets:" in table
    assert "a.csv:2 and b.csv:1" in table
    assert max(map(len, table.splitlines())) <= 80
