"""Smoke checks of training: cheap rungs, and a short tuning that is interrupted and goes on."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...labelled_data.rungs import Run
from ...project_base.checks import CheckFailed, Outcome
from ...project_base.progress import Advance, silent
from ...registry.model_folder import write_model
from ...training.records import LOG
from ..ladder.data import read_data
from ..ladder.judging import Judged, judge
from ..ladder.ladder import LADDER, Ladder
from ..ladder.models import Ways
from ..ladder.results import RungResult, read_probabilities
from ..ladder.rungs import rung_of
from ..ladder.scoring import SHOWN
from ..ladder.trying import Climb, try_rung
from .smoke_project import SmokeProject

_ROUNDING = 1e-4


def climbed(project: SmokeProject) -> Outcome:
    """The ladder is climbed as far as takes seconds, and the kept rung beats the floor on the same examples."""
    project.asked("ladder")
    ladder = Ladder.model_validate_json((project.runs / LADDER).read_bytes())
    tried = [step for step in ladder.steps if step.score is not None]
    kept = next(step for step in tried if step.rung == ladder.kept)
    shown = kept.difference
    if shown is None or shown.verdict != "better" or not kept.score or not tried[0].score:
        raise CheckFailed(f"no rung was shown to beat {tried[0].rung}; tried: {', '.join(step.rung for step in tried)}")
    low, high = shown.interval
    return Outcome(
        f"{ladder.kept} is kept of {', '.join(step.rung for step in tried)}: {SHOWN[ladder.metric]} {kept.score:.3g}, "
        f"and {tried[0].score:.3g} of {tried[0].rung}; it is ahead of {kept.against} by {shown.difference:.2g} (95 % "
        f"interval {low:+.2g} to {high:+.2g}) on the same {ladder.judged} examples",
        {
            "rungs": len(tried),
            "floor_score": tried[0].score,
            "kept_score": kept.score,
            "kept_gain": shown.difference,
            "training_seconds": sum(step.seconds or 0.0 for step in tried),
        },
    )


def tuned(project: SmokeProject, rung: str) -> Outcome:
    """A few steps lower the loss; a training that was interrupted goes on from its checkpoint and ends the same.

    Args:
        project: Where.
        rung: `lora` or `full`.
    """
    settings = project.settings_of(tuning_config(project))
    data, ways, folder = read_data(settings), Ways(settings), project.folder / "uninterrupted"
    part = data.parts[0]
    fitted = ways.fit(rung)(part.train, part.validation, Run(folder, settings.labelled_data.seed))
    losses = losses_of(folder)
    if len(losses) < 2 or losses[-1] >= losses[0]:
        raise CheckFailed(f"the loss did not fall: {', '.join(f'{loss:.4f}' for loss in losses)}")
    told: list[str] = []
    climb = Climb(settings, data, ways, progress=_Interruption(), tell=told.append)
    try:
        try_rung(climb, rung_of(project.task, rung))
    except KeyboardInterrupt:
        pass
    else:
        raise CheckFailed("the training had ended before it could be interrupted")
    result = try_rung(replace(climb, progress=silent), rung_of(project.task, rung))
    going_on = next((line for line in told if "goes on from step" in line), "")
    if not going_on:
        raise CheckFailed("the interrupted training began anew instead of going on from its checkpoint")
    whole = judge(project.task, fitted.model, part.judged, data.labels)
    apart = largest_difference(whole, result, climb.folder(rung_of(project.task, rung)))
    if apart > _ROUNDING:
        raise CheckFailed(f"the interrupted training ended otherwise than the other: {apart:.2g} apart")
    about = {**fitted.about, "task": project.task}
    write_model(project.tuned, fitted.kind, about, fitted.write)
    measured = fitted.measured
    return Outcome(
        f"loss {losses[0]:.3f}, then {losses[-1]:.3f}; interrupted, {going_on.removeprefix('the ')}, and ended like "
        f"the one that was not; {measured['examples_per_second']:.0f} examples a second, "
        f"{measured['trained_parameters'] / 1e6:.2f} million weights trained",
        {
            "loss_first": losses[0],
            "loss_last": losses[-1],
            "examples_per_second": measured["examples_per_second"],
            "trained_parameters": measured["trained_parameters"],
            "peak_memory_mb": measured["peak_memory_mb"],
            "largest_difference": apart,
        },
    )


def four_bits(project: SmokeProject) -> Outcome:
    """Four bits are refused where there is no GPU for them; the other checks take float32 then."""
    config = project.write_config("four-bits.yaml", generators={"base_precision": "four_bit"})
    said = project.run("train", "lora", config=config)
    if not said.code or "four_bit" not in said.told:
        raise CheckFailed(f"four bits without a GPU: {said.told or said.out}")
    return Outcome(f"refused: {said.told}; all else is checked in float32")


def tuning_config(project: SmokeProject) -> Path:
    """A config.yaml with which all rungs may be trained, once each, and with results of its own."""
    return project.write_config(
        "tuning.yaml",
        fine_tuning={"climb_to": "full", "refit": False, "runs_folder": str(project.folder / "tuning")},
    )


def losses_of(folder: Path) -> list[float]:
    """The mean loss of each pass, as the log of a training has it."""
    lines = [json.loads(line) for line in (folder / LOG).read_text(encoding="utf-8").splitlines()]
    return [float(line["loss"]) for line in lines if line["validation"] is not None]


def largest_difference(whole: Judged, result: RungResult, folder: Path) -> float:
    """How far the answers of two trainings are apart: in probabilities, or losses; 1 where labels or spans differ."""
    if [each.predicted for each in whole.outcomes] != [each.predicted for each in result.outcomes]:
        return 1.0
    if whole.probabilities is not None:
        return float(np.abs(whole.probabilities - read_probabilities(folder, result)).max())
    losses = [
        (one.loss or 0.0) - (other.loss or 0.0) for one, other in zip(whole.outcomes, result.outcomes, strict=True)
    ]
    return max(map(abs, losses))


class _Interruption:
    """Ctrl-C at the first step after the first validation, which has left a checkpoint."""

    def __init__(self) -> None:
        self._passes = 0

    def __call__(self, label: str, steps: int) -> Advance:
        """Opens a stage."""
        if not label.startswith("training from epoch"):
            return silent(label, steps)
        self._passes += 1
        return self._stop if self._passes == 2 else silent(label, steps)

    def _stop(self, _steps: int) -> None:
        raise KeyboardInterrupt
