"""Picks the rows whose labels a person should find next."""

from dataclasses import dataclass

import numpy as np

from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from ...replay.asking import rows_to_ask, unsure_of
from .picks import Why, record
from .policies import label_budget
from .predicting import Answers, with_columns
from .project import Champion, Project
from .watching import first_after


@dataclass(frozen=True)
class Picked:
    """What to label.

    Attributes:
        answers: The rows as they stand in the files, with prediction, probability and `picked`: why they were.
        new: Rows that have come since the version in service learnt its newest.
        labelled: Of these, the ones that have a label.
        budget: How many labels of these rows the budget pays for; None where the number was given.
    """

    answers: Answers
    new: int
    labelled: int
    budget: int | None


def pick(project: Project, champion: Champion, count: int | None = None) -> Picked:
    """Picks rows without a label among those that have come since a version learnt its newest row.

    Half are drawn, half are those that the version is least sure of, as the replay of active learning does. The draw
    depends on the version and the rows alone, so that a second call picks the same. What is picked is kept (`picks`).

    Args:
        project: Settings and history.
        champion: The version in service.
        count: How many; None for what is left of the budget (`replay.label_budgets`).

    Raises:
        UserError: Nothing has come, every new row has its label, or the budget is spent.
        OSError: The runs folder cannot be written.
    """
    history, table = project.read_with_table(champion.columns)
    first = first_after(history, champion)
    new = len(history) - first
    has_label = np.isfinite(history.known[first:])
    labelled = int(has_label.sum())
    without = first + np.flatnonzero(~has_label)
    if not len(without):
        came = f"{new:,} rows have come since {champion.version} learnt its newest row, and all have their labels"
        raise UserError(came, f"learn from them: {command_line('retrain')}")
    budget = None
    if count is None:
        budget = round(label_budget(project.settings.retraining, project.settings.replay) * new)
        count = max(0, budget - labelled)
    if not count:
        raise UserError(
            f"the budget is spent: of {new:,} new rows {labelled:,} have a label, and it pays for {budget:,}",
            f"raise replay.label_budgets, pass --rows, or learn from them: {command_line('retrain')}",
        )
    rows = history.take(without)
    shares = champion.predictor.probabilities(rows.features)
    generator = np.random.default_rng([project.settings.replay.seed, first, len(history)])
    doubtful, drawn = rows_to_ask(
        len(rows), None if shares is None else unsure_of(shares), min(count, len(rows)), generator
    )
    places = np.sort(np.concatenate([doubtful, drawn]))
    unsure = set(doubtful.tolist())
    why: list[Why] = ["least sure" if place in unsure else "drawn" for place in places.tolist()]
    chosen = rows.take(places)
    added: dict[str, list[object]] = {"prediction": champion.predictor.predict(chosen.features).tolist()}
    if shares is not None:
        added["probability"] = [round(float(each), 6) for each in shares[places].max(axis=1)]
    added["picked"] = list(why)
    answers = with_columns(table, chosen, added)
    positions = without[places].tolist()
    record(project, history, champion.version, champion.learned_until, dict(zip(positions, why, strict=True)))
    return Picked(answers, new, labelled, budget)
