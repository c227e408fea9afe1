"""Which two models are compared, and by which rows."""

from collections.abc import Callable
from pathlib import Path

from ...labelled_data.duplicates import group_examples
from ...labelled_data.reading import read_examples
from ...labelled_data.sides import Units, united
from ...project_base.errors import UserError
from ...registry.version import model_digest
from ..ladder.data import read_data
from ..ladder.scoring import metric_of
from ..settings import ProjectSettings
from .answering import Answering, open_answering
from .comparing import Rows

CHAMPION = "champion"
"""How commands call the version in service."""

Tell = Callable[[str], object]


def opened(settings: ProjectSettings, first: str, second: str, tell: Tell) -> tuple[Answering, Answering]:
    """Opens both.

    Args:
        settings: Of the project.
        first: A version, a folder, or `champion`.
        second: Likewise.
        tell: Hears what should be known of them.

    Raises:
        UserError: One cannot be opened, or both are the same model.
    """
    models = [open_answering(settings, "" if each == CHAMPION else each, tell) for each in (first, second)]
    if model_digest(models[0].folder.path) == model_digest(models[1].folder.path):
        raise UserError(f"{first} and {second} are the same model", "name two different ones")
    return models[0], models[1]


def rows_of_file(settings: ProjectSettings, file: Path, tell: Tell) -> Rows:
    """The rows of a labelled file; those that cannot be used are told and left out.

    Raises:
        UserError: The file cannot be read, or holds no usable row.
    """
    read = read_examples(file, settings.fine_tuning.task, settings.labelled_data)
    if read.faults:
        tell(f"{len(read.faults):,} rows of {file.name} cannot be used; the first is {read.faults[0]}")
    groups = group_examples(read.examples, settings.labelled_data.near_duplicate)
    examples = united(read.examples, Units.of(read.examples, groups, settings.labelled_data.seed))
    return Rows(examples, f"the labelled rows of {file.name}", "", metric_of(settings.fine_tuning, examples))


def test_rows(settings: ProjectSettings) -> Rows:
    """The test data of the project.

    Raises:
        UserError: The data cannot be used, or holds no test rows.
    """
    data = read_data(settings)
    if not data.test:
        raise UserError(
            "there are no test rows", "raise labelled_data.test_share, set fine_tuning.test, or give --on FILE"
        )
    what = "the test data, which no model of this project was trained on"
    return Rows(data.test, what, data.digest, data.metric, data.present)
