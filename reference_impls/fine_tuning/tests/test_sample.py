import csv
import json
from collections import Counter

from ...labelled_data.near_duplicates import find_groups
from ...labelled_data.reading import read_examples
from ...labelled_data.settings import Settings as DataSettings
from .projects import SAMPLE

NEAR_DUPLICATES = {
    (19, 37), (22, 52), (23, 143), (47, 120), (59, 283), (99, 322), (109, 189), (116, 145), (140, 182), (169, 326),
    (206, 261), (219, 288),
}  # fmt: skip
"""Lines of messages.csv that repeat an earlier one with a few words changed; they were planted."""

NOISE = {
    13: "calibration", 26: "delivery", 57: "login", 102: "alarm_settings", 132: "return", 156: "cancellation",
    171: "battery", 189: "bridge_setup", 203: "battery", 211: "export", 284: "bridge_setup", 296: "invoice",
    300: "cancellation", 316: "calibration",
}  # fmt: skip
"""Lines of messages.csv that were given a wrong intent on purpose, with the right one: 14 of 328."""


def test_the_sample_inbox_is_what_it_is_meant_to_be() -> None:
    read = read_examples(SAMPLE / "messages.csv", "classification", DataSettings())
    assert not read.faults
    assert len(read.examples) == 328
    counts = Counter(example.target for example in read.examples)
    assert len(counts) == 11
    assert min(counts.values()) >= 25
    dates = [example.when for example in read.examples]
    assert dates == sorted(dates)


def test_the_planted_near_duplicates_are_the_only_ones() -> None:
    read = read_examples(SAMPLE / "messages.csv", "classification", DataSettings())
    groups = find_groups([example.text for example in read.examples], DataSettings().near_duplicate)
    lines: dict[int, list[int]] = {}
    for place, group in enumerate(groups.group):
        lines.setdefault(int(group), []).append(place + 2)
    assert {tuple(each) for each in lines.values() if len(each) > 1} == NEAR_DUPLICATES


def test_the_planted_noise_is_four_percent() -> None:
    with (SAMPLE / "messages.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    intents = {row["intent"] for row in rows}
    for line, right in NOISE.items():
        assert rows[line - 2]["intent"] in intents - {right}
        assert right in intents
    assert 0.03 < len(NOISE) / len(rows) < 0.05
    # One of them contradicts the message that it repeats.
    assert rows[189 - 2]["intent"] != rows[109 - 2]["intent"]


def test_the_sample_of_entities_covers_what_it_says() -> None:
    read = read_examples(SAMPLE / "entities.jsonl", "extraction", DataSettings())
    assert not read.faults
    assert len(read.examples) >= 150
    labels = Counter(span.label for example in read.examples for span in example.target if not isinstance(span, str))
    assert set(labels) == {"product", "order_number", "date", "amount"}
    assert min(labels.values()) >= 60
    rows = [json.loads(line) for line in (SAMPLE / "entities.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len({row["text"] for row in rows}) == len(rows)
    assert sum(not row["spans"] for row in rows) >= 5
