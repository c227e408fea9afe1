"""The rungs of each ladder, cheapest first, and what each needs before it is worth trying."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ...labelled_data.base import Example, Task
from ...project_base.errors import UserError
from ..settings import Settings


@dataclass(frozen=True)
class Rung:
    """One way to train.

    Attributes:
        name: As commands and files know it.
        does: What is trained, in a few words.
        rooms: Sections of the settings that decide its result.
        passes: Whether it is trained in passes over the data, by gradients, which takes minutes and more.
        fewest: With fewer labels (texts of a classification, spans, responses) it is left out.
        fewest_each: Likewise with fewer for the rarest label that holds its share of the data; see `why_not`.
    """

    name: str
    does: str
    rooms: tuple[str, ...]
    passes: bool = False
    fewest: int = 0
    fewest_each: int = 0


_FROZEN = ("embedding", "encoders")
_TUNED = ("embedding", "encoders", "training")
_WRITING = ("generators", "training")

LADDERS: dict[Task, tuple[Rung, ...]] = {
    "classification": (
        Rung("majority", "always the commonest label: the floor", ()),
        Rung("word_counts", "TF-IDF of words and pieces, logistic regression", ("encoders",)),
        Rung("head", "frozen text encoder, trained head", _FROZEN),
        Rung("lora", "adapter (LoRA) in the text encoder", _TUNED, passes=True, fewest=200, fewest_each=8),
        Rung("full", "all weights of the text encoder", _TUNED, passes=True, fewest=1000, fewest_each=8),
    ),
    "extraction": (
        Rung("majority", "the strings that were labelled before: the floor", ()),
        Rung("word_counts", "logistic regression on what stands in and around each word", ("encoders",)),
        Rung("head", "frozen text encoder, trained tagger", _FROZEN),
        Rung("lora", "adapter (LoRA) in the text encoder", _TUNED, passes=True, fewest=200, fewest_each=8),
        Rung("full", "all weights of the text encoder", _TUNED, passes=True, fewest=1000, fewest_each=8),
    ),
    "generation": (
        Rung("untuned", "the language model as it is: the floor", ("generators",)),
        Rung("lora", "adapter (LoRA) in the language model", _WRITING, passes=True, fewest=50),
        Rung("full", "all weights of the language model", _WRITING, passes=True, fewest=1000),
    ),
}
"""Where labels are few, tuning an encoder loses to a head on the frozen one (all-MiniLM-L6-v2 on banking77 with 10 a
label: LoRA .830, head .852, full tuning .667); hence what `fewest` and `fewest_each` ask for."""

_TOPS = {"head": ("lora", "full"), "lora": ("full",), "full": ()}
_RARE = 0.25
"""A label with less than this share of an even part of the data does not stop a rung: nobody waits for it."""


def rung_of(task: Task, name: str) -> Rung:
    """The rung of a name.

    Raises:
        UserError: The task's ladder has none of that name.
    """
    for rung in LADDERS[task]:
        if rung.name == name:
            return rung
    names = ", ".join(rung.name for rung in LADDERS[task])
    raise UserError(f"{task} has no rung {name!r}; its rungs are {names}", "choose one of them")


def why_not(rung: Rung, settings: Settings, examples: Sequence[Example]) -> str:
    """Why the ladder leaves a rung out; empty where it does not.

    Args:
        rung: The rung.
        settings: `climb_to` is the dearest rung that may be tried.
        examples: Those of training and validation.
    """
    if rung.name in _TOPS[settings.climb_to]:
        return f"fine_tuning.climb_to is {settings.climb_to}"
    labels = Counter(labels_of(examples, settings.task))
    count = labels.total()
    what = {"classification": "labelled texts", "extraction": "spans", "generation": "responses"}[settings.task]
    if count < rung.fewest:
        return f"{count} {what}, and it is worth trying from {rung.fewest:,} on"
    even = count / max(1, len(labels))
    common = [(number, label) for label, number in labels.items() if number >= even * _RARE]
    number, label = min(common, default=(0, ""))
    if settings.task != "generation" and number < rung.fewest_each:
        return f"{number} of the label {label!r:.40}, and it is worth trying from {rung.fewest_each} a label on"
    return ""


def labels_of(examples: Sequence[Example], task: Task) -> list[str]:
    """All labels of the examples, as often as they come; for generation one empty text for each response."""
    if task == "generation":
        return [""] * len(examples)
    found: list[str] = []
    for example in examples:
        found += [example.target] if isinstance(example.target, str) else [span.label for span in example.target]
    return found
