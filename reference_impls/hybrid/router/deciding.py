"""Which way a request goes: to its fixed handling where the classifier is sure enough, and in doubt to retrieval."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..base import Way
from .handling import Handling


@dataclass(frozen=True)
class Decision:
    """The way of one request.

    Attributes:
        way: `fixed` or `retrieval`.
        text: The fixed answer; empty for retrieval.
        label: What the classifier calls the request.
        confidence: Its calibrated probability, in [0, 1].
        why: In one sentence.
    """

    way: Way
    text: str
    label: str
    confidence: float
    why: str


def decide(label: str, confidence: float, least: float | None, handling: Handling) -> Decision:
    """The way of a request.

    Retrieval is the way in doubt: where the classifier is not sure enough, where its label belongs to retrieval, and
    where nobody has said what is done with that label.

    Args:
        label: The likeliest.
        confidence: Its calibrated probability.
        least: From which confidence on a request is kept from retrieval; None for never.
        handling: What is done with each label.
    """
    fixed = handling.fixed.get(label)
    if fixed is None:
        why = "whose requests need the documents" if label in handling.retrieval else "for which no handling is written"
        return Decision("retrieval", "", label, confidence, f"it is taken for {label}, {why}")
    if least is None or confidence < least:
        wanted = "nothing is sure enough" if least is None else f"{least:.2f} is sure enough"
        why = f"it may be {label} ({confidence:.2f}, and {wanted}): in doubt the documents are searched"
        return Decision("retrieval", "", label, confidence, why)
    return Decision("fixed", fixed.answer, label, confidence, f"it is taken for {label} ({confidence:.2f})")


def unknown_labels(handling: Handling, labels: Sequence[str]) -> tuple[list[str], list[str]]:
    """Labels of the file that no example has, and labels of examples that the file lacks."""
    written = {*handling.fixed, *handling.retrieval}
    return sorted(written - set(labels)), sorted(set(labels) - written)
