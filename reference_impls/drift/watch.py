"""Watches a history window by window: what has moved, since when, how far; judged as one family of tests."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from ..history.base import History
from ..history.windows import Window
from ..project_base.errors import UserError
from .base import Aspect, Drift, Since, Size, Watched, WindowDrift
from .compare import Predicted, judge
from .performance import FEWEST, given
from .psi import from_area, from_difference
from .settings import Settings
from .words import ORDER, named, why_watched


def watch(
    history: History,
    windows: Sequence[Window],
    settings: Settings,
    predictions: NDArray[Any] | None = None,
    *,
    now: Callable[[Window], float] = lambda _: math.inf,
    share: Callable[[int], int] | None = None,
    questions: int | None = None,
    advance: Callable[[int], object] = lambda _: None,
) -> Watched:
    """Compares each window with the reference windows.

    Args:
        history: All rows.
        windows: Of this history, in the order of time.
        settings: `reference` windows are compared with, `against` says which.
        predictions: [n] One for each row of the history, None or NaN where there is none: rows that the model was
            trained on have none. The predictions and their scores have the first window with predictions as reference.
        now: Of a window, the moment by which labels must be known to count in its comparison.
        share: Of the compared window of a number, from 1, how small a part of the level it has: one so-manieth. The
            parts must sum up to at most the level. None gives all windows the same part.
        questions: As of `compare.judge`.
        advance: Called with 1 after each window.

    Raises:
        UserError: There are fewer windows than the reference and one more.
    """
    first = settings.reference
    if len(windows) <= first:
        raise UserError(
            f"{len(windows)} windows are too few to compare any with a reference of {first} (drift.reference)",
            "set history.window shorter, or drift.reference to fewer windows",
        )
    later = list(windows[first:])
    found = []
    for place, window in enumerate(later, start=first):
        base = windows[place - first : place] if settings.against == "previous" else windows[:first]
        predicted = _predicted(history, windows, place, predictions, settings)
        drift = judge(
            history.between(base[0].start, base[-1].stop),
            history.between(window.start, window.stop),
            settings,
            predicted,
            comparisons=len(later) if share is None else share(place - first + 1),
            now=now(window),
            questions=questions,
        )
        found.append(WindowDrift(window=window.number, name=window.name, begins=window.begins, drift=drift))
        advance(1)
    since = tuple(_since(found))
    verdicts = [each.drift.verdict for each in found]
    return Watched(
        level=settings.level,
        reference=tuple(window.name for window in windows[:first]),
        windows=tuple(found),
        since=since,
        verdict="drift" if "drift" in verdicts else "cannot be told" if "cannot be told" in verdicts else "none",
        first=next((each.window for each in found if each.drift.verdict == "drift"), None),
        why=why_watched(found, since, settings.level),
        remarks=tuple(_remarks(found)),
    )


def _predicted(
    history: History, windows: Sequence[Window], place: int, predictions: NDArray[Any] | None, settings: Settings
) -> tuple[Predicted, Predicted] | None:
    """The rows with predictions of the reference and of a window; None where no earlier window has any."""
    if predictions is None:
        return None
    has = given(predictions)
    able = [number for number, window in enumerate(windows[:place]) if has[window.start : window.stop].sum() >= FEWEST]
    if not able:
        return None
    chosen = able[-settings.reference :] if settings.against == "previous" else able[: settings.reference]
    start, stop = windows[chosen[0]].start, windows[chosen[-1]].stop
    window = windows[place]
    return (
        Predicted(history.between(start, stop), predictions[start:stop]),
        Predicted(history.between(window.start, window.stop), predictions[window.start : window.stop]),
    )


def _moved(drift: Drift) -> Iterator[tuple[str, Aspect, float, Size]]:
    """What is shifted in a window, with its index or what stands for it."""
    for shift in (*drift.columns, drift.labels, drift.predictions):
        if shift is not None and shift.shifted:
            yield shift.column, shift.aspect, shift.psi, shift.size
    if drift.together is not None and drift.together.shifted:
        yield "all columns together", "values", from_area(drift.together.auc), drift.together.size
    if drift.performance is not None and drift.performance.shifted:
        yield drift.performance.metric, "values", from_difference(drift.performance.lost), drift.performance.size


def _since(windows: Sequence[WindowDrift]) -> Iterator[Since]:
    seen: dict[tuple[str, Aspect], list[tuple[WindowDrift, float, Size]]] = {}
    for window in windows:
        for what, aspect, psi, size in _moved(window.drift):
            seen.setdefault((what, aspect), []).append((window, psi, size))
    entries = [
        Since(
            what=what,
            aspect=aspect,
            first=where[0][0].window,
            since=where[0][0].name,
            windows=tuple(window.window for window, _, _ in where),
            largest_psi=max(psi for _, psi, _ in where),
            size=max((size for _, _, size in where), key=ORDER.index),
        )
        for (what, aspect), where in seen.items()
    ]
    yield from sorted(entries, key=lambda entry: (-ORDER.index(entry.size), -entry.largest_psi, entry.first))


def _remarks(windows: Sequence[WindowDrift]) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    unseen: dict[str, tuple[list[str], dict[str, None]]] = {}
    for window in windows:
        for shift in window.drift.columns:
            if shift.unseen:
                names, values = unseen.setdefault(shift.column, ([], {}))
                names.append(window.name)
                values.update(dict.fromkeys(shift.unseen))
        for remark in window.drift.remarks:
            if not any(remark.startswith(f"{shift.column}: ") for shift in window.drift.columns if shift.unseen):
                said.setdefault(remark, []).append(window.name)
    for remark, names in said.items():
        yield remark if len(names) == len(windows) else f"{_windows(names)}: {remark}"
    for column, (names, values) in unseen.items():
        yield (
            f"{column} has values that the reference does not have ({named([value[:40] for value in values])}) in "
            f"{_windows(names)}"
        )


def _windows(names: Sequence[str]) -> str:
    more = len(names) - 1
    return f"{names[0]}{f' and {more:,} more' if more else ''}"
