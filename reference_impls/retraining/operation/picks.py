"""What was picked for labelling, kept so that labels which were asked for out of doubt do not measure a version.

Whoever labels the rows of which a model is least sure makes it look worse than it is. Such rows are learnt from like
all others; to judge by, they count no more often than rows that nobody picked.
"""

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...history.base import History
from ...project_base import event_log
from ...registry.records import now
from .project import Project

PICKS = "picks.jsonl"
_SCHEMA = "picks/1"

Why = Literal["least sure", "drawn"]
Flags = NDArray[np.bool_]


class PickedRow(BaseModel):
    """A row that was picked.

    Attributes:
        moment: Of the row.
        place: Where it stood.
        digest: Of its moment and features, sixteen digits: rows may move in their file, and late features may come.
        why: Whether the version was least sure of it, or it was drawn from all.
    """

    moment: float
    place: str
    digest: str = Field(pattern="^[0-9a-f]{16}$")
    why: Why

    model_config = ConfigDict(frozen=True, extra="forbid")

    @property
    def chance(self) -> float:
        """A number in [0, 1) that is the same at every look, and has nothing to do with what stands in the row."""
        return int(hashlib.sha256(self.digest.encode()).hexdigest()[:12], 16) / 16**12


class Picks(BaseModel):
    """The rows of one call of `pick`.

    Attributes:
        format: Name and version of this document.
        when: In UTC.
        version: In service then.
        after: The moment of the newest row that it had learnt from; the rows after it were picked from.
        until: The moment of the newest row.
        labelled: Rows between them that had a label then and that no earlier call had picked.
        columns: Features of which the digests are.
        rows: What was picked.
    """

    format: Literal["picks/1"] = Field(default="picks/1", alias="schema")
    when: str
    version: str
    after: float
    until: float
    labelled: int
    columns: tuple[str, ...]
    rows: tuple[PickedRow, ...]

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    def found_in(self, history: History) -> Iterator[tuple[int, PickedRow]]:
        """The picked rows that stand in a history, with their positions."""
        by_place = {(row.place, row.moment): row for row in self.rows}
        by_digest = {row.digest: row for row in self.rows}
        near = np.flatnonzero(np.isin(history.time, [row.moment for row in self.rows]))
        digests = _digests(history.take(near), self.columns)
        for position, digest in zip(near.tolist(), digests, strict=True):
            row = by_digest.get(digest) or by_place.get((history.places[position], float(history.time[position])))
            if row is not None:
                yield position, row

    def chance_of_label(self, history: History, picked: Flags) -> float:
        """The share of the rows that nobody picked, among those to pick from, that have got their label all the same.

        Args:
            history: As it is now.
            picked: [n] Whether some call has picked a row.
        """
        others = (history.time > self.after) & (history.time <= self.until) & ~picked
        could = int(others.sum()) - self.labelled
        if could <= 0:
            return 1.0
        came = int((others & np.isfinite(history.known)).sum()) - self.labelled
        return min(1.0, max(0.0, came / could))


def record(project: Project, history: History, version: str, after: float, picked: Mapping[int, Why]) -> None:
    """Keeps what was picked.

    Args:
        project: Where the runs folder is.
        history: All rows.
        version: In service.
        after: The moment of the newest row that it has learnt from.
        picked: Why, by position in the history.

    Raises:
        OSError: No permission or no space.
    """
    before = np.zeros(len(history), dtype=np.bool_)
    for picks in _read(project.runs, history):
        before[[position for position, _ in picks.found_in(history)]] = True
    labelled = np.isfinite(history.known) & (history.time > after) & ~before
    positions = np.array(list(picked), dtype=np.int64)
    rows = history.take(positions)
    columns = tuple(history.kinds)
    moments, digests = rows.time.tolist(), _digests(rows, columns)
    told = Picks(
        when=now(),
        version=version,
        after=after,
        until=float(history.time[-1]),
        labelled=int(labelled.sum()),
        columns=columns,
        rows=tuple(
            PickedRow(moment=moment, place=place, digest=digest, why=why)
            for moment, place, digest, why in zip(moments, rows.places, digests, picked.values(), strict=True)
        ),
    )
    event_log.add_event(project.runs / PICKS, told.model_dump(mode="json"))


def not_for_doubt(project: Project, history: History) -> Flags:
    """[n] Whether the label of a row, where it has one, may measure a version.

    A row that was picked for doubt counts only as often as its label would have come had nobody picked it: never, where
    only picked rows are labelled; always, where all rows get their labels in time. Drawn rows always count. So the rows
    that count are a fair part of all.

    Args:
        project: Where the runs folder is.
        history: All rows.

    Raises:
        OSError: The picks cannot be read.
    """
    found = [(picks, dict(picks.found_in(history))) for picks in _read(project.runs, history)]
    picked, drawn, counts = (np.full(len(history), start, dtype=np.bool_) for start in (False, False, True))
    for _, rows in found:
        picked[list(rows)] = True
        drawn[[position for position, row in rows.items() if row.why == "drawn"]] = True
    for picks, rows in found:
        share = picks.chance_of_label(history, picked)
        for position, row in rows.items():
            counts[position] = drawn[position] or row.chance < share
    return counts


def _read(runs_folder: Path, history: History) -> Iterator[Picks]:
    """The calls up to the end of a history, oldest first; lines that are none are passed over."""
    for event in event_log.read_events(runs_folder / PICKS, _SCHEMA):
        try:
            picks = Picks.model_validate(event)
        except ValidationError:
            continue
        # A look at the history as it stood before a call knows nothing of it.
        if picks.until <= history.time[-1]:
            yield picks


def _digests(rows: History, columns: tuple[str, ...]) -> list[str]:
    """Of the moment and the features of each row; features that are not there count as missing."""
    values = [rows.features[name].tolist() if name in rows.kinds else [None] * len(rows) for name in columns]
    return [
        hashlib.sha256(repr([_plain(value) for value in row]).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        for row in zip(rows.time.tolist(), *values, strict=True)
    ]


def _plain(value: object) -> object:
    return None if isinstance(value, float) and np.isnan(value) else value
