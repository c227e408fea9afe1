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


def unify_labels(examples: Sequence[Example], like: Sequence[Example] = ()) -> tuple[list[Example], list[str]]:
    """Gives labels that mean the same one spelling.

    Whole numbers with and without a fraction are one label (`1` and `1.0`) where both occur, and so are spellings
    that Unicode holds for the same. Labels that differ in case only stay apart, since they may mean two things.

    Args:
        examples: With labels or spans.
        like: Others, whose spelling holds where they have such a label.

    Returns:
        The examples, and what was noticed.
    """
    settled = {_meaning(label): label for example in like for label in labels_of(example)}
    counts = Counter(label for example in examples for label in labels_of(example))
    spellings: dict[str, list[str]] = {}
    for label in counts:
        spellings.setdefault(_meaning(label), []).append(label)
    chosen: dict[str, str] = {}
    remarks = []
    for meaning, alike in spellings.items():
        spelling = settled.get(meaning, min(alike, key=len))
        others = [label for label in alike if label != spelling]
        if others:
            remarks.append(f"the labels {_quoted({*alike, spelling})} are taken as one, {spelling!r}")
            chosen |= dict.fromkeys(others, spelling)
    by_case: dict[str, set[str]] = {}
    for label in (*(chosen.get(label, label) for label in counts), *settled.values()):
        by_case.setdefault(label.casefold(), set()).add(label)
    remarks += [
        f"the labels {_quoted(alike)} differ in upper and lower case only, and are kept apart"
        for alike in by_case.values()
        if len(alike) > 1
    ]
    return [_relabelled(example, chosen) for example in examples] if chosen else list(examples), remarks


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
