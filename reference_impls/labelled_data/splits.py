"""Which examples train, which choose and stop, and which judge: no near-duplicate and no group on two sides."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..project_base.errors import UserError
from ..texts.minhash import exact_key
from .base import Example, Task
from .by_label import spread_over_sides
from .by_time import cut_by_time
from .duplicates import compared_text
from .labels import labels_of
from .near_duplicates import Groups
from .settings import Settings
from .sides import Side, Units

SCHEMA = "split/1"
_MEASURABLE = 5
_NAMED = 10
_LEAKS = "nearly the same as, or of one group with, a test row"


@dataclass(frozen=True)
class Split:
    """The sides of the examples, as positions in ascending order.

    Attributes:
        train: What the models learn from.
        validation: What chooses between them, and when to stop.
        test: What judges the chosen one; positions in the examples, or in those of the test file where one is given.
        left_out: Positions of examples that stand on no side, since they would leak; with the reason.
        method: How the sides were chosen.
        remarks: What is to be known about it.
        digest: A sha256 of sides, texts and targets; the same for the same rows in another order.
    """

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]
    left_out: Mapping[int, str] = field(default_factory=dict, hash=False)
    method: str = ""
    remarks: tuple[str, ...] = ()
    digest: str = ""

    def document(
        self, examples: Sequence[Example], test_examples: Sequence[Example] | None = None
    ) -> dict[str, object]:
        """The split as JSON values, with the places of the rows, so that anybody can see who stands where."""
        judged = examples if test_examples is None else test_examples
        return {
            "schema": SCHEMA,
            "digest": self.digest,
            "method": self.method,
            "remarks": list(self.remarks),
            "train": [examples[place].place for place in self.train],
            "validation": [examples[place].place for place in self.validation],
            "test": [judged[place].place for place in self.test],
            "left_out": {examples[place].place: why for place, why in self.left_out.items()},
        }


def split_examples(
    examples: Sequence[Example], groups: Groups, task: Task, settings: Settings, given_test: int = 0
) -> Split:
    """Splits examples into training, validation and test data.

    Args:
        examples: All of them; with a test file its examples last.
        groups: Of the same examples, so that a near-duplicate between the files is known.
        task: Classification is stratified by label, extraction by the rarest label of the spans.
        settings: Method, shares and seed.
        given_test: How many examples at the end are the test data; 0 has it chosen.

    Raises:
        UserError: The method needs a column that is not there, or a side would be empty.
    """
    own = len(examples) - given_test
    _check_method(examples[:own], settings)
    units = Units.of(examples, groups, settings.seed)
    left_out = units.touching(range(own, len(examples)), _LEAKS) if given_test else {}
    free = [place for place in range(own) if place not in left_out]
    shares = (settings.validation_share, 0.0 if given_test else settings.test_share)
    if settings.split in ("time", "order"):
        sides, dropped = cut_by_time(examples, free, units, shares, by_file_order=settings.split == "order")
        left_out |= dropped
    else:
        sides = spread_over_sides(_strata(examples, task), free, units, shares)
    train, validation, test = (tuple(place for place in free if sides.get(place) is side) for side in Side)
    test = tuple(range(own, len(examples))) if given_test else test
    if task == "classification":
        known = {examples[place].target for place in train}
        unknown = [place for place in validation if examples[place].target not in known]
        left_out |= dict.fromkeys(unknown, "its label occurs in no training row, so it cannot validate")
        validation = tuple(place for place in validation if place not in left_out)
    _refuse_empty(train, validation, test, examples, task)
    return Split(
        train=train,
        validation=validation,
        test=tuple(place - own for place in test) if given_test else test,
        left_out=dict(sorted(left_out.items())),
        method=_method(settings, task, bool(given_test)),
        remarks=tuple(_remarks(examples, task, train, test)),
        digest=_digest(examples, {Side.TRAIN: train, Side.VALIDATION: validation, Side.TEST: test}),
    )


def _check_method(examples: Sequence[Example], settings: Settings) -> None:
    if settings.split == "time" and not all(example.when for example in examples):
        raise UserError(
            "labelled_data.split is time, and there is no column with the time of each row",
            "set labelled_data.time to that column; where the rows stand in order of time, set labelled_data.split to "
            "order",
        )
    if settings.split == "group" and not any(example.group for example in examples):
        raise UserError(
            "labelled_data.split is group, and no row has a group",
            "set labelled_data.group to the column whose rows belong together",
        )


def _strata(examples: Sequence[Example], task: Task) -> list[str]:
    if task == "generation":
        return [""] * len(examples)
    # The rarest label of several decides, or it might miss on a side.
    counts = Counter(label for example in examples for label in set(labels_of(example)))
    return [min(labels_of(each), key=lambda label: (counts[label], label), default="") for each in examples]


def _refuse_empty(
    train: Sequence[int], validation: Sequence[int], test: Sequence[int], examples: Sequence[Example], task: Task
) -> None:
    sides = {"training": train, "validation": validation, "the test": test}
    empty = [name for name, places in sides.items() if not places]
    if empty:
        raise UserError(
            f"too few rows: none is left for {' and '.join(empty)} (training {len(train):,}, validation "
            f"{len(validation):,}, test {len(test):,}){_labels_of_one_row(examples, task)}",
            "gather more labelled rows; where most stand in one group or are nearly the same, split by another column",
        )


def _labels_of_one_row(examples: Sequence[Example], task: Task) -> str:
    """Says where most labels have one row, as where a column of texts or numbers was taken for the labels."""
    counts = Counter(str(example.target) for example in examples) if task == "classification" else Counter[str]()
    single = sum(count == 1 for count in counts.values())
    if 2 * single <= len(counts):
        return ""
    return f"; {single:,} of {len(counts):,} labels have one row each: is it the right column (labelled_data.label)?"


def _method(settings: Settings, task: Task, given_test: bool) -> str:
    labels = "" if task == "generation" else ", every label with its share"
    how = {
        "random": f"at random{labels}",
        "group": f"at random by group{labels} as far as the groups allow",
        "time": "by time, the latest rows last",
        "order": "in the order of the rows, the last rows last",
    }[settings.split]
    return f"{how}; test rows as given" if given_test else how


def _remarks(examples: Sequence[Example], task: Task, train: Sequence[int], test: Sequence[int]) -> Iterator[str]:
    if task == "generation":
        return
    trained = Counter(label for place in train for label in labels_of(examples[place]))
    tested = Counter(label for place in test for label in labels_of(examples[place]))
    new = [label for label in tested if label not in trained]
    if new:
        yield f"{named_labels(new)} in the test rows and in no training row: no model can find what it never saw"
    untested = [label for label in trained if label not in tested]
    if untested:
        yield f"{named_labels(untested)} in no test row, having too few rows: nothing is measured there"
    small = [label for label, count in tested.items() if count < _MEASURABLE and label in trained]
    if small:
        yield f"{named_labels(small)} in fewer than {_MEASURABLE} test rows: figures of one such label say little"


def named_labels(labels: Sequence[str]) -> str:
    """The first labels with the verb that follows them: `the label 'a' is`, `12 labels 'a', 'b' and 10 more are`."""
    names = ", ".join(repr(label) for label in labels[:_NAMED])
    more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
    return f"the label {names} is" if len(labels) == 1 else f"{len(labels)} labels ({names}{more}) are"


def _digest(examples: Sequence[Example], sides: Mapping[Side, Sequence[int]]) -> str:
    lines = sorted(
        f"{side.value} {exact_key(compared_text(examples[place])).hex()} {examples[place].target!r}"
        for side, places in sides.items()
        for place in places
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8", "replace")).hexdigest()
