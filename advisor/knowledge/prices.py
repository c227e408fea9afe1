"""Links prices.yaml: figures to their sources, recipes to patterns and figures, the user's own file on top of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from advisor.knowledge.faults import Faults
from advisor.knowledge.figures import CORPUS, INPUT, OUTPUT, Call, Figure, Prices, Recipe
from advisor.knowledge.model import Source
from advisor.knowledge.price_files import FigureText, OwnPricesFile, PricesFile
from advisor.strict_yaml import Loaded

__all__ = ["link_prices"]


def link_prices(
    built_in: tuple[PricesFile, Loaded],
    own: tuple[OwnPricesFile, Loaded] | None,
    patterns: Iterable[str],
    sources: Mapping[str, Source],
    faults: Faults,
) -> Prices:
    """The prices, with what the user's own file changes."""
    file, loaded = built_in
    for key in sorted(set(file.figures) & set(faults.vocabulary)):
        faults.complain((loaded, ("figures", key)), f"{key} is a fact already: one name cannot stand for both")
    figures = {
        key: _figure(key, text, (file, loaded), sources, faults, before=None) for key, text in file.figures.items()
    }
    recipes = _recipes(file, loaded, patterns, figures, faults)
    review_by = file.review_by
    if own is not None:
        mine, at = own
        faults.known((at, ("figures",)), "figure", mine.figures, figures)
        for key, text in mine.figures.items():
            if key in figures:
                figures[key] = _figure(key, text, (mine, at), sources, faults, before=figures[key])
        recipes |= _recipes(mine, at, patterns, figures, faults)
        review_by = mine.review_by or review_by
    currencies = sorted({figure.currency for figure in figures.values() if figure.currency})
    if len(currencies) > 1:
        places = [key for key, figure in figures.items() if figure.currency and figure.own] or list(figures)
        faults.complain(
            (own[1] if own else loaded, ("figures", places[0])),
            f"figures in {' and '.join(currencies)} cannot be added up: give all money in one currency",
        )
    return Prices("".join(currencies[:1]), review_by, figures, recipes)


def _figure(
    key: str,
    text: FigureText,
    file: tuple[PricesFile | OwnPricesFile, Loaded],
    sources: Mapping[str, Source],
    faults: Faults,
    before: Figure | None,
) -> Figure:
    """One figure; what an own one leaves out is as in the built-in one that it replaces."""
    parsed, loaded = file
    where = (loaded, ("figures", key))
    low, high = (text.value, text.value) if text.value is not None else (text.low, text.high)
    if low is None or high is None or (text.value is not None and (text.low or text.high)):
        faults.complain(where, f"{key} takes either 'value', or 'low' and 'high'")
        low = high = 1.0
    if low > high:
        faults.complain(where, f"{key}: 'low' is above 'high'")
    _check(key, text, file, sources, faults, before)
    source = text.because or ""
    if text.list in parsed.lists:
        source = "; ".join(part for part in (parsed.lists[text.list], source) if part)
    elif text.evidence is not None and text.evidence in sources:
        source = f"{sources[text.evidence].title}. {sources[text.evidence].by}"
    return Figure(
        id=key,
        means=text.means or (before.means if before else ""),
        low=low,
        high=high,
        unit=text.unit or (before.unit if before else ""),
        currency=text.currency or (before.currency if before else None),
        as_of=text.as_of or _year(text.evidence, sources) or parsed.as_of or "date not said",
        status=text.status or ("assumed" if before is None else "own"),
        source=source,
        evidence=text.evidence,
        own=before is not None,
    )


def _year(evidence: str | None, sources: Mapping[str, Source]) -> str | None:
    """Of the evidence that a figure rests on: it is as old as that."""
    source = sources.get(evidence or "")
    return str(source.year) if source is not None and source.year is not None else None


def _check(
    key: str,
    text: FigureText,
    file: tuple[PricesFile | OwnPricesFile, Loaded],
    sources: Mapping[str, Source],
    faults: Faults,
    before: Figure | None,
) -> None:
    """Complains of what is missing, and of what does not fit the source or the figure that it replaces."""
    parsed, loaded = file
    where = (loaded, ("figures", key))
    if before is None:
        for name in ("unit", "means", "status"):
            if getattr(text, name) is None:
                faults.complain(where, f"{key}: {name} is missing")
        if text.status != "assumed" and not (text.evidence or text.list or text.because):
            faults.complain(where, f"{key} is not assumed, so it needs 'evidence', 'list' or 'because'")
    elif text.unit is not None and text.unit != before.unit:
        faults.complain(where, f"{key} is counted {before.unit!r}, not {text.unit!r}: convert the number")
    elif text.currency is not None and before.currency is None:
        faults.complain(where, f"{key} is no money: it takes no currency")
    if text.evidence is not None:
        faults.known(where, "evidence", [text.evidence], sources)
        status = sources[text.evidence].status if text.evidence in sources else text.status
        if text.status not in (status, "derived", None):
            faults.complain(where, f"{text.evidence} has the status {status} in sources.yaml, not {text.status}")
    if text.list is not None:
        faults.known(where, "list", [text.list], parsed.lists)


def _recipes(
    file: PricesFile | OwnPricesFile,
    loaded: Loaded,
    patterns: Iterable[str],
    figures: Mapping[str, Figure],
    faults: Faults,
) -> dict[str, Recipe]:
    recipes = {}
    faults.known((loaded, ("recipes",)), "pattern", file.recipes, patterns)
    for key, text in file.recipes.items():
        where = (loaded, ("recipes", key))
        for call in text.calls:
            faults.known(where, "figure", call.reads, [*figures, INPUT, OUTPUT, CORPUS])
            faults.known(where, "part of reads", call.caches, call.reads)
            faults.known(where, "figure", [one for one in (call.times, call.rest_of) if one], figures)
        faults.known(where, "figure", [*text.before, *text.fresh_after], figures)
        calls = tuple(Call(one.model, one.reads, one.caches, one.times, one.rest_of) for one in text.calls)
        recipes[key] = Recipe(calls, text.before, text.index, text.reranks, text.trains, text.fresh_after)
    return recipes
