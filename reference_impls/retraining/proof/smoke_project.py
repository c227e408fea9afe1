"""A project of its own in a temporary folder, with a part of the sample: what `smoke` tries the commands on."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import astuple, replace
from pathlib import Path
from random import Random

from ...history.settings import Settings as HistorySettings
from ...project_base.config import load_settings
from ...project_base.trial_project import TrialProject
from ..operation.project import Project
from ..settings import ProjectSettings
from .invented_requests import COLUMNS, Request, make_requests

SAMPLE = Path(__file__).parents[1] / "sample" / "requests.csv"
COLUMNS_OF_SAMPLE = {"target": "outcome", "time": "received", "known": "confirmed"}


class SmokeProject(TrialProject):
    """Config, data and models in a folder, apart from those of the owner.

    The policy, the gate and the thresholds are those of the project; its data, the kind of model and the number of
    replayed policies are small, since a smoke run must take seconds.

    Args:
        settings: Of the project.
        folder: A new folder.
    """

    def __init__(self, settings: ProjectSettings, folder: Path) -> None:
        super().__init__("retraining", settings, folder)
        self._settings = settings
        self._requests = make_requests()
        self.write_config("config.yaml")

    @property
    def data(self) -> Path:
        """The history, to which `come` adds."""
        return self.folder / "requests.csv"

    @property
    def settings(self) -> ProjectSettings:
        """As the commands read them."""
        return load_settings(self.config, ProjectSettings)

    @property
    def project(self) -> Project:
        """What the commands work on."""
        return Project(self.settings)

    def come(self, until: str) -> None:
        """Writes the history as it is on a day: later rows are missing, and labels that are not known yet.

        Args:
            until: `2024-10-07`.
        """
        self.write_rows(
            row if row.confirmed and row.confirmed < until else replace(row, outcome="", confirmed="")
            for row in self._requests
            if row.received < until
        )

    def come_unlabelled(self, since: str, until: str) -> None:
        """Writes the history as it is on a day, but that nobody has found a label for rows from `since` on."""
        self.write_rows(
            row if row.received < since else replace(row, outcome="", confirmed="") for row in self.requests(until)
        )

    def mix_labels(self, since: str, until: str) -> None:
        """Deals the outcomes that are known out at random, as a broken export would; rows before `since` stay right."""
        with self.data.open(encoding="utf-8", newline="") as stream:
            rows = [Request(**row) for row in csv.DictReader(stream)]
        draw = Random(0)  # noqa: S311  # a broken export, no secret
        places = [place for place, row in enumerate(rows) if row.outcome and since <= row.received < until]
        outcomes = [rows[place].outcome for place in places]
        draw.shuffle(outcomes)
        for place, outcome in zip(places, outcomes, strict=True):
            rows[place] = replace(rows[place], outcome=outcome)
        self.write_rows(rows)

    def write_rows(self, rows: Iterable[Request], **columns: Mapping[str, str]) -> None:
        """Writes the history; `columns` adds some, by the outcome of each row."""
        with self.data.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow([*COLUMNS, *columns])
            writer.writerows(
                [*astuple(row), *(values.get(row.outcome, "") for values in columns.values())] for row in rows
            )

    def requests(self, until: str) -> list[Request]:
        """The rows before a day, with all their labels."""
        return [row for row in self._requests if row.received < until]

    def write_config(self, name: str, **changes: Mapping[str, object]) -> Path:
        """Writes a configuration; `retraining={"cadence": 2}` changes keys of a section."""
        return self.write(name, self._own(), changes)

    def in_service(self) -> str:
        """The version in service; empty for none."""
        event = self.project.registry.in_service()
        return event.version if event else ""

    def _own(self) -> dict[str, dict[str, object]]:
        """What differs from the settings of the owner."""
        given = self._settings
        return {
            "project_base": {"offline": True, "threads": given.project_base.threads or 1},
            "history": {**HistorySettings().model_dump(mode="json"), **COLUMNS_OF_SAMPLE, "window": "1mo"},
            "predictors": {"kind": "linear", "metric": "auto", "texts": "word_counts", "word_features": 1024},
            "replay": {
                "cadences": "1",
                "sliding_windows": "1",
                "half_lives": "1" if given.retraining.policy == "recency_weighted" else "",
                "label_budgets": "0.3" if given.retraining.policy == "active_learning" else "",
                "incremental": given.retraining.policy == "incremental",
                "warm_start": given.retraining.policy == "warm_start",
                "drift_triggered": given.retraining.policy == "drift_triggered",
                "recalibration": given.retraining.policy == "recalibration",
                "first_windows": 1,
                "cost_of_error": 1.0,
                "cost_of_label": 0.0,
                "cost_of_retrain": 0.0,
                "cost_of_compute_hour": 0.0,
                "resamples": 999,
                "freshness_blocks": 20,
                "processes": 1,
            },
            "registry": {"folder": str(self.folder / "models"), "keep": 0},
            "retraining": {
                "data": str(self.data),
                "runs_folder": str(self.folder / "runs"),
                "metrics_file": str(self.folder / "runs" / "metrics.jsonl"),
                "judge_rows": 0,
                "fewest_judged": 50,
            },
        }
