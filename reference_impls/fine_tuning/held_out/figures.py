"""How figures, intervals and verdicts are written for people."""

import textwrap

from ...evaluation.bootstrap import Interval
from ...evaluation.paired import Difference, in_words

WIDTH = 80
_LEAST_P = 0.0005


def sentence(difference: Difference, than: str) -> str:
    """What a paired comparison says, in words."""
    return rows_for_questions(in_words(difference, than))


def rows_for_questions(told: str) -> str:
    """What the room evaluation says of questions, said of rows."""
    return told.replace(" questions", " rows")


def number(value: float, places: int = 3) -> str:
    """A figure with so many digits behind the point, or without them where it is large."""
    return f"{value:.{places}f}" if abs(value) < 1000 else f"{value:,.0f}"


def share(value: float | None) -> str:
    """A share, or a dash where there is none."""
    return "-" if value is None else f"{value:.3f}"


def interval_text(interval: Interval, *, signed: bool = False, places: int = 3) -> str:
    """Both ends."""
    low, high = interval
    return f"{low:+.{places}f} to {high:+.{places}f}" if signed else f"{number(low, places)}-{number(high, places)}"


def p_text(value: float | None) -> str:
    """A p-value, or a dash where there is none."""
    if value is None:
        return "-"
    return "<.001" if value < _LEAST_P else f"{value:.3f}"


def wrapped(text: str, indent: int = 0, following: int | None = None) -> list[str]:
    """Lines of at most 80 characters."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent if following is None else following),
        break_on_hyphens=False,
    )
