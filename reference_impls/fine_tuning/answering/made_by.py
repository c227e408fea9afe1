"""What decides the predicted rows: an interrupted run goes on only where all of it is the same."""

from ..ladder.digests import digest_of
from ..settings import ProjectSettings
from .answering import Answering
from .predicting import without_targets
from .rows_out import Table


def made_by(settings: ProjectSettings, answering: Answering, table: Table) -> dict[str, str]:
    """Digests by what a user knows them as.

    Args:
        settings: Of the project.
        answering: The model; its rules are bound to its files by their hash.
        table: The form and the columns of what is written.
    """
    writing = settings.generators.model_dump(mode="json") if answering.task == "generation" else {}
    return {
        "--model": digest_of(answering.rules.model_dump(mode="json")),
        "--format": table.form,
        "columns": digest_of([*table.columns, "", *table.added]),
        "labelled_data": digest_of(without_targets(settings.labelled_data).model_dump(mode="json")),
        "generators": digest_of(writing),
    }
