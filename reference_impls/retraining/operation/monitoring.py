"""Looks whether the rows since the last training are still those that the version in service was made for."""

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ...drift.base import Measured, Watched
from ...drift.performance import performance
from ...drift.watch import watch
from ...history.base import History
from ...history.windows import Window
from ...project_base.errors import UserError
from ...project_base.files import write_text
from ...project_base.rooms import command_line
from ...registry.records import now
from .project import Champion, Project
from .reference import read_reference

MONITOR = "monitor.json"
FEWEST = 30
"""Fewer new rows say nothing."""


class Monitored(BaseModel):
    """What was found of the version in service.

    Attributes:
        format: Name and version of this document.
        when: In UTC.
        version: The version in service.
        learned_until: The moment of the newest row that it learnt from, as people are told.
        new_rows: Rows since then.
        new_labels: How many of them have a label.
        verdict: `drift`, `none`, or `too few rows`.
        why: In a sentence.
        watched: By window and column; None with too few rows.
        performance: By window, of rows that it has not learnt from.
    """

    format: Literal["monitor/1"] = Field(default="monitor/1", alias="schema")
    when: str
    version: str
    learned_until: str
    new_rows: int
    new_labels: int
    verdict: Literal["drift", "none", "too few rows"]
    why: str
    watched: Watched | None = None
    performance: tuple[Measured, ...] = ()

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    def to_json(self) -> str:
        """The document as JSON."""
        return json.dumps(self.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"

    def figures(self) -> dict[str, object]:
        """What goes into the metrics."""
        latest = next((each for each in reversed(self.performance) if each.value is not None), None)
        return {
            "version": self.version,
            "verdict": self.verdict,
            "new_rows": self.new_rows,
            "new_labels": self.new_labels,
            "drifted": [each.what for each in self.watched.since] if self.watched else [],
            "largest_psi": max((each.largest_psi for each in self.watched.since), default=0.0) if self.watched else 0.0,
            "metric": latest.metric if latest else None,
            "value": latest.value if latest else None,
            "window": latest.name if latest else None,
        }


def need_champion(project: Project) -> Champion:
    """The version in service.

    Raises:
        UserError: There is none.
    """
    champion = project.champion()
    if champion is None:
        raise UserError(
            "no version is in service yet",
            f"train one: {command_line('train')}, then {command_line('promote VERSION')}",
        )
    return champion


def monitor(project: Project, champion: Champion, advance: Callable[[int], object] = lambda _: None) -> Monitored:
    """Compares all rows that have come since a version was trained with those before, window by window.

    Args:
        project: Settings and history.
        champion: The version in service.
        advance: Called with 1 after each window.

    Raises:
        UserError: A column that the version needs is missing or renamed, or the history ends before its training.
    """
    history = project.read(champion.columns)
    first_new = first_after(history, champion)
    new = len(history) - first_new
    labelled = np.isfinite(history.known[first_new:])
    told: dict[str, Any] = {
        "when": now(),
        "version": champion.version,
        "learned_until": history.name_of(champion.learned_until),
        "new_rows": new,
        "new_labels": int(labelled.sum()),
    }
    if new < FEWEST:
        return Monitored(
            verdict="too few rows",
            why=f"{new:,} rows have come since {champion.version} learnt its newest row; {FEWEST} are needed to look",
            **told,
        )
    windows = _windows(project, history, first_new)
    predictions = _predictions(project, champion, history, first_new)
    settings = project.settings.drift.model_copy(update={"reference": 1, "against": "first"})
    found = watch(history, windows, settings, predictions, advance=advance)
    return Monitored(
        verdict=found.verdict,
        why=found.why,
        watched=found,
        performance=performance(history, windows, predictions),
        **told,
    )


def write_monitored(project: Project, found: Monitored) -> None:
    """Writes the result.

    Raises:
        OSError: No permission or no space.
    """
    project.runs.mkdir(parents=True, exist_ok=True)
    write_text(project.runs / MONITOR, found.to_json())


def first_after(history: History, champion: Champion) -> int:
    """Position of the first row that a version has not learnt from.

    Raises:
        UserError: The history is counted in another way, or ends before.
    """
    if champion.about["clock"] != history.clock or champion.learned_until > history.time[-1]:
        raise UserError(
            f"the history ends at {history.name_of(float(history.time[-1]))}, and {champion.version} learnt from newer "
            "rows, or from rows in another order (history.time)",
            f"bring back the rows that it learnt from, or train anew: {command_line('train')}",
        )
    return int(np.searchsorted(history.time, champion.learned_until, "right"))


def _windows(project: Project, history: History, first_new: int) -> tuple[Window, ...]:
    """The rows before the training as one window, the reference; those after it in windows of equal numbers of rows."""
    rows = max(FEWEST, round(project.length.rows))
    edges = [max(0, first_new - project.settings.drift.reference * rows), first_new]
    while len(history) - edges[-1] >= 1.5 * rows:
        edges.append(int(np.searchsorted(history.time, history.time[edges[-1] + rows - 1], "right")))
    edges.append(len(history))
    spans = [(start, stop) for start, stop in pairwise(edges) if stop > start]
    return tuple(
        Window(
            number, start, stop, float(history.time[start]), float(history.time[stop - 1]), _name(history, start, stop)
        )
        for number, (start, stop) in enumerate(spans, start=1)
    )


def _name(history: History, start: int, stop: int) -> str:
    first, last = (history.name_of(float(history.time[place])) for place in (start, stop - 1))
    return first if first == last else f"{first} to {last}"


def _predictions(project: Project, champion: Champion, history: History, first_new: int) -> NDArray[Any]:
    """Of the new rows, and of those that judged the version before it learnt from them; none of the others."""
    empty = np.full(len(history), np.nan) if history.task == "regression" else np.full(len(history), None, dtype=object)
    reference = read_reference(project.runs, champion.version)
    if reference is None or not reference.placed(history, empty):
        project.tell(f"what {champion.version} predicted before it was trained is not known: errors are not compared")
    empty[first_new:] = champion.predictor.predict(history.features.iloc[first_new:])
    return empty
