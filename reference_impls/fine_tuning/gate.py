"""Refuses to put a version in service that is worse, has learnt nothing, or that nobody has evaluated."""

from functools import partial
from pathlib import Path

from ..evaluation.bootstrap import Interval
from ..project_base.config import load_settings
from ..project_base.rooms import command_line
from ..registry.evaluations import judged
from ..registry.registry import Gate
from ..registry.version import Version, model_digest
from .held_out.evaluation_files import read_evaluation
from .held_out.floors import NOTHING_LEARNT
from .held_out.model_evaluation import Beside, Floor, ModelEvaluation
from .ladder.scoring import SHOWN
from .settings import ProjectSettings

_NAMED = 3


def gate(config: Path) -> Gate:
    """The gate of a fine-tuning project, which judges by the evaluation of the candidate.

    Args:
        config: The project's settings.

    Raises:
        UserError: The settings are wrong.
    """
    settings = load_settings(config, ProjectSettings).fine_tuning
    runs_folder, keep_general_skills = Path(settings.runs_folder), settings.keep_general_skills

    def judge(candidate: Version, present: Version | None) -> str | None:
        read = partial(read_evaluation, runs_folder)
        found = judged(candidate, read, "it was not evaluated on the test data yet", "evaluation")
        if isinstance(found, str):
            return found
        again = command_line(f"evaluate {candidate.id}")
        return (
            _nothing_learnt(found)
            or _step_back(found, present, again)
            or (_forgotten(found, again) if keep_general_skills else None)
        )

    return judge


def _nothing_learnt(found: ModelEvaluation) -> str | None:
    """Beside the floor itself a gain must be shown; beside a cheap model that has learnt, no loss may be."""
    if found.rung in NOTHING_LEARNT:
        return f"it is the floor itself: {found.rung} has learnt nothing"
    floors = {floor.rung: floor for floor in found.floors}
    bottom = [floor for rung, floor in floors.items() if rung in NOTHING_LEARNT]
    if not bottom:
        return "it was not compared with a model that has learnt nothing, as the notes of its evaluation say"
    for floor in bottom:
        if floor.difference.verdict != "better":
            return f"it is not shown to be better than {floor.rung}, which has learnt nothing: {_seen(found, floor)}"
    for floor in floors.values():
        if floor.difference.verdict == "worse":
            return f"it is worse than {floor.rung}, which costs next to nothing: {_seen(found, floor)}"
    return None


def _step_back(found: ModelEvaluation, present: Version | None, again: str) -> str | None:
    if present is None:
        return None
    broken = found.cases.broken if found.cases else ()
    if broken:
        named = ", ".join(row.id for row in broken[:_NAMED]) + (" and others" if len(broken) > _NAMED else "")
        return f"{len(broken)} rows of fine_tuning.regression_cases were right before and are wrong now: {named}"
    if present.damage:
        return None
    against = found.against
    if against is None or against.version != present.id or against.model_sha256 != model_digest(present.path):
        told = f"with {against.version}" if against else "with no other version"
        return f"it was compared {told}, and {present.id} is in service now ({again})"
    return _regressed(found, against) if found.outcome == "regressed" else None


def _regressed(found: ModelEvaluation, against: Beside) -> str:
    change = against.regression
    told = (
        f"it regressed: {SHOWN[found.metric]} {change.difference.first:.3f}, and {against.version} has "
        f"{change.difference.second:.3f} on the same {against.rows} rows ({_interval(change.difference.interval)}); "
        f"{len(change.newly_wrong)} rows are newly wrong and {len(change.newly_right)} newly right"
    )
    worse = ", ".join(each.group for each in change.worse_groups[:_NAMED])
    return told + (f"; worse beyond chance on {worse}" if worse else "")


def _forgotten(found: ModelEvaluation, again: str) -> str | None:
    forgetting = found.forgetting
    if forgetting.verdict == "forgotten":
        return (
            f"it has forgotten general skills: {forgetting.measure} {forgetting.before:.3g} before its training and "
            f"{forgetting.after:.3g} after it (fine_tuning.keep_general_skills); train with a lower learning rate, "
            "fewer epochs or an adapter of lower rank"
        )
    if forgetting.verdict == "not measured":
        return f"nobody knows what it has forgotten: {forgetting.why} (fine_tuning.keep_general_skills; {again})"
    return None


def _seen(found: ModelEvaluation, floor: Floor) -> str:
    return (
        f"{SHOWN[found.metric]} {floor.difference.first:.3f} against {floor.difference.second:.3f} on {found.rows} "
        f"test rows ({_interval(floor.difference.interval)})"
    )


def _interval(interval: Interval) -> str:
    low, high = interval
    return f"95 % interval of the difference {low:+.3f} to {high:+.3f}"
