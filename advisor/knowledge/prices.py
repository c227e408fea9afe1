"""Links prices.yaml: figures to their sources, recipes to patterns and figures, the user's own file on top of ours."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from advisor.knowledge.faults import Faults, Where
from advisor.knowledge.figures import CORPUS, INPUT, OUTPUT, Call, Figure, Prices, Recipe
from advisor.knowledge.grounds import Source
from advisor.knowledge.price_files import FigureText, OwnPricesFile, PricesFile, RecipeText
from advisor.strict_yaml import Loaded

__all__ = ["audited", "link_prices"]


def link_prices(
    built_in: tuple[PricesFile, Loaded],
    own: tuple[OwnPricesFile, Loaded] | None,
    patterns: Collection[str],
    sources: Mapping[str, Source],
    faults: Faults,
) -> Prices:
    """The prices, with what the user's own file changes."""
    file, loaded = built_in
    ours = _Linker(loaded, file.lists, file.as_of, sources, faults)
    for key in sorted(set(file.figures) & set(faults.vocabulary)):
        faults.complain((loaded, ("figures", key)), f"{key} is a fact already: one name cannot stand for both")
    figures = {key: ours.figure(key, text) for key, text in file.figures.items()}
    recipes = ours.recipes(file.recipes, patterns, figures)
    review_by, where = file.review_by, loaded.where(("review_by",))
    if own is not None:
        mine, at = own
        theirs = _Linker(at, {**file.lists, **mine.lists}, mine.as_of, sources, faults)
        figures |= theirs.changed(mine.figures, figures)
        recipes |= theirs.recipes(mine.recipes, patterns, figures)
        if mine.review_by:
            review_by, where = mine.review_by, at.where(("review_by",))
    currencies = sorted({figure.currency for figure in figures.values() if figure.currency})
    if len(currencies) > 1:
        at_fault = (own[1], ("figures",)) if own else (loaded, ("figures",))
        faults.complain(
            at_fault, f"figures in {' and '.join(currencies)} cannot be added up: give all money in one currency"
        )
    return Prices("".join(currencies[:1]), review_by, figures, recipes, where)


def audited(own: tuple[tuple[str, str], ...], file: OwnPricesFile) -> tuple[tuple[str, str], ...]:
    """The audit of a rules folder, with what its prices.yaml changes in words."""
    changes = [
        f"changed {kind}: {', '.join(sorted(named))}"
        for kind, named in (("figures", file.figures), ("recipes", file.recipes))
        if named
    ]
    return tuple((path, "; ".join(changes) or how if path == "prices.yaml" else how) for path, how in own)


@dataclass(frozen=True)
class _Linker:
    """Links one file.

    Attributes:
        lists: price lists that its figures may name.
        as_of: of figures that give no date.
    """

    loaded: Loaded
    lists: Mapping[str, str]
    as_of: str | None
    sources: Mapping[str, Source]
    faults: Faults

    def changed(self, texts: Mapping[str, FigureText], figures: Mapping[str, Figure]) -> dict[str, Figure]:
        """The figures that replace others."""
        for key in texts:
            self.faults.known((self.loaded, ("figures", key)), "figure", [key], figures)
        return {key: self.figure(key, text, figures[key]) for key, text in texts.items() if key in figures}

    def figure(self, key: str, text: FigureText, before: Figure | None = None) -> Figure:
        """One figure; what it leaves out is as in the one `before`, which it replaces."""
        where = (self.loaded, ("figures", key))
        low, high = (text.value, text.value) if text.value is not None else (text.low, text.high)
        if low is None or high is None or (text.value is not None and (text.low or text.high)):
            self.faults.complain(where, f"{key} takes either 'value', or 'low' and 'high'")
            low = high = 1.0
        if high > 1 and (text.unit or (before.unit if before else "")).startswith("share "):
            self.faults.complain(where, f"{key} is a share: a number above 0 and up to 1 is wanted")
        if low > high:
            self.faults.complain(where, f"{key}: 'low' is above 'high'")
        self._fits(text, before, where)
        self._is_grounded(text, where)
        evidence = self.sources.get(text.evidence or "")
        grounds = [self.lists.get(text.list or ""), text.because, evidence and f"{evidence.title}. {evidence.by}"]
        return Figure(
            id=key,
            means=text.means or (before.means if before else ""),
            low=low,
            high=high,
            unit=text.unit or (before.unit if before else ""),
            currency=text.currency or (before.currency if before else None),
            # A figure is as old as the evidence that it rests on.
            as_of=text.as_of or str((evidence and evidence.year) or self.as_of or "date not said"),
            status=text.status or ("own" if before else "assumed"),
            source="; ".join(part for part in grounds if part),
            evidence=text.evidence,
            own=before is not None,
        )

    def _fits(self, text: FigureText, before: Figure | None, where: Where) -> None:
        key = where[1][-1]
        if before is None:
            for name in ("unit", "means", "status"):
                if getattr(text, name) is None:
                    self.faults.complain(where, f"{key}: {name} is missing")
            if text.status != "assumed" and not (text.evidence or text.list or text.because):
                self.faults.complain(where, f"{key} is not assumed, so it needs 'evidence', 'list' or 'because'")
        elif text.unit is not None and text.unit != before.unit:
            self.faults.complain(where, f"{key} is counted {before.unit!r}, not {text.unit!r}: convert the number")
        elif text.currency is not None and before.currency is None:
            self.faults.complain(where, f"{key} is no money: it takes no currency")

    def _is_grounded(self, text: FigureText, where: Where) -> None:
        if text.list is not None:
            self.faults.known(where, "list", [text.list], self.lists)
        if text.evidence is None:
            return
        self.faults.known(where, "evidence", [text.evidence], self.sources)
        status = self.sources[text.evidence].status if text.evidence in self.sources else text.status
        if text.status not in (status, "derived", None):
            self.faults.complain(where, f"{text.evidence} has the status {status} in sources.yaml, not {text.status}")

    def recipes(
        self, texts: Mapping[str, RecipeText], patterns: Collection[str], figures: Mapping[str, Figure]
    ) -> dict[str, Recipe]:
        """How a call of each pattern is made up."""
        recipes = {}
        for key, text in texts.items():
            where = (self.loaded, ("recipes", key))
            self.faults.known(where, "pattern", [key], patterns)
            for call in text.calls:
                self.faults.known(where, "figure", call.reads, [*figures, INPUT, OUTPUT, CORPUS])
                self.faults.known(where, "part of reads", call.caches, call.reads)
                self.faults.known(where, "figure", [one for one in (call.times, call.rest_of) if one], figures)
            self.faults.known(where, "figure", [*text.before, *text.fresh_after], figures)
            calls = tuple(Call(one.model, one.reads, one.caches, one.times, one.rest_of) for one in text.calls)
            recipes[key] = Recipe(calls, text.before, text.index, text.reranks, text.trains, text.fresh_after)
        return recipes
