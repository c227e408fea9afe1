"""Links the facts: questions, their options and bands, what follows from what, and the order to work them out in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from advisor.conditions import Codes
from advisor.knowledge import files
from advisor.knowledge.asked import Ask, Derivation, Option
from advisor.knowledge.faults import Faults, Where
from advisor.strict_yaml import Loaded
from advisor.values import Band, parse_band

__all__ = ["in_reading_order", "link_asks", "link_derivations"]

Criteria = Sequence[tuple[files.CriterionFile, Loaded]]


def link_asks(criteria: Criteria, faults: Faults) -> dict[str, Ask]:
    """The questions; fills the vocabulary of `faults`."""
    places: dict[str, str] = {}
    texts: list[tuple[files.AskText, str, Where]] = []
    seen_criteria: dict[str, str] = {}
    for criterion, loaded in criteria:
        stem = loaded.name.rsplit("/", 1)[-1].removesuffix(".yaml")
        if stem != criterion.criterion:
            faults.complain(
                (loaded, ("criterion",)),
                f"criterion {criterion.criterion!r} must stand in a file of its name, not in {stem}.yaml",
            )
        if criterion.criterion in seen_criteria:
            faults.complain((loaded, ("criterion",)), f"criterion {criterion.criterion!r} stands twice")
        seen_criteria[criterion.criterion] = loaded.name
        for index, text in enumerate(criterion.asks):
            where = (loaded, ("asks", index))
            if text.fact in places:
                faults.complain(where, f"fact {text.fact!r} is asked twice (first at {places[text.fact]})")
                continue
            places[text.fact] = loaded.where(("asks", index))
            texts.append((text, criterion.criterion, where))
    options = {text.fact: _options(faults, text, where) for text, _, where in texts}
    for text, _, _ in texts:
        settled = tuple(o.code for o in options[text.fact] if not o.could_be)
        ordered = settled if text.ordered or text.unit else ()
        faults.vocabulary[text.fact] = Codes(tuple(o.code for o in options[text.fact]), ordered)
    return {
        text.fact: Ask(
            fact=text.fact,
            criterion=criterion,
            question=text.question,
            why=text.why,
            help=text.help,
            unit=text.unit,
            ordered=text.ordered or text.unit is not None,
            negotiable=text.negotiable,
            options=options[text.fact],
            when=faults.condition(text.when, (where[0], (*where[1], "when"))),
            where=places[text.fact],
        )
        for text, criterion, where in texts
    }


def _options(faults: Faults, text: files.AskText, where: Where) -> tuple[Option, ...]:
    loaded, path = where
    options = []
    if len(text.options) < 2:
        faults.complain(where, f"{text.fact} needs at least two options")
    for code, written in text.options.items():
        at = (loaded, (*path, "options", code))
        entry = files.OptionText(means=written) if isinstance(written, str) else written
        band = _band(faults, text, code, entry, at)
        faults.known(at, "code", entry.could_be, set(text.options) - {code})
        options.append(Option(code, entry.means, band, entry.could_be))
    return tuple(options)


def _band(faults: Faults, text: files.AskText, code: str, entry: files.OptionText, where: Where) -> Band | None:
    if (entry.band is None) == (text.unit is not None) and not entry.could_be:
        wanted = f"needs a band, since {text.fact} has a unit" if text.unit else f"has a band, but {text.fact} no unit"
        faults.complain(where, f"option {code!r} {wanted}")
    if entry.band is None:
        return None
    try:
        return parse_band(entry.band)
    except ValueError as fault:
        faults.complain(where, str(fault))
        return None


def in_reading_order(asks: Mapping[str, Ask], derivations: Sequence[Derivation], faults: Faults) -> dict[str, Ask]:
    """The facts so that each comes after those that decide whether it applies, or what follows for it."""
    needs = {fact: set(ask.when.facts()) for fact, ask in asks.items()}
    for derivation in derivations:
        needs.get(derivation.fact, set()).update(derivation.when.facts())
    ordered = {fact: sorted(before) for fact, before in needs.items()}
    try:
        return {fact: asks[fact] for fact in TopologicalSorter(ordered).static_order() if fact in asks}
    except CycleError as fault:
        circle = fault.args[1]
        faults.problems.append(f"{asks[circle[0]].where}: these facts wait for one another: {' -> '.join(circle)}")
        return dict(asks)


def link_derivations(criteria: Criteria, faults: Faults) -> tuple[Derivation, ...]:
    """What follows from other facts."""
    derivations = []
    for criterion, loaded in criteria:
        for index, text in enumerate(criterion.derives):
            where = (loaded, ("derives", index))
            faults.known(where, "fact", [text.fact], faults.vocabulary)
            if text.fact in faults.vocabulary:
                faults.known(where, f"code of {text.fact}", [text.code], faults.vocabulary[text.fact].named)
            when = faults.condition(text.when, (loaded, ("derives", index, "when")))
            derivations.append(Derivation(text.fact, text.code, when, text.because, loaded.where(where[1])))
    return tuple(derivations)
