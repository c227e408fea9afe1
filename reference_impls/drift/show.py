"""Shows what was found as plain text, at most 80 columns wide."""

import textwrap
from collections.abc import Iterator, Sequence

from .base import Drift, Measured, Shift, Watched
from .words import aspect_name, told_size

_WIDTH = 80
_COLUMNS = 12
_NAME = 26


def drift_table(drift: Drift) -> str:
    """One comparison: the verdict, then the columns that lie furthest apart, then the rest."""
    lines = [*textwrap.wrap(drift.why, _WIDTH), ""]
    shifts = [*(each for each in (drift.labels, drift.predictions) if each), *drift.columns]
    lines += _shift_lines(shifts)
    if drift.together is not None:
        low, high = drift.together.interval
        lines.append(
            f"{'all columns together':<{_NAME}} AUC {drift.together.auc:.3f} ({low:.3f} to {high:.3f}), "
            f"{_told_p(drift.together.corrected_p)}"
        )
    if drift.performance is not None:
        seen = drift.performance
        lines.append(
            f"{seen.metric:<{_NAME}} {seen.reference:.4g} -> {seen.current:.4g}, "
            f"{_told_p(seen.corrected_p)}{', worse' if seen.shifted else ''}"
        )
    for remark in drift.remarks:
        lines += textwrap.wrap(f"note: {remark}", _WIDTH, subsequent_indent="  ")
    return "\n".join(lines)


def watched_table(watched: Watched) -> str:
    """A history: the verdict, window by window, then what has moved since when."""
    lines = [*textwrap.wrap(watched.why, _WIDTH), ""]
    lines.append(f"{'window':<{_NAME}} {'rows':>8}  verdict")
    for each in watched.windows:
        drift = each.drift
        said = "-" if drift.verdict == "none" else f"drift, {told_size(drift.size)}: {_moved(drift)}"
        first, *more = textwrap.wrap(said, _WIDTH - _NAME - 11) or [""]
        lines.append(f"{_cut(each.name):<{_NAME}} {drift.current_rows:>8,}  {first}")
        lines += [" " * (_NAME + 11) + line for line in more]
    if watched.since:
        lines += ["", f"{'what moved':<{_NAME}} {'size':<9} {'PSI':>6}  since"]
        for entry in watched.since[:_COLUMNS]:
            lines.append(
                f"{_cut(aspect_name(entry)):<{_NAME}} {told_size(entry.size):<9} {entry.largest_psi:>6.2f}  "
                f"{entry.since} ({len(entry.windows)} of {len(watched.windows)} windows)"
            )
        if len(watched.since) > _COLUMNS:
            lines.append(f"and {len(watched.since) - _COLUMNS:,} more")
    for remark in watched.remarks:
        lines += textwrap.wrap(f"note: {remark}", _WIDTH, subsequent_indent="  ")
    return "\n".join(lines)


def performance_table(measured: Sequence[Measured]) -> str:
    """The metric by window, with its interval."""
    lines = [f"{'window':<{_NAME}} {'metric':<9} {'value':>9}  {'95 % interval':<20} {'labelled':>9}"]
    for each in measured:
        value = "-" if each.value is None else f"{each.value:.4g}"
        interval = "-" if each.interval is None else f"{each.interval[0]:.4g} to {each.interval[1]:.4g}"
        lines.append(f"{_cut(each.name):<{_NAME}} {each.metric:<9} {value:>9}  {interval:<20} {each.labelled:>9.0%}")
    return "\n".join(lines)


def _shift_lines(shifts: Sequence[Shift]) -> Iterator[str]:
    ordered = sorted(shifts, key=lambda shift: (not shift.shifted, -shift.psi))
    yield f"{'column':<{_NAME}} {'PSI':>7} {'by chance':>9}  {'corrected p':<15} size"
    for shift in ordered[:_COLUMNS]:
        chance = "-" if shift.psi_chance is None else f"{shift.psi_chance:.3f}"
        size = told_size(shift.size) if shift.shifted else "-"
        name, p = _cut(aspect_name(shift)), _told_p(shift.corrected_p)
        yield f"{name:<{_NAME}} {shift.psi:>7.3f} {chance:>9}  {p:<15} {size}"
    if len(ordered) > _COLUMNS:
        yield f"and {len(ordered) - _COLUMNS:,} more columns"


def _told_p(p: float | None) -> str:
    if p is None:
        return "cannot be told"
    return f"p {p:.3g}" if p >= 1e-3 else "p < .001"


def _moved(drift: Drift) -> str:
    parts = [aspect_name(shift) for shift in sorted(drift.columns, key=lambda shift: -shift.psi) if shift.shifted]
    if drift.performance is not None and drift.performance.shifted:
        parts.insert(0, drift.performance.metric)
    parts += [shift.column for shift in (drift.labels, drift.predictions) if shift is not None and shift.shifted]
    if not parts:
        return "all columns together"
    more = f" and {len(parts) - 4} more" if len(parts) > 4 else ""
    return ", ".join(parts[:4]) + more


def _cut(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
