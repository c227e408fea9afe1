"""Looks whether the rows since the last training are still those that the version in service was made for."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ...drift.base import Measured, Watched
from ...drift.performance import FEWEST, given, performance
from ...drift.watch import watch
from ...history.base import History
from ...history.windows import Window
from ...project_base.errors import UserError
from ...project_base.files import write_text
from ...project_base.rooms import command_line
from ...registry.records import now
from .project import Champion, Project
from .reference import Reference, read_reference
from .watching import (
    first_after,
    first_watched,
    label_delay,
    labels_count_by,
    rows_of_window,
    share,
    windows_to_watch,
    with_fair_labels,
)

MONITOR = "monitor.json"


class Monitored(BaseModel):
    """What was found of the version in service.

    Attributes:
        format: Name and version of this document.
        when: In UTC.
        version: The version in service.
        learned_until: The moment of the newest row that it learnt from, as people are told.
        new_rows: Rows since then.
        new_labels: How many of them have a label.
        open_rows: The newest of them, which do not fill a window yet and are not compared.
        verdict: `drift`; `cannot be told` where nothing, or not the errors, could be judged; `too few rows` where no
            window is full; else `none`.
        why: In a sentence or two.
        watched: By window and column; None with too few rows.
        performance: By window, of rows that it has not learnt from; the open window too.
    """

    format: Literal["monitor/1"] = Field(default="monitor/1", alias="schema")
    when: str
    version: str
    learned_until: str
    new_rows: int
    new_labels: int
    open_rows: int
    verdict: Literal["drift", "none", "cannot be told", "too few rows"]
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


def monitor(
    project: Project, champion: Champion, advance: Callable[[int], object] = lambda _: None, *, labels: bool = True
) -> Monitored:
    """Compares all rows that have come since a version was trained and judged with those before, window by window.

    A window is compared when it is full, and its labels and errors when these had time to come. So a window is tested
    once, however often this is called, and the level holds for all calls between two trainings together. The errors are
    compared with those on the rows that judged the version, which it had not learnt from then.

    Args:
        project: Settings and history.
        champion: The version in service.
        advance: Called with 1 after each window.
        labels: Whether labels and errors are looked at.

    Raises:
        UserError: A column that the version needs is missing or renamed, or the history ends before its training.
    """
    history = project.read(champion.columns)
    first_new = first_after(history, champion)
    labelled = np.isfinite(history.known[first_new:])
    reference = read_reference(project.runs, champion.version)
    first = first_watched(history, first_new, reference)
    before, new, still_open = windows_to_watch(project, history, first)
    told: dict[str, Any] = {
        "when": now(),
        "version": champion.version,
        "learned_until": history.name_of(champion.learned_until),
        "new_rows": len(history) - first_new,
        "new_labels": int(labelled.sum()),
        "open_rows": sum(map(len, still_open)),
    }
    if not new:
        rows = rows_of_window(project, history, first)
        return Monitored(
            verdict="too few rows",
            why=f"{len(history) - first:,} rows have come since {champion.version} was trained and judged; a full "
            f"window of {rows:,} is needed to look",
            **told,
        )
    predictions = _predictions(project, champion, history, first, reference)
    measuring = with_fair_labels(project, history)
    windows = (*before, *new)
    delay = label_delay(history, first) if labels else np.inf
    settings = project.settings.drift.model_copy(update={"reference": len(before)})
    found = watch(
        measuring,
        windows,
        settings,
        predictions,
        now=partial(labels_count_by, delay=delay, newest=float(history.time[-1])),
        share=share,
        questions=5 if settings.together else 4,
        advance=advance,
    )
    verdict, why = _verdict(found, champion, measuring, predictions, windows, delay, labels=labels)
    return Monitored(
        verdict=verdict,
        why=why,
        watched=found,
        performance=performance(measuring, (*windows, *still_open), predictions),
        **told,
    )


def write_monitored(project: Project, found: Monitored) -> None:
    """Writes the result.

    Raises:
        OSError: No permission or no space.
    """
    project.runs.mkdir(parents=True, exist_ok=True)
    write_text(project.runs / MONITOR, found.to_json())


def _predictions(
    project: Project, champion: Champion, history: History, first: int, reference: Reference | None
) -> NDArray[Any]:
    """Of the new rows, and of those that judged the version before it learnt from them; none of the others."""
    empty = np.full(len(history), np.nan) if history.task == "regression" else np.full(len(history), None, dtype=object)
    if reference is None or not reference.placed(history, empty):
        project.tell(f"what {champion.version} predicted before it was trained is not known: errors are not compared")
    empty[first:] = champion.predictor.predict(history.features.iloc[first:])
    return empty


def _verdict(
    found: Watched,
    champion: Champion,
    history: History,
    predictions: NDArray[Any],
    windows: Sequence[Window],
    delay: float,
    *,
    labels: bool,
) -> tuple[Literal["drift", "none", "cannot be told"], str]:
    """The verdict, and what it does not rest on."""
    if not labels:
        return found.verdict, f"{found.why} Rows and predictions were looked at, and no labels (replay.trigger)."
    judged = [each for each in found.windows if each.drift.performance and each.drift.performance.p is not None]
    if len(judged) == len(found.windows):
        return found.verdict, found.why
    why = f"{found.why} Errors were judged in {len(judged):,} of {len(found.windows):,} windows"
    newest = float(history.time[-1])
    late = [window for window in windows[-len(found.windows) :] if window.ends + delay > newest]
    if late:
        return found.verdict, f"{why}; labels of {len(late):,} may still come."
    has = given(predictions)
    start = windows[-len(found.windows)].start
    reference = int((has & np.isfinite(history.known))[windows[0].start : start].sum())
    if reference < FEWEST and found.verdict == "none":
        return "cannot be told", (
            f"{why}: what {champion.version} predicted before it learnt is known of {reference:,} labelled rows, and "
            f"{FEWEST} are needed to compare with (retraining.judge_rows)."
        )
    return found.verdict, f"{why}; the others have fewer than {FEWEST} labels by which they may be measured."
