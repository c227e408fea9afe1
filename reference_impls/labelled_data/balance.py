"""How the labels are spread, and what to do where some are rare."""

from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from .base import Example
from .labels import labels_of
from .settings import Settings
from .splits import named_labels


class LabelCount(BaseModel):
    """How many examples, or spans, have a label."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    count: int


class Balance(BaseModel):
    """The labels, the commonest first.

    Attributes:
        labels: With their counts.
        ratio: How many times the rarest the commonest is.
        without: For extraction: examples without any span.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    labels: tuple[LabelCount, ...]
    ratio: float
    without: int = 0


def measure_balance(examples: Sequence[Example]) -> Balance | None:
    """Counts the labels; None for generation, which has none."""
    if any(example.turns for example in examples):
        return None
    counts = Counter(label for example in examples for label in labels_of(example))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return Balance(
        labels=tuple(LabelCount(label=label, count=count) for label, count in ordered),
        ratio=ordered[0][1] / ordered[-1][1] if ordered else 1.0,
        without=sum(not labels_of(example) for example in examples),
    )


def balance_remarks(balance: Balance, settings: Settings) -> Iterator[str]:
    """What is to be known, and done, about rare labels."""
    rare = [each.label for each in balance.labels if each.count < settings.fewest_per_label]
    if rare:
        yield (
            f"{named_labels(rare)} in fewer than {settings.fewest_per_label} examples: label more of them, or merge "
            "labels that need not be told apart"
        )
    if balance.ratio > settings.largest_imbalance:
        first, last = balance.labels[0], balance.labels[-1]
        yield (
            f"{first.label!r} is {balance.ratio:.0f} times as common as {last.label!r}: go by macro-F1 and the figures "
            "of each label, not by accuracy, and label more of the rare ones before weighing classes"
        )
