"""Makes a new version: trains, judges on newest rows beside the one in service, trains once more, and keeps it."""

import shutil
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...history.base import History
from ...predictors.base import KindOfModel
from ...predictors.choosing import choose_kind
from ...predictors.keeping import write
from ...predictors.kinds import checked_kind
from ...predictors.scoring import metric_of, scores_of
from ...project_base.errors import UserError
from ...registry.model_folder import write_model
from ...replay.base import Policy
from .digests import code_digest
from .judgement import Judgement, compare_rows, write_judgement
from .judging import judgement_of, judging_rows
from .policies import read_replay
from .project import Champion, Project
from .recipes import Former, Learnt, Recipe
from .reference import Reference, write_reference

Positions = NDArray[np.int64]
_MODEL = "new-model"
_FEWEST_LEARNT = 20


@dataclass(frozen=True)
class Challenger:
    """A new version of the registry, which is not in service yet."""

    version: str
    judgement: Judgement
    learnt: Learnt

    def figures(self) -> dict[str, object]:
        """What goes into the metrics."""
        champion = self.judgement.champion
        return {
            "challenger": self.version,
            "metric": self.judgement.metric,
            "score": self.judgement.score,
            "champion_score": champion.score if champion else None,
            "gain": champion.gain if champion else None,
            "judged_rows": self.judgement.rows,
            "learnt_rows": self.learnt.rows,
            "seconds": round(self.learnt.seconds, 3),
        }


def challenge(project: Project, policy: Policy, champion: Champion | None, *, choose: bool = False) -> Challenger:
    """Trains as a policy says and judges beside the version in service; the version is added, and not promoted.

    Two models are made by the same recipe: the first learns what was known before the newest labelled rows and is
    judged by these; the second learns from them as well, and is what would serve (`retraining.refit`). Where the second
    does worse on rows that it has learnt from than the first, which had not, something went wrong: the first is kept.

    Args:
        project: Settings, history and registry.
        policy: How the model is made.
        champion: The version in service.
        choose: Chooses the kind of model anew, where the settings leave it open.

    Raises:
        UserError: Too few labelled rows, or a column gives the target away.
        OSError: Registry or runs folder cannot be written; the version in service stays.
    """
    project.refuse_leaks()
    history, settings = project.history, project.settings
    if champion is not None and champion.predictor.task != history.task:
        told = f"{champion.version} was made for {champion.predictor.task}, and the new version for {history.task}"
        project.tell(f"{told} (history.task); they are not compared")
        champion = None
    judging = judging_rows(project, champion)
    start = int(np.searchsorted(history.time, history.time[judging[0]], "left"))
    earlier = history.labelled_by(float(history.time[judging[0]]), start)
    if len(earlier) < _FEWEST_LEARNT:
        raise UserError(
            f"only {len(earlier):,} labels were known at {history.name_of(float(history.time[judging[0]]))}, when the "
            f"{len(judging):,} rows begin that judge a new model; {_FEWEST_LEARNT} are needed to learn from",
            "set retraining.judge_rows lower, or wait for more labels",
        )
    metric = metric_of(settings.predictors, history.task)
    recipe = Recipe(
        policy=policy,
        kind=_kind(project, policy, champion, earlier, choose=choose),
        settings=project.predictors,
        length=project.length,
        former=Former(champion.version, champion.predictor, champion.labels_until) if champion else None,
        threads=settings.project_base.threads or 1,
        seed=settings.replay.seed,
    )
    judged = recipe.learn(history, earlier)
    rows = history.take(judging)
    scores = scores_of(judged.predictor, rows, metric)
    learnt, refit = judged, False
    if settings.retraining.refit:
        again = recipe.learn(history, project.labelled)
        step = compare_rows("the judged model", "", scores_of(again.predictor, rows, metric), scores, metric)
        if step.verdict == "worse":
            project.tell("the model that learnt from the newest rows as well does worse on them, and is not taken")
        else:
            learnt, refit = again, True
    version = _keep(project, policy, learnt, judged, float(scores.mean()), metric, rows, refit=refit)
    judgement = judgement_of(project, version, judging, scores, earlier, champion, refit=refit)
    write_reference(project.runs, Reference.of(version, rows, judged.predictor))
    write_judgement(project.runs, judgement)
    return Challenger(version, judgement, learnt)


def _kind(
    project: Project, policy: Policy, champion: Champion | None, earlier: Positions, *, choose: bool
) -> KindOfModel:
    """The kind that the settings, the policy, the version in service or the last replay name; else the best one."""
    given = project.settings.predictors.kind
    if policy.kind == "incremental":
        return "incremental"
    if given != "auto":
        return given
    if champion is not None and not choose:
        return checked_kind(champion.predictor.kind)
    if not choose and (replayed := read_replay(project.runs)) is not None:
        return checked_kind(replayed[0].model)
    history: History = project.history.take(earlier)
    chosen = choose_kind(history, project.predictors, project.tell)
    project.tell(chosen.why)
    return chosen.kind


def _keep(
    project: Project,
    policy: Policy,
    learnt: Learnt,
    judged: Learnt,
    score: float,
    metric: str,
    rows: History,
    *,
    refit: bool,
) -> str:
    settings, history = project.settings, project.history
    about = {
        "task": history.task,
        "metric": metric,
        "score": score,
        "scored_by": f"{len(rows):,} labelled rows, {rows.name_of(float(rows.time[0]))} to "
        f"{rows.name_of(float(rows.time[-1]))}" + (", before it learnt from them" if refit else ""),
        "policy": policy.kind,
        "how": learnt.how,
        "rows": learnt.rows,
        "begins": learnt.begins,
        "ends": learnt.ends,
        "learned_until": learnt.learned_until,
        "labels_until": learnt.labels_until,
        "trained_at": float(history.time[-1]),
        "clock": history.clock,
        "columns": dict(history.kinds),
        "dates": dict(history.dates),
        "data_name": settings.retraining.data.rpartition("/")[2],
        "data": learnt.digest,
        "judged_data": judged.digest,
        "code": code_digest(),
        "seed": settings.replay.seed,
        "settings": {
            "history": settings.history.model_dump(mode="json"),
            "predictors": settings.predictors.model_dump(mode="json"),
        },
        "measured": {"seconds": round(learnt.seconds, 3)},
    }
    folder = project.runs / _MODEL
    project.runs.mkdir(parents=True, exist_ok=True)
    # A run that was killed may have left its model there.
    shutil.rmtree(folder, ignore_errors=True)
    told = {"task": history.task, "how": learnt.how, "data": learnt.digest, "code": about["code"]}
    model = write_model(folder, learnt.predictor.kind, told, lambda part: write(learnt.predictor, part))
    return project.registry.add(model, about, move=True)
