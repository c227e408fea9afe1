"""The sample is what its generator writes, and drifts as the generator says."""

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path

from ..proof.invented_requests import CHANGE_DAY, COLUMNS, Request, make_requests, sample_csv

SAMPLE = Path(__file__).parents[1] / "sample" / "requests.csv"


def shares(rows: list[Request], word: str) -> dict[str, float]:
    """Shares of the outcomes of requests whose message holds a word."""
    found = Counter(row.outcome for row in rows if word in row.message and row.outcome)
    return {outcome: count / found.total() for outcome, count in found.items()}


def test_the_file_is_what_the_generator_writes() -> None:
    assert SAMPLE.read_bytes().decode("utf-8") == sample_csv()


def test_it_has_what_real_files_have() -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 2_600
    for column in ("tags_on_site", "battery_volts", "message", "outcome", "confirmed"):
        missing = sum(not row[column] for row in rows)
        assert 0 < missing < len(rows) / 5, column
    received = [datetime.strptime(row["received"], "%Y-%m-%d %H:%M") for row in rows]
    assert received != sorted(received), "some rows are filed late"
    delays = [
        datetime.strptime(row["confirmed"], "%Y-%m-%d %H:%M") - moment
        for row, moment in zip(rows, received, strict=True)
        if row["confirmed"]
    ]
    assert 1 <= min(delays).days < 2
    assert 14 < max(delays).days <= 21
    last = max(received)
    waiting = [row for row, moment in zip(rows, received, strict=True) if (last - moment).days < 3]
    assert sum(not row["outcome"] for row in waiting) > len(waiting) / 2, "the newest rows have no label yet"
    assert len({row["message"] for row in rows}) > 1_500
    assert Counter(row["device"] for row in rows if row["received"] < f"{CHANGE_DAY:%Y-%m-%d}")["Bridge B2"] == 0


def test_what_follows_from_a_message_changes_on_one_day() -> None:
    rows = make_requests()
    day = f"{CHANGE_DAY:%Y-%m-%d}"
    before = [row for row in rows if row.received < day]
    after = [row for row in rows if row.received >= day]
    assert 0.4 < len(before) / len(rows) < 0.6
    assert shares(before, "calibration")["visit"] > 0.8
    assert shares(after, "calibration")["parts"] > 0.8
    assert shares(before, "offline")["visit"] > 0.75
    assert shares(after, "offline")["remote"] > 0.8


def test_a_control_does_not_drift_and_a_change_can_come_back() -> None:
    never = make_requests(800, 3, changes=())
    assert shares(never, "calibration")["visit"] > 0.8
    assert not any(row.channel == "chat" for row in never)
    half, whole = datetime(2024, 3, 1), datetime(2024, 5, 1)
    back = make_requests(800, 3, changes=(half, whole))
    assert shares([row for row in back if "2024-03-01" <= row.received < "2024-05-01"], "calibration")["parts"] > 0.8
    assert shares([row for row in back if row.received >= "2024-05-01"], "calibration")["visit"] > 0.8
