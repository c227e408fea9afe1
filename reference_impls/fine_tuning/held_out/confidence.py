"""Temperature and threshold of a classifier: chosen by validation examples, judged by test examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ...evaluation.abstaining import Threshold
from ...evaluation.calibration import Integers, at_temperature, calibration
from ...evaluation.rates import wilson_interval
from ...labelled_data.base import Probabilities
from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from ...registry.version import Version
from ..answering.answering import Rules
from ..ladder.calibrating import calibration_of
from ..ladder.digests import digest_of
from ..ladder.results import RungResult, read_probabilities, read_result
from .model_evaluation import Abstaining, Measure, ProbabilityScores


@dataclass(frozen=True)
class Chosen:
    """What validation examples chose.

    Attributes:
        temperature: Above 1 the model was too sure.
        fitted_on: Examples that had a say in it.
        wanted: The accuracy wanted of answers; 0 answers everything.
        threshold: None where nothing is wanted, or no threshold can promise it.
        rests_on: In words: whose probabilities these were.
    """

    temperature: float
    fitted_on: int
    wanted: float
    threshold: Threshold | None
    rests_on: str = ""

    @classmethod
    def of(cls, told: Mapping[str, object], rests_on: str = "") -> "Chosen":
        """From what `calibrating.calibration_of` gave.

        Raises:
            UserError: A part of it is missing or of another type.
        """
        try:
            threshold = told["threshold"]
            return cls(
                float(told["temperature"]),  # type: ignore[arg-type]  # told by a file, and checked by the conversion
                int(told["calibrated_on"]),  # type: ignore[call-overload]
                float(told["wanted_accuracy"]),  # type: ignore[arg-type]
                None if threshold is None else Threshold.model_validate(threshold),
                rests_on,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UserError(
                f"the calibration of the model is not what this project writes: {error}", "train the model again"
            ) from error

    def rules(self) -> Rules:
        """The same, as the model is used by; to be bound to its folder by `answering.keep_rules`."""
        least = self.threshold.threshold if self.threshold else None
        return Rules(
            model_sha256="",
            temperature=self.temperature,
            wanted_accuracy=self.wanted,
            threshold=least if self.wanted else 0.0,
            rests_on=self.rests_on,
        )


def chosen_for(
    version: Version, told: Mapping[str, object] | None, runs_folder: Path, wanted: float, *, refit: bool
) -> tuple[Chosen, str]:
    """What validation chose for a version, for the accuracy that is wanted now, and what has to be said of it.

    The model folder tells it as it was when the model was made. Where another accuracy is wanted by now, the threshold
    is chosen anew by the validation examples of the rung's result; where that is gone, the former one stays.

    Args:
        version: Of the registry.
        told: `calibration` of its model folder.
        runs_folder: Where the results of the rungs stand.
        wanted: `fine_tuning.abstain_accuracy`.
        refit: Whether the version was trained anew on all data.

    Raises:
        UserError: The model folder tells nothing of it.
    """
    if told is None:
        raise UserError(f"{version.id} came without a calibration", f"train it again: {command_line('ladder')}")
    rests_on = _rests_on(version, refit)
    chosen = Chosen.of(told, rests_on)
    if chosen.wanted == wanted:
        return chosen, ""
    if not wanted:
        return replace(chosen, wanted=0.0, threshold=None), ""
    try:
        result = result_of(version, runs_folder)
        rows = read_probabilities(runs_folder / result.rung, result)
    except UserError as error:
        return chosen, f"the threshold is still that for an accuracy of {chosen.wanted:g}: {error.message}"
    return Chosen.of(calibration_of(result, rows, wanted), rests_on), ""


def result_of(version: Version, runs_folder: Path) -> RungResult:
    """The result of the rung that a version was made of.

    Raises:
        UserError: It is gone, or of another training.
    """
    rung = str(version.about.get("rung", ""))
    if not rung:
        raise UserError(f"{version.id} does not say which rung it is", f"make one: {command_line('ladder')}")
    result = read_result(runs_folder / rung)
    keys = {digest_of({"result": result.key, "refit": refit}) for refit in (True, False)}
    if version.about.get("key") not in keys:
        raise UserError(
            f"{runs_folder / rung} holds the result of another training than that of {version.id}",
            f"train it again with the settings of then: {command_line(f'train {rung}')}",
        )
    return result


def columns(labels: Sequence[str], known: Sequence[str]) -> Integers:
    """The column of each label, int64 [n]; -1 for one that is not known."""
    place_of = {label: place for place, label in enumerate(known)}
    return np.array([place_of.get(label, -1) for label in labels], dtype=np.int64)


def probability_scores(probabilities: Probabilities, true: Integers, chosen: Chosen) -> ProbabilityScores:
    """How honest a model's probabilities are on the test data, before and after the temperature.

    Args:
        probabilities: As the model gives them, float32 [n, labels].
        true: The column of the true label of each row, -1 for one that the model cannot give.
        chosen: By validation examples.
    """
    return ProbabilityScores(
        temperature=chosen.temperature,
        fitted_on=chosen.fitted_on,
        rests_on=chosen.rests_on,
        before=calibration(probabilities, true),
        after=calibration(at_temperature(probabilities, chosen.temperature), true),
    )


def abstaining(probabilities: Probabilities, true: Integers, chosen: Chosen) -> Abstaining | None:
    """What the threshold comes to on the test data; None where the settings want none."""
    if not chosen.wanted:
        return None
    scaled = at_temperature(probabilities, chosen.temperature)
    least = chosen.threshold.threshold if chosen.threshold else np.inf
    answered = scaled.max(axis=1) >= least
    count, rows = int(answered.sum()), len(true)
    right = int((scaled.argmax(axis=1) == true)[answered].sum())
    return Abstaining(
        wanted=chosen.wanted,
        chosen=chosen.threshold,
        answered=count,
        coverage=Measure(name="coverage", value=count / rows, interval=wilson_interval(count, rows)),
        accuracy=Measure(name="accuracy of answers", value=right / count, interval=wilson_interval(right, count))
        if count
        else None,
    )


def _rests_on(version: Version, refit: bool) -> str:
    scored_by = str(version.about.get("scored_by") or "validation examples")
    then = "on all data" if refit else "and stopped by validation"
    return (
        f"{scored_by}, each judged by a model that was not trained on it; the version was then trained anew {then}, "
        "and is taken to be as sure of itself as those models"
    )
