"""One label, one spelling: numbers and text that mean the same are taken as the same, and said."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .base import Example, Span

_SHOWN = 5


def labels_of(example: Example) -> tuple[str, ...]:
    """The labels of an example: one for a class, one for each span."""
    if isinstance(example.target, str):
        return (example.target,)
    return tuple(span.label for span in example.target)


def unify_labels(*parts: Sequence[Example]) -> tuple[list[Example], list[str]]:
    """Gives labels that mean the same one spelling, over all parts together.

    Whole numbers with and without a fraction are one label (`1` and `1.0`) where both occur, and so are spellings
    that Unicode holds for the same. Labels that differ in case only stay apart, since they may mean two things.

    Args:
        parts: For example training and test data.

    Returns:
        The examples of all parts, one after another, and what was noticed.
    """
    examples = [example for part in parts for example in part]
    counts = Counter(label for example in examples for label in labels_of(example))
    spellings: dict[str, list[str]] = {}
    for label in counts:
        spellings.setdefault(_meaning(label), []).append(label)
    chosen = {label: min(alike, key=len) for alike in spellings.values() if len(alike) > 1 for label in alike}
    remarks = [
        f"the labels {_quoted(alike)} are taken as one, {min(alike, key=len)!r}"
        for alike in spellings.values()
        if len(alike) > 1
    ]
    by_case: dict[str, list[str]] = {}
    for label in dict.fromkeys(chosen.get(label, label) for label in counts):
        by_case.setdefault(label.casefold(), []).append(label)
    remarks += [
        f"the labels {_quoted(alike)} differ in upper and lower case only, and are kept apart"
        for alike in by_case.values()
        if len(alike) > 1
    ]
    return ([_relabelled(example, chosen) for example in examples] if chosen else examples), remarks


def _meaning(label: str) -> str:
    composed = unicodedata.normalize("NFC", label)
    whole, point, fraction = composed.partition(".")
    number = whole.removeprefix("-")
    return whole if point and number.isdecimal() and not fraction.strip("0") else composed


def _relabelled(example: Example, chosen: dict[str, str]) -> Example:
    if isinstance(example.target, str):
        return replace(example, target=chosen.get(example.target, example.target))
    spans = tuple(Span(span.start, span.end, chosen.get(span.label, span.label)) for span in example.target)
    return replace(example, target=spans)


def known_label(label: str, known: Iterable[str]) -> str | None:
    """The label of a model that a label of new data means, or None for one that the model does not know."""
    names = list(known)
    if label in names:
        return label
    return next((name for name in names if _meaning(name) == _meaning(label)), None)


def _quoted(labels: Iterable[str]) -> str:
    names = sorted(labels)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(repr(name) for name in names[:_SHOWN]) + more
