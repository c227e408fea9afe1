"""Which rows measure what an exported model costs, and which teach it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ...labelled_data.base import Example
from ...labelled_data.duplicates import group_examples
from ...labelled_data.labels import known_label
from ...labelled_data.reading import stream_inputs
from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from ...registry.model_folder import ModelFolder
from ...registry.version import Version
from ..answering.answering import Tell
from ..answering.predicting import without_targets
from ..held_out.held_out import unchecked, unseen_by, vanished
from ..ladder.data import Data
from ..settings import ProjectSettings


def test_rows(folder: ModelFolder, name: str, labels: Sequence[str], data: Data, tell: Tell) -> list[Example]:
    """The test rows that a model was not trained on, with the labels as the model calls them.

    Args:
        folder: Of the model.
        name: What messages call it.
        labels: What it can answer; empty for a language model.
        data: Of the project.
        tell: Hears which rows are left out, and where that is not known.

    Raises:
        UserError: There are none.
    """
    rows = data.test
    version = Version(name, folder.path, folder.kind, folder.about, "")
    unseen, known = unseen_by(version, data.digest, rows, data.present)
    if not known:
        tell(
            f"it is not known what {name} was trained on: if the test rows were among it, the loss is measured too "
            "kindly"
        )
    elif len(unseen) < len(rows):
        tell(f"{len(rows) - len(unseen):,} test rows are left out, since {name} was trained on them")
    if lost := vanished(version, data.digest, data.present):
        tell(unchecked(name, lost))
    if not unseen:
        raise UserError(
            "there are no test rows to measure the loss by",
            "raise labelled_data.test_share, set fine_tuning.test to a file, or "
            f"train on the present data: {command_line('ladder')}",
        )
    return [_named(rows[place], labels) for place in unseen]


def known_rows(examples: Sequence[Example], labels: Sequence[str]) -> list[Example]:
    """Examples whose label a model knows: a student has the labels of its teacher, and no others."""
    named = [_named(example, labels) for example in examples]
    return [example for example in named if not isinstance(example.target, str) or example.target in labels]


def unlabelled_texts(settings: ProjectSettings, data: Data, tell: Tell) -> list[str]:
    """The texts of `fine_tuning.unlabelled`; none where it names no file.

    Those that are test rows, or nearly the same as one, are left out: what a student was taught does not measure it any
    more.

    Raises:
        UserError: The file cannot be read.
    """
    given = settings.fine_tuning
    if not given.unlabelled:
        tell("fine_tuning.unlabelled names no texts: the student learns from the training data alone")
        return []
    rows = list(stream_inputs(Path(given.unlabelled), given.task, without_targets(settings.labelled_data)))
    examples = [row.example for row in rows if row.example is not None]
    if len(examples) < len(rows):
        first = next(f"{row.place}: {row.fault}" for row in rows if row.fault)
        tell(f"{len(rows) - len(examples):,} rows of fine_tuning.unlabelled cannot be used; the first is {first}")
    group = group_examples([*data.test, *examples], settings.labelled_data.near_duplicate).group.tolist()
    tests = set(group[: len(data.test)])
    kept = [example.text for example, each in zip(examples, group[len(data.test) :], strict=True) if each not in tests]
    if left_out := len(examples) - len(kept):
        tell(
            f"{left_out:,} texts of fine_tuning.unlabelled are left out: they are test rows, or nearly the same as one "
            "(labelled_data.near_duplicate)"
        )
    return kept


def _named(example: Example, labels: Sequence[str]) -> Example:
    if not isinstance(example.target, str) or not labels:
        return example
    return replace(example, target=known_label(example.target, labels) or example.target)
