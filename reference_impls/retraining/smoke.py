"""Checks that prove, offline and on a part of the sample, that a model is watched, replaced and kept as set."""

from pathlib import Path

from ..project_base.checks import Check
from .proof.smoke_checks import (
    drift_found,
    first_version,
    harmless,
    killed,
    leak_refused,
    own_data,
    picked,
    replayed,
    retrained,
    worse_refused,
)
from .proof.smoke_project import SAMPLE, SmokeProject
from .settings import ProjectSettings

SETTINGS = ProjectSettings


def checks(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The checks of this room, in order: each goes on with what those before it left.

    Args:
        settings: The project's settings: the policy, the gate, the thresholds.
        workdir: An empty folder for all that is written.
    """
    project = SmokeProject(settings, workdir / "retraining-sample")
    found = [
        Check("a column that gives the target away is refused", lambda: leak_refused(project)),
        Check("the replay chooses a policy that beats never to retrain", lambda: replayed(project)),
        Check("a first version is judged by newer rows and put in service", lambda: first_version(project)),
        Check("drift is found after the rules have changed", lambda: drift_found(project)),
        Check("a retrained version passes the gate and takes over", lambda: retrained(project)),
        Check("a worse version is refused, and rollback returns", lambda: worse_refused(project)),
        Check("a killed training leaves the version in service", lambda: killed(project)),
        Check("no file of a model can run code", lambda: harmless(project)),
    ]
    if settings.retraining.policy == "active_learning":
        found.insert(3, Check("rows that are worth a label are picked", lambda: picked(project)))
    if Path(settings.retraining.data).resolve() != SAMPLE.resolve():
        given = project.write_config("own.yaml", **settings.model_dump(mode="json"))
        found.append(Check("the configured data can be read", lambda: own_data(project, given)))
    return found
