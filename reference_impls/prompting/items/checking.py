"""Looks at an evaluation set before anything is paid for."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ...evaluation.rates import wilson_interval
from ..prompts.prompt_file import PromptFile
from .base import Item
from .similar import similar_pairs

LEAST = 20
"""Items below which an evaluation set is too small to decide by."""
_TOLD = 5

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """Something about an evaluation set; an error keeps it from being tried."""

    severity: Severity
    text: str
    place: str = ""
    """Where it is to be mended, as `file:line`; empty where no line is."""


def counted(count: int, word: str) -> str:
    """A count with its noun: 1 item, 2 items."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def check_items(items: Sequence[Item], examples: Sequence[Item], prompt: PromptFile, target: float) -> list[Finding]:
    """All findings, the worst first.

    Args:
        items: The evaluation set.
        examples: The worked examples; none of them may be an item.
        prompt: Says which outputs are possible.
        target: The share of good outputs that is wanted, by which the interval is told.
    """
    found = [*_outputs(items, prompt), *_outputs(examples, prompt), *_leakage(items, examples), *_duplicates(items)]
    found += [*_size(items, target), *_balance(items, prompt)]
    order: list[Severity] = ["error", "warning", "note"]
    return sorted(found, key=lambda finding: order.index(finding.severity))


def _outputs(items: Sequence[Item], prompt: PromptFile) -> list[Finding]:
    found = []
    missing = [item.place for item in items if not item.complete]
    if missing and not prompt.judged_by_person:
        have = "has" if len(missing) == 1 else "have"
        told = f"{counted(len(missing), 'item')} {have} no wanted output yet, the first at {missing[0]}: fill them in"
        found.append(Finding("error", told, missing[0]))
    for item in items:
        if item.complete and (wrong := prompt.declaration.wrong_with_wanted(item)):
            found.append(Finding("error", f"{item.place}: {wrong}", item.place))
    return found


def _leakage(items: Sequence[Item], examples: Sequence[Item]) -> list[Finding]:
    """Examples that give an item's answer away."""
    both = [*examples, *items]
    count = len(examples)
    shared = [pair for pair in similar_pairs([each.input for each in both]) if pair.first < count <= pair.second]
    return [
        Finding(
            "error",
            f"the example {both[pair.first].id} is {_how(pair.similarity)} the item {both[pair.second].id} "
            f"({both[pair.second].place}): the prompt would hold its answer; take one of them out",
            both[pair.second].place,
        )
        for pair in shared
    ]


def _duplicates(items: Sequence[Item]) -> list[Finding]:
    found = []
    for pair in similar_pairs([item.input for item in items]):
        first, second = items[pair.first], items[pair.second]
        if first.wanted() != second.wanted() and pair.similarity == 1:
            text = f"the items {first.id} and {second.id} have the same input and want different outputs"
            found.append(Finding("error", f"{text}: mend one of them ({second.place})", second.place))
        else:
            text = f"the item {second.id} ({second.place}) is {_how(pair.similarity)} the item {first.id}"
            found.append(Finding("warning", f"{text}, and counts twice"))
    return found


def _how(similarity: float) -> str:
    return "the same as" if similarity == 1 else f"nearly the same (similarity {similarity:.2f}) as"


def _size(items: Sequence[Item], target: float) -> list[Finding]:
    count = len(items)
    right = round(target * count)
    low, high = wilson_interval(right, count)
    told = (
        f"{count} items: with {right} of them right, the 95 % interval of the share is {low:.2f} to {high:.2f}; "
        f"about {items_for(target, 0.05):,} items would tell it to within 0.05"
    )
    if count < LEAST:
        return [Finding("warning", f"too few to decide by, {LEAST} are the least. {told}")]
    return [Finding("note", told)]


def items_for(share: float, half: float) -> int:
    """Items after which the interval of a share is about plus or minus `half`: 1.96^2 s (1 - s) / half^2.

    Formula: the normal approximation of the binomial; a share of 0 or 1 counts as 0.02 away from it.
    """
    near = min(max(share, 0.02), 0.98)
    return math.ceil(1.959964**2 * near * (1 - near) / half**2)


def _balance(items: Sequence[Item], prompt: PromptFile) -> list[Finding]:
    labels = prompt.declaration.labels
    # What nobody has answered yet, or not as declared, is told as a fault, and wants no label.
    seen = Counter(item.output for item in items if item.output in labels)
    if not seen:
        return []
    missing = [label for label in labels if not seen[label]]
    found = []
    if missing:
        found.append(Finding("warning", f"no item wants {', '.join(missing[:_TOLD])}: nothing will be known of it"))
    commonest, count = seen.most_common(1)[0]
    share = count / seen.total()
    told = f"always saying {commonest} would be right on {share:.2f} of the items"
    found.append(Finding("note", told if seen.total() == len(items) else f"{told} that have a label"))
    return found
