"""Figures of the user's own in an answers file, such as token counts and prices: they replace those of prices.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from advisor.documents import GivenFigure
from advisor.errors import AnswersError, nearest
from advisor.knowledge import Figure, Knowledge
from advisor.strict_yaml import Loaded, as_plain, as_written

__all__ = ["as_lines", "counted", "in_order", "read_figure", "read_figures"]

LEAST, MOST = 1e-9, 10**12
"""Numbers outside are slips of the pen, and their products would leave the floats."""

LIST = "all figures: advisor rules list --figures"


def read_figures(loaded: Loaded, knowledge: Knowledge, problems: list[str]) -> tuple[GivenFigure, ...]:
    """What stands under `figures:` in a file, which may be missing; what is wrong goes to `problems` with its place."""
    listed = loaded.data.get("figures")
    if "figures" in loaded.data and not isinstance(listed, dict):
        problems.append(f"{loaded.where(('figures',))}: 'figures' must be a mapping of figures to numbers; {LIST}")
    found = []
    for name in listed if isinstance(listed, dict) else ():
        try:
            found.append(read_figure(name, loaded.written(("figures", name)) or "", knowledge))
        except AnswersError as fault:
            problems += [f"{loaded.where(('figures', name))}: {problem}" for problem in fault.problems]
    return in_order(found)


def read_figure(name: str, written: str, knowledge: Knowledge) -> GivenFigure:
    """One figure, as written: a number above zero.

    Raises:
        AnswersError: without a place; the caller knows it.
    """
    figure = knowledge.prices.figures.get(name)
    if figure is None:
        if name in knowledge.asks:
            raise AnswersError(f"{name} is a fact: it stands under 'answers:'")
        guess = nearest(name, knowledge.prices.figures)
        raise AnswersError(f"unknown figure {name[:60]!r}; {f'did you mean {guess}? ' if guess else ''}{LIST}")
    number = as_plain(written)
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise AnswersError(f"{name} takes a number, {counted(figure)}, such as {figure.low:g}; found {written[:60]!r}")
    if not LEAST <= number <= MOST:
        raise AnswersError(
            f"{name} takes a number above 0 and up to {MOST:,}, {counted(figure)}, such as {figure.low:g}"
        )
    if number > 1 and figure.unit.startswith("share "):
        raise AnswersError(f"{name} is a share: a number above 0 and up to 1 is wanted; found {written[:60]!r}")
    return GivenFigure(figure=name, number=float(number))


def counted(figure: Figure) -> str:
    """The unit of a figure in words, with its currency where it is money."""
    return f"in {figure.currency} {figure.unit}" if figure.currency else f"in {figure.unit}"


def in_order(figures: Iterable[GivenFigure]) -> tuple[GivenFigure, ...]:
    """In alphabetical order."""
    return tuple(sorted(figures, key=lambda one: one.figure))


def as_lines(figures: Iterable[GivenFigure], knowledge: Knowledge) -> Iterator[str]:
    """The lines of an answers file; none without figures."""
    for number, given in enumerate(figures):
        if number == 0:
            yield "figures:"
        figure = knowledge.prices.figures[given.figure]
        yield f"  {given.figure}: {as_written(given.number)}  # {counted(figure)}: {figure.means}"
