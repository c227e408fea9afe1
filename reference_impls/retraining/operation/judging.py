"""Judges versions by the newest labelled rows, which neither they nor the version in service have learnt from."""

import numpy as np
from numpy.typing import NDArray

from ...predictors.base import Floats, Metric
from ...predictors.scoring import metric_of, scores_of
from ...project_base.errors import UserError
from ...registry.records import now
from ...registry.version import model_digest
from .floor import Floor
from .judgement import FLOOR, FLOOR_OF_NUMBERS, Beside, Judgement, compare_rows, write_judgement
from .picks import not_for_doubt
from .project import Champion, Project

Positions = NDArray[np.int64]


def rows_that_judge(project: Project, after: float) -> Positions:
    """Labelled rows after a moment by which a version may be judged, ascending: no label was asked for out of doubt.

    Args:
        project: With its history.
        after: On the scale of its moments.
    """
    labelled = project.labelled
    history = project.history
    found: Positions = labelled[(history.time[labelled] > after) & not_for_doubt(project, history)[labelled]]
    return found


def judging_rows(project: Project, champion: Champion | None) -> Positions:
    """The newest labelled rows that neither the version in service nor the new one may have learnt from.

    Rows of one moment are not divided: where the first of them judges, all do. Rows whose labels were asked for since
    the version in service was least sure of them do not judge.

    Raises:
        UserError: There are too few.
    """
    own, history = project.settings.retraining, project.history
    after = champion.learned_until if champion else -np.inf
    unseen = rows_that_judge(project, after)
    most_of_window = max(own.fewest_judged, round(project.length.rows))
    wanted = own.judge_rows or min(len(unseen) // 2, most_of_window)
    wanted = min(len(unseen), max(wanted, own.fewest_judged))
    if wanted < own.fewest_judged:
        since = f" since {history.name_of(after)}, up to which {champion.version} has learnt" if champion else ""
        raise UserError(
            f"{len(unseen):,} rows have a label{since}{asked_for(project, after, unseen)}, and {own.fewest_judged:,} "
            "are needed to judge a new model",
            f"wait for more labels, or set retraining.fewest_judged lower{champion.other_file if champion else ''}",
        )
    begins = history.time[unseen[-wanted]]
    found: Positions = unseen[history.time[unseen] >= begins]
    return found


def asked_for(project: Project, after: float, judging: Positions) -> str:
    """How many labelled rows do not judge, for messages; empty where there are none."""
    others = int((project.history.time[project.labelled] > after).sum()) - len(judging)
    return f" (without {others:,} that were picked because a version was least sure of them)" if others else ""


def judgement_of(
    project: Project,
    version: str,
    judging: Positions,
    scores: Floats,
    earlier: Positions,
    champion: Champion | None,
    *,
    refit: bool,
) -> Judgement:
    """What the scores of some rows say of a version.

    Args:
        project: History and registry.
        version: Its id.
        judging: Positions, ascending, of the rows that judge.
        scores: float64 [judging], higher is better.
        earlier: Labelled rows before them, whose commonest class or median is the floor.
        champion: The version in service.
        refit: Whether the version has learnt from the rows since.
    """
    history = project.history
    rows = history.take(judging)
    metric = metric_of(project.settings.predictors, history.task)
    floor = Floor.of(history.take(earlier))
    floor_name = FLOOR if history.task == "classification" else FLOOR_OF_NUMBERS
    return Judgement(
        version=version,
        model_sha256=model_digest(project.registry.folder / version),
        task=history.task,
        metric=metric,
        score=float(scores.mean()),
        rows=len(rows),
        begins=history.name_of(float(rows.time[0])),
        ends=history.name_of(float(rows.time[-1])),
        refit=refit,
        floor=compare_rows(floor_name, "", scores, scores_of(floor, rows, metric), metric),
        champion=_beside(project, champion, judging, scores, metric),
        made=now(),
    )


def _beside(
    project: Project, champion: Champion | None, judging: Positions, scores: Floats, metric: Metric
) -> Beside | None:
    """The version in service on the same rows; None where there is none, or where it cannot predict them.

    The gate refuses what was not compared: where columns have changed so that the version in service is of no use, a
    person has to say so.
    """
    if champion is None:
        return None
    history = project.history
    columns = champion.columns
    try:
        if columns.task != history.task:
            raise UserError(f"it was made for {columns.task}, and the new version for {history.task}", "")
        if (dict(history.kinds), dict(history.dates)) != (columns.kinds, columns.dates):
            history = project.read(columns)
        if len(history) != len(project.history):
            raise UserError("other rows can be used by it than by the new version", "")
        found = scores_of(champion.predictor, history.take(judging), metric)
    except UserError as error:
        project.tell(f"{champion.version} cannot predict the rows that judge, and is not compared: {error.message}")
        return None
    return compare_rows(champion.version, model_digest(champion.model.path), scores, found, metric)


def judge_again(project: Project, version: str, champion: Champion | None) -> Judgement:
    """Judges a version by labelled rows that have come since it was trained.

    Args:
        project: Settings, history and registry.
        version: Its id.
        champion: The version in service.

    Raises:
        UserError: Too few labelled rows have come.
        OSError: The runs folder cannot be written.
    """
    candidate = project.opened(project.registry.open(version))
    project.columns = candidate.columns
    history = project.history
    others = champion if champion and champion.version != candidate.version else None
    after = max(candidate.learned_until, others.learned_until if others else -np.inf)
    judging = rows_that_judge(project, after)
    fewest = project.settings.retraining.fewest_judged
    if len(judging) < fewest:
        raise UserError(
            f"{len(judging):,} rows since {history.name_of(after)} have a label"
            f"{asked_for(project, after, judging)}, and {fewest:,} are needed to judge {candidate.version} by rows "
            "that it has not learnt from",
            "wait for more labels; a model that is trained now is judged as it is made",
        )
    scores = scores_of(candidate.predictor, history.take(judging), metric_of(project.settings.predictors, history.task))
    labelled = project.labelled
    earlier = labelled[history.time[labelled] <= candidate.learned_until]
    found = judgement_of(project, candidate.version, judging, scores, earlier, others, refit=False)
    write_judgement(project.runs, found)
    return found
