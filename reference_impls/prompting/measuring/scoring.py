"""Judges one output by what is wanted."""

from dataclasses import dataclass

from ...evaluation.metrics import answer_contained
from ..asking.answered import Answered
from ..items.base import Item
from ..prompts.fields import same_value
from ..prompts.prompt_file import Measure


@dataclass(frozen=True)
class Mark:
    """What an output is worth.

    Attributes:
        right: Whether it is good; None where a person has to say.
        fields_right: Fields with a value that is the wanted one.
        fields_given: Fields for which the output has a value.
        fields_wanted: Fields for which a value is wanted.
        wrong_fields: Names of the fields that are not as wanted, those that should be null among them.
    """

    right: bool | None
    fields_right: int = 0
    fields_given: int = 0
    fields_wanted: int = 0
    wrong_fields: tuple[str, ...] = ()


def mark(item: Item, answered: Answered, measure: Measure) -> Mark:
    """Judges an output; one that is not as declared is wrong.

    Args:
        item: With the wanted output.
        answered: What came.
        measure: `exact` compares texts without regard to white space; `contains` looks for one of the wanted answers as
            whole words, after the normalisation of SQuAD; `label` and `fields` compare values; `person` leaves it open.
    """
    if measure == "fields":
        return _fields(item, answered)
    if measure == "person":
        return Mark(None if answered.valid else False)
    if not answered.valid:
        return Mark(False)
    text = answered.output.text
    wanted = [item.output or "", *item.accepted]
    if measure == "contains":
        return Mark(answer_contained(text, wanted))
    return Mark(any(_plain(text) == _plain(each) for each in wanted))


def _fields(item: Item, answered: Answered) -> Mark:
    wanted = item.fields or {}
    given = (answered.output.fields or {}) if answered.valid else {}
    told = {name for name, value in wanted.items() if value is not None}
    held = {name for name, value in given.items() if value is not None}
    right = {name for name in told & held if same_value(given[name], wanted[name])}
    wrong = tuple(name for name in wanted if name not in right and (name in told or name in held))
    return Mark(answered.valid and not wrong, len(right), len(held), len(told), wrong)


def _plain(text: str) -> str:
    return " ".join(text.split())
