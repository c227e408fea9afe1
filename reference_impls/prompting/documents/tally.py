"""Adds up what was read in each document: plain code, so that a count is a count."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from ..items.base import Fields, FieldValue
from ..prompts.fields import FieldSpec

_MONTH = len("2026-03")


class FieldTally(BaseModel):
    """What all documents say of one field.

    Attributes:
        field: Its name.
        told: Documents that tell a value with a quote that stands in them.
        untold: Documents that tell none.
        unsupported: Documents whose value was left out, since its quote does not stand there.
        counts: How many documents have each value, the commonest first; of dates each month, of numbers none.
        total: Sum of a number.
        mean: Its mean over the documents that tell it.
        least: The smallest number, or the earliest date.
        most: The largest number, or the latest date.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    field: str
    told: int
    untold: int
    unsupported: int
    counts: dict[str, int]
    total: float | None = None
    mean: float | None = None
    least: float | str | None = None
    most: float | str | None = None


def tally(
    specs: Mapping[str, FieldSpec], readings: Sequence[Fields], unsupported: Mapping[str, int] | None = None
) -> tuple[FieldTally, ...]:
    """Adds up.

    Args:
        specs: The declared fields.
        readings: The values of each document that could be read; one without support is not among its values.
        unsupported: How many documents of each field have a value that nothing supports.
    """
    given = unsupported or {}
    return tuple(
        _of_field(name, spec, [reading[name] for reading in readings if name in reading], given.get(name, 0))
        for name, spec in specs.items()
    )


def _of_field(name: str, spec: FieldSpec, values: Sequence[FieldValue], unsupported: int) -> FieldTally:
    told = [value for value in values if value is not None]
    numbers = [float(value) for value in told if isinstance(value, int | float) and not isinstance(value, bool)]
    dates = [str(value) for value in told] if spec.type == "date" else []
    counts: dict[str, int] = {}
    if not numbers:
        counted = Counter(word for value in told for word in _words(value, spec))
        counts = dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
    return FieldTally(
        field=name,
        told=len(told),
        untold=len(values) - len(told),
        unsupported=unsupported,
        counts=counts,
        total=math.fsum(numbers) if numbers else None,
        mean=math.fsum(numbers) / len(numbers) if numbers else None,
        least=min(numbers) if numbers else min(dates, default=None),
        most=max(numbers) if numbers else max(dates, default=None),
    )


def _words(value: FieldValue, spec: FieldSpec) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    # Days are counted by month, which shows a trend.
    return (str(value)[:_MONTH] if spec.type == "date" else str(value),)


def as_table(tallies: Sequence[FieldTally], documents: int) -> str:
    """The tallies as lines of text, for people and for the prompt that words the result."""
    lines = [f"documents read: {documents}"]
    for each in tallies:
        lines.append(f"{each.field}: told by {each.told} documents, not told by {each.untold}")
        if each.unsupported:
            lines.append(f"  left out, since the quote does not stand in the document: {each.unsupported}")
        lines += [f"  {value}: {count}" for value, count in each.counts.items()]
        if each.total is not None and each.mean is not None:
            lines.append(f"  sum {_number(each.total)}, mean {_number(each.mean)}")
        if each.least is not None and each.most is not None:
            lines.append(f"  from {_number(each.least)} to {_number(each.most)}")
    return "\n".join(lines)


def _number(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.10g}" if value == round(value, 2) else f"{value:.2f}"
