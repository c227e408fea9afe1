"""What was found, in sentences."""

from collections.abc import Iterator, Sequence

from .base import Performance, Shift, Since, Size, Together, WindowDrift

_NAMED = 3
ORDER: tuple[Size, ...] = ("stable", "moderate", "major")


def aspect_name(shift: Shift | Since) -> str:
    """A column as it is told: `comment (words)`."""
    name = shift.column if isinstance(shift, Shift) else shift.what
    return name if shift.aspect == "values" else f"{name} ({shift.aspect})"


def named(names: Sequence[str], most: int = _NAMED) -> str:
    """The first of some names, and how many more there are."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def told_size(size: Size) -> str:
    """The size of a change that is certain."""
    return "small" if size == "stable" else size


def reasons(
    columns: Sequence[Shift],
    together: Together | None,
    labels: Shift | None,
    predictions: Shift | None,
    performance: Performance | None,
) -> Iterator[str]:
    """What has moved, one phrase each, the gravest first."""
    if performance is not None and performance.shifted:
        yield (
            f"{performance.metric} went from {performance.reference:.3g} to {performance.current:.3g} "
            f"({told_size(performance.size)})"
        )
    if labels is not None and labels.shifted:
        yield f"the target has another distribution ({told_size(labels.size)}, PSI {labels.psi:.2f})"
    if predictions is not None and predictions.shifted:
        yield f"the predictions have another distribution ({told_size(predictions.size)}, PSI {predictions.psi:.2f})"
    moved = sorted((shift for shift in columns if shift.shifted), key=lambda shift: -shift.psi)
    if moved:
        names = [f"{aspect_name(shift)} ({told_size(shift.size)}, PSI {shift.psi:.2f})" for shift in moved]
        yield f"{named(names)} moved"
    if together is not None and together.shifted:
        yield f"a classifier tells the rows apart (AUC {together.auc:.2f}, {told_size(together.size)})"


def why(found: Sequence[str], drifted: bool, level: float, compared: bool, judged: bool, untold: str) -> str:
    """The verdict of a comparison in a sentence.

    Args:
        found: What has moved.
        drifted: Whether that is drift.
        level: Of all that was tested.
        compared: Whether there were rows enough to compare anything.
        judged: Whether anything was judged.
        untold: The metric of errors that are there and could not be judged; empty for none.
    """
    if not compared:
        return "Too few rows to tell whether anything has changed."
    if not judged:
        return "Whether anything has changed cannot be told from these rows."
    if untold and not drifted:
        return f"Whether {untold} has changed cannot be told from these rows."
    if not found:
        return f"Nothing differs beyond chance (level {level:g} over all that was tested)."
    if not drifted:
        return f"Certain, but smaller than drift.smallest asks for: {'; '.join(found)}."
    said = "; ".join(found)
    return f"T{said[1:]}." if said.startswith("the ") else f"{said}."


def why_watched(windows: Sequence[WindowDrift], since: Sequence[Since], level: float) -> str:
    """The verdict over a history in a sentence."""
    drifted = [each for each in windows if each.drift.verdict == "drift"]
    if drifted:
        moved = [f"{aspect_name(each)} ({told_size(each.size)})" for each in since]
        return f"Drift in {len(drifted):,} of {len(windows):,} windows, first in {drifted[0].name}: {named(moved)}."
    over = f"(level {level:g} over all of them together)"
    untold = [each for each in windows if each.drift.verdict == "cannot be told"]
    if not untold:
        return f"None of {len(windows):,} windows differs beyond chance {over}."
    said = untold[-1].drift.why
    rest = len(windows) - len(untold)
    told = f"None of the other {rest:,} windows differs beyond chance {over}." if rest else "The notes say why."
    return f"{untold[-1].name}{f' and {len(untold) - 1:,} more' if len(untold) > 1 else ''}: {said} {told}"
