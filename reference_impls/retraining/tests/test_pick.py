"""Rows to label next: the version's least sure ones and some drawn, within the budget."""

import csv
import json
from pathlib import Path

import pytest

from ..proof.smoke_checks import AFTER, BEFORE
from ..proof.smoke_project import SmokeProject
from .projects import growing


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> SmokeProject:
    """A version is in service, and nothing has got a label since it was trained."""
    made = growing(tmp_path_factory.mktemp("begun"))
    made.come(BEFORE)
    made.asked("retrain")
    made.come_unlabelled(BEFORE, AFTER)
    return made


def rows_in(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines()))


def test_half_are_the_least_sure_and_half_are_drawn(begun: SmokeProject, tmp_path: Path) -> None:
    rows = rows_in(begun.asked("pick", "--rows", "40").out)
    assert len(rows) == 40
    assert all(not row["outcome"] and row["received"] >= BEFORE[:7] for row in rows)
    by_reason = {
        reason: [float(row["probability"]) for row in rows if row["picked"] == reason]
        for reason in ("least sure", "drawn")
    }
    assert [len(each) for each in by_reason.values()] == [20, 20]
    assert max(by_reason["least sure"]) < sum(by_reason["drawn"]) / 20
    assert rows == rows_in(begun.asked("pick", "--rows", "40").out), "the same rows when asked again"


def test_the_budget_counts_what_is_labelled_already(begun: SmokeProject, tmp_path: Path) -> None:
    config = begun.write_config("budget.yaml", replay={"label_budgets": "0.1, 0.5"})
    file = tmp_path / "next.jsonl"
    said = begun.asked("pick", "--out", str(file), config=config)
    picked = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    new = sum(row.received >= BEFORE for row in begun.requests(AFTER))
    # Rows that came late to their label, after the training, count as labelled.
    assert 0.08 * new < len(picked) <= round(0.1 * new) + 1
    assert f"{len(picked)} rows picked" in said.told
    begun.come(AFTER)
    try:
        spent = begun.run("pick", config=config)
        assert spent.code == 1
        assert "the budget is spent" in spent.told
        assert "label_budgets" in spent.err
    finally:
        begun.come_unlabelled(BEFORE, AFTER)


def test_nothing_to_label_is_said(begun: SmokeProject) -> None:
    begun.write_rows(row for row in begun.requests(AFTER) if row.outcome)
    try:
        said = begun.run("pick")
        assert said.code == 1
        assert "all have their labels" in said.told
        assert "retrain" in said.err
    finally:
        begun.come_unlabelled(BEFORE, AFTER)
