"""The tuned half: the ladder of `fine_tuning` climbed and its best rung kept, and the version that is meant."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

from ..fine_tuning.answering.answering import Answering, open_answering
from ..fine_tuning.answering.live import LiveModel
from ..fine_tuning.held_out.held_out import check_held_out
from ..fine_tuning.ladder.checking import check_data, overruled
from ..fine_tuning.ladder.data import Data, read_data
from ..fine_tuning.ladder.keeping import keep
from ..fine_tuning.ladder.ladder import Ladder, climb_ladder, write_ladder
from ..fine_tuning.ladder.models import Ways
from ..fine_tuning.ladder.rungs import rung_of
from ..fine_tuning.ladder.trying import Climb
from ..labelled_data.report_table import suspect_lines
from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from ..registry.registry import Registry
from ..registry.version import Version, model_digest
from .base import Finding, Trained, Work
from .settings import ProjectSettings


def climbed(settings: ProjectSettings, work: Work) -> tuple[Ladder, Trained]:
    """Climbs the ladder on `fine_tuning.examples` and keeps the best rung as a version of the registry.

    Raises:
        UserError: The check of the data forbids it, or no rung can be tried.
        OSError: The runs folder or the registry cannot be written.
    """
    given = settings.fine_tuning_project()
    tell = _once(work.tell)
    data = read_data(given)
    report = check_data(data, work.progress, tell)
    data = replace(data, despite=overruled(report, work.despite))
    for warning in report.warnings:
        tell(warning)
    if report.suspects or report.conflicts:
        tell(f"the rows that this speaks of are listed by {_listed()}")
    climb = Climb(given, data, Ways(given), work.again, work.progress, tell)
    ladder, kept = climb_ladder(climb)
    write_ladder(climb, ladder)
    version = keep(climb, rung_of(given.fine_tuning.task, ladder.kept), kept)
    ladder = ladder.model_copy(update={"version": version})
    write_ladder(climb, ladder)
    low, high = kept.interval
    tried = [step.rung for step in ladder.steps if step.score is not None]
    told = (
        f"{ladder.kept} is kept of {', '.join(tried)}: {ladder.metric} {kept.score:.3f} (95 % interval {low:.3f} to "
        f"{high:.3f}) on {ladder.judged} examples that it was not trained on",
    )
    return ladder, Trained(version, told, {"score": kept.score, "examples": len(data.known), "seconds": kept.seconds})


def check_labels(settings: ProjectSettings, work: Work) -> list[Finding]:
    """What `fine_tuning` says of the labelled data.

    Raises:
        UserError: The data cannot be read.
    """
    report = check_data(read_data(settings.fine_tuning_project()), work.progress, work.tell)
    blocking = [Finding(f"{each.text} ({each.name})", each.next_step, blocking=True) for each in report.blocking]
    notes = [Finding(says) for says in report.warnings]
    if report.warnings and report.suspects:
        rows = tuple(suspect_lines(report.suspects))
        notes.append(Finding("these labels are likely wrong:", f"what else there is: {_listed()}", rows=rows))
    elif report.conflicts:
        notes.append(Finding("rows that these notes speak of are listed elsewhere", f"look at them: {_listed()}"))
    return blocking + notes


def newest(settings: ProjectSettings, wanted: str, made_by: Callable[[Version], bool]) -> Version:
    """The version that is meant, or the newest that a pattern made.

    Args:
        settings: Of the project.
        wanted: Id or number; empty for the newest.
        made_by: Whether a version is one of the pattern.

    Raises:
        UserError: There is none, or it is damaged.
    """
    registry = Registry(Path(settings.registry.folder))
    if wanted:
        version = registry.find(wanted)
    else:
        versions = [version for version in registry.versions() if not version.damage and made_by(version)]
        if not versions:
            raise UserError(
                f"no model of the pattern {settings.hybrid.pattern} stands in {registry.folder} yet",
                f"make one: {command_line('train')}",
            )
        version = versions[-1]
    registry.open(version.id)
    return version


def held_out_data(settings: ProjectSettings, version: Version) -> Data:
    """The labelled data, whose test part the version was not made of.

    Raises:
        UserError: The data or its split is not that of the version any more, or there is no test part.
    """
    data = read_data(settings.fine_tuning_project())
    check_held_out(version, data.digest, data.test)
    return data


class InUse:
    """The version that answers: a named one, or the one in service, which follows `promote` and `rollback`.

    Args:
        settings: Of the project.
        version: Id or number in the registry; empty follows the version in service.

    Raises:
        UserError: There is no such version, none is in service, it was made for another task, or its base model is
            gone or another one.
    """

    def __init__(self, settings: ProjectSettings, version: str) -> None:
        given = settings.fine_tuning_project()
        self._named = open_answering(given, version) if version else None
        self._live = None if self._named else LiveModel(given)

    def current(self) -> Answering:
        """The model to answer with; one thread at a time may ask it."""
        return self._named or cast("LiveModel", self._live).current().answering


def digest_of_version(version: Version) -> str:
    """sha256 of a version's model.json, by which a result knows it again."""
    return model_digest(version.path)


def _listed() -> str:
    return command_line("fine_tuning check")


def _once(tell: Callable[[str], object]) -> Callable[[str], object]:
    told: set[str] = set()

    def say(line: str) -> None:
        if line not in told:
            told.add(line)
            tell(line)

    return say
