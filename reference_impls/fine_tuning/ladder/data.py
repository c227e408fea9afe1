"""The project's data as the ladder and the evaluation see it: read, split, and cut into parts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal

from ...labelled_data.base import Example
from ...labelled_data.duplicates import group_examples
from ...labelled_data.near_duplicates import Groups
from ...labelled_data.reading import Read, named, read_examples
from ...labelled_data.sides import Units, united
from ...labelled_data.splits import Split, split_examples
from ...project_base.errors import UserError
from ..settings import ProjectSettings
from .digests import data_digest
from .parts import Part, blocks_of, folds_of, in_folds, one_part
from .results import Metric
from .rungs import labels_of
from .scoring import metric_of


@dataclass(frozen=True)
class Data:
    """Examples, and who of them trains, validates and tests.

    Attributes:
        settings: Of the project.
        read: The examples as they were read, with the rows that cannot be used.
        read_test: Those of the test file; None where there is none.
        groups: Near-duplicates among all of them, those of the test file last.
        split: Their sides.
        despite: Findings of the check that were overruled, as `name: what was found`.
    """

    settings: ProjectSettings
    read: Read
    read_test: Read | None
    groups: Groups
    split: Split
    despite: tuple[str, ...] = ()

    @cached_property
    def train(self) -> tuple[Example, ...]:
        """What models learn from."""
        return tuple(self.read.examples[place] for place in self.split.train)

    @cached_property
    def validation(self) -> tuple[Example, ...]:
        """What chooses between models."""
        return tuple(self.read.examples[place] for place in self.split.validation)

    @cached_property
    def test(self) -> tuple[Example, ...]:
        """What judges the chosen model, once; only `evaluate` reads it."""
        examples = self.read.examples if self.read_test is None else self.read_test.examples
        return tuple(examples[place] for place in self.split.test)

    @cached_property
    def present(self) -> tuple[Example, ...]:
        """All rows that there are, those of the test file last."""
        return (*self.read.examples, *(self.read_test.examples if self.read_test else ()))

    @cached_property
    def known(self) -> tuple[Example, ...]:
        """Training and validation together, in the order of the data."""
        return tuple(self.read.examples[place] for place in sorted((*self.split.train, *self.split.validation)))

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """All labels of training and validation, sorted; none for generation."""
        task = self.settings.fine_tuning.task
        return () if task == "generation" else tuple(sorted(set(labels_of(self.known, task))))

    @cached_property
    def metric(self) -> Metric:
        """What decides between models."""
        return metric_of(self.settings.fine_tuning, self.known)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What the rungs are trained on and judged by."""
        task, given = self.settings.fine_tuning.task, self.settings.labelled_data
        examples = self.present
        units = Units.of(examples, self.groups, given.seed).unit
        ordered = given.split in {"time", "order"}

        def in_order(places: Sequence[int]) -> list[int]:
            return sorted(places, key=lambda place: (examples[place].when if given.split == "time" else "", place))

        parts: list[Part] = []
        if self.settings.fine_tuning.in_turn and in_folds(task, len(self.validation)):
            places = in_order((*self.split.train, *self.split.validation))
            known, groups = [examples[place] for place in places], [units[place] for place in places]
            if ordered:
                moments = [examples[place].when if given.split == "time" else f"{place}" for place in places]
                parts = blocks_of(known, moments, groups, given.validation_share, task)
            else:
                parts = folds_of(known, groups, given.validation_share, task, given.seed)
        if not parts:
            train = in_order(self.split.train)
            parts = one_part(
                [examples[place] for place in train],
                self.validation,
                [units[place] for place in train],
                given.validation_share,
                task,
                given.seed,
                ordered,
            )
        return tuple(parts)

    @cached_property
    def judged(self) -> tuple[Example, ...]:
        """The examples that judge the rungs, in the order of the data."""
        places = {example.place for part in self.parts for example in part.judged}
        return tuple(example for example in self.known if example.place in places)

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits over training and validation, and who stands on which side."""
        return data_digest({"train": self.train, "validation": self.validation})


def _read(settings: ProjectSettings, key: Literal["examples", "test"], spelled_like: Sequence[Example] = ()) -> Read:
    """The examples of a file that fine_tuning names; an error says by which key."""
    given = settings.fine_tuning
    try:
        return read_examples(Path(getattr(given, key)), given.task, settings.labelled_data, spelled_like)
    except UserError as error:
        raise UserError(f"fine_tuning.{key}: {error.message}", error.next_step) from error


def read_data(settings: ProjectSettings) -> Data:
    """Reads and splits the project's data.

    Raises:
        UserError: A file is missing or cannot be read, its columns cannot be told, or a side would be empty.
    """
    given = settings.fine_tuning
    read = _read(settings, "examples")
    read_test = _read(settings, "test", read.examples) if given.test else None
    examples: Sequence[Example] = [*read.examples, *(read_test.examples if read_test else ())]
    groups = group_examples(examples, settings.labelled_data.near_duplicate)
    tests = len(read_test.examples) if read_test else 0
    try:
        split = split_examples(examples, groups, given.task, settings.labelled_data, tests)
    except UserError as error:
        faults = (*read.faults, *(read_test.faults if read_test else ()))
        if not faults:
            raise
        lost = f"{len(faults):,} of {read.rows + (read_test.rows if read_test else 0):,} rows cannot be used"
        raise UserError(f"{error.message}; {lost}:\n{named(faults)}", f"mend these rows; {error.next_step}") from error
    examples = united(examples, Units.of(examples, groups, settings.labelled_data.seed))
    count = len(read.examples)
    if read_test:
        read_test = replace(read_test, examples=tuple(examples[count:]))
    return Data(settings, replace(read, examples=tuple(examples[:count])), read_test, groups, split)
