"""What commands found, as plain text of at most 80 columns."""

import textwrap
from collections.abc import Iterator, Sequence

from ...history.base import History
from ...history.windows import Window
from ...project_base.terminal import shortened
from ..chart.scales import number
from ..gate import seen
from .judgement import Judgement
from .monitoring import MONITOR, Monitored
from .retrain import Retrained

_WIDTH = 80
_SHOWN_WINDOWS = 12
_SHOWN_COLUMNS = 12
_SHOWN_REMARKS = 4


def history_lines(history: History, windows: Sequence[Window]) -> Iterator[str]:
    """What `check` shows of a history."""
    labelled = int((history.known < float("inf")).sum())
    late = history.known[history.known < float("inf")] - history.time[history.known < float("inf")]
    first, last = (history.name_of(float(history.time[place])) for place in (0, -1))
    yield f"rows          {len(history):,}, {first} to {last}"
    yield f"labels        {labelled:,} ({history.task}); {len(history) - labelled:,} rows have none yet"
    if history.clock == "dates" and labelled:
        mean, most = late.mean() / 86_400, late.max() / 86_400
        yield f"delay         labels come after {mean:.1f} days on average, {most:.1f} at most"
    yield f"windows       {len(windows)}, of {min(map(len, windows)):,} to {max(map(len, windows)):,} rows"
    for kind in ("number", "category", "text"):
        names = [name for name, each in history.kinds.items() if each == kind]
        if names:
            yield from _named(kind, ", ".join(_with_missing(history, name) for name in names))


def judgement_lines(found: Judgement) -> Iterator[str]:
    """What was found of a version."""
    yield f"{found.version}" + (", trained once more with the rows that judged it" if found.refit else "")
    for beside in (found.floor, found.champion):
        if beside is not None:
            yield from _wrapped(f"beside {beside.name}: {beside.verdict}; {seen(found, beside)}")


def retrained_lines(found: Retrained) -> Iterator[str]:
    """What came of `retrain`."""
    if found.decision == "not due":
        yield from _wrapped(f"not due: {found.why} (policy: {found.policy.name})")
        return
    if found.challenger is not None:
        yield from judgement_lines(found.challenger.judgement)
    if found.decision == "promoted":
        yield f"{found.version} is in service now"
    else:
        kept = f"{found.before} stays in service" if found.before else "nothing is in service"
        yield from _wrapped(f"refused: {found.why}")
        yield kept


def monitored_lines(found: Monitored) -> Iterator[str]:
    """What was found of the version in service."""
    new = f"{found.new_rows:,} rows since, {found.new_labels:,} labelled"
    yield f"{found.version}, learnt until {found.learned_until}; {new}"
    yield from _wrapped(f"{found.verdict}: {found.why}")
    if found.watched is None:
        return
    if found.watched.since:
        yield ""
        yield f"  {'what has moved':<26}  {'since':<24}  {'windows':>7}  {'size':<8}  index"
        for each in found.watched.since[:_SHOWN_COLUMNS]:
            what = each.what if each.aspect == "values" else f"{each.what} ({each.aspect})"
            moved = f"{len(each.windows):>7}  {each.size:<8}  {each.largest_psi:.3f}"
            begins = each.since.partition(" to ")[0]
            yield f"  {shortened(what, 26):<26}  {shortened(begins, 24):<24}  {moved}"
    measured = [each for each in found.performance if each.value is not None]
    if measured:
        yield ""
        yield f"  {'window':<38}  {measured[0].metric:>9}  {'95 % interval':<19}   rows"
        for window in measured[-_SHOWN_WINDOWS:]:
            low, high = window.interval or (float("nan"), float("nan"))
            spread = f"{number(low)} to {number(high)}" if window.interval else "-"
            measure = f"{number(window.value or 0.0):>9}  {spread:<19}  {window.rows:>5,}"
            yield f"  {shortened(window.name, 38):<38}  {measure}"
    remarks = found.watched.remarks
    for remark in remarks[:_SHOWN_REMARKS]:
        yield from _wrapped(f"note: {remark}")
    if len(remarks) > _SHOWN_REMARKS:
        yield f"note: {len(remarks) - _SHOWN_REMARKS} more stand in {MONITOR} of the runs folder"


def _with_missing(history: History, name: str) -> str:
    missing = float(history.features[name].isna().mean())
    return f"{name} ({missing:.0%} missing)" if missing else name


def _named(name: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=f"{name:<14}", subsequent_indent=" " * 14)


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent="  ", break_long_words=False)
