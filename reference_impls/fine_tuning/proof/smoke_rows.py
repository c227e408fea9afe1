"""Rows of the sample, and of the files that the smoke checks make of them."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ...labelled_data.base import Task

SAMPLES: dict[Task, Path] = {
    "classification": Path(__file__).parents[1] / "sample" / "messages.csv",
    "extraction": Path(__file__).parents[1] / "sample" / "entities.jsonl",
    "generation": Path(__file__).parents[2] / "generators" / "sample" / "instructions.jsonl",
}
_ROWS: dict[Task, int] = {"classification": 120, "extraction": 60, "generation": 80}
_LABELS = 5

Row = dict[str, Any]
"""Of a csv or jsonl file: whatever JSON has."""


def part_of_sample(task: Task) -> list[Row]:
    """Rows of the sample that are enough to learn something; of the messages those of a few intents."""
    rows = rows_of(SAMPLES[task])
    if task == "classification":
        kept = sorted({str(row["intent"]) for row in rows})[:_LABELS]
        rows = [row for row in rows if row["intent"] in kept]
    if task == "generation":
        rows.sort(key=lambda row: len(str(row)))
    return rows[: _ROWS[task]]


def rows_of(file: Path) -> list[Row]:
    """The rows of a csv or jsonl file, in order."""
    with file.open(encoding="utf-8", newline="") as stream:
        if file.suffix == ".csv":
            return [dict(row) for row in csv.DictReader(stream)]
        return [json.loads(line) for line in stream]


def write_rows(file: Path, rows: Sequence[Row]) -> Path:
    """Writes rows as csv or jsonl, as the name says."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        if file.suffix == ".csv":
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        else:
            stream.writelines(_lines(rows))
    return file


def _lines(rows: Iterable[Row]) -> Iterable[str]:
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
