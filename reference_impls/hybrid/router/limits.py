"""From which confidence on a request is kept from retrieval: chosen on validation data for a wanted accuracy."""

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...evaluation.abstaining import Threshold
from ...evaluation.calibration import at_temperature
from ...fine_tuning.ladder.calibrating import calibration_of
from ...fine_tuning.ladder.results import RungResult
from ...labelled_data.base import Probabilities
from ...project_base.errors import UserError
from ...project_base.files import write_text
from ...project_base.rooms import command_line
from ...registry.version import model_digest
from ..evaluation import Table
from .promise import fewest_right, promise_accuracy

SCHEMA: Final = "router/1"
_FILES = "router-*.json"
_POINTS = 10


class Limits(BaseModel):
    """When the classifier is sure enough; contents of a router-*.json beside model.json.

    Attributes:
        schema_id: `schema` in JSON.
        model_sha256: sha256 of the model.json that this belongs to.
        wanted_accuracy: `hybrid.wanted_accuracy` when this was chosen.
        fixed: The labels that had a fixed answer then: only requests that are taken for one of them are judged.
        temperature: The probabilities are taken at this temperature.
        threshold: None where none can promise the wanted accuracy: then everything goes to retrieval.
        judged: How many validation examples there were, of any label.
        taken: How many of them were taken for a label with a fixed answer.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)

    schema_id: Literal["router/1"] = Field(default=SCHEMA, alias="schema")
    model_sha256: str
    wanted_accuracy: float
    fixed: tuple[str, ...]
    temperature: float = Field(gt=0)
    threshold: Threshold | None
    judged: int
    taken: int

    def calibrated(self, probabilities: Probabilities) -> Probabilities:
        """Probabilities at the temperature: float32 [n, labels]."""
        return at_temperature(probabilities, self.temperature)

    @property
    def digest(self) -> str:
        """sha256 of it, by which a result says what was judged."""
        return hashlib.sha256(self.model_dump_json().encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def in_words(self) -> str:
        """What was chosen and by what, as a sentence."""
        if self.threshold is None:
            return (
                f"no threshold can promise {self.wanted_accuracy:g} on {self.taken} validation examples that were "
                f"taken for a label with a fixed answer ({fewest_right(self.wanted_accuracy)} right ones are the least "
                "that can): the router routes nothing, and everything goes to retrieval"
            )
        found = self.threshold
        return (
            f"from a confidence of {found.threshold:.3f} on, {found.answered} of {self.judged} validation examples "
            f"({found.answered / self.judged:.3f}) are kept from retrieval, {found.accuracy:.3f} of them rightly; "
            f"{self.wanted_accuracy:g} is promised for new ones, with a risk of {found.risk:g}"
        )


def choose_limits(
    result: RungResult, probabilities: Probabilities, fixed: Collection[str], wanted_accuracy: float, digest: str
) -> Limits:
    """Chooses the threshold on the validation examples, which the judged models were not trained on.

    Only examples that are taken for a label with a fixed answer count: an accuracy over all requests would be flattered
    by easy ones that go to retrieval anyway.

    Args:
        result: Of the kept rung, a classification.
        probabilities: Of its outcomes, float32 [outcomes, labels].
        fixed: Labels with a fixed answer.
        wanted_accuracy: Share of right labels among the requests kept from retrieval, in (0, 1).
        digest: sha256 of the version's model.json.
    """
    told = calibration_of(result, probabilities, 0.0)["temperature"]
    temperature = float(told) if isinstance(told, float | int) else 1.0
    rows = at_temperature(probabilities, temperature)
    right = np.array([bool(outcome.right) for outcome in result.outcomes])
    labels = [result.labels[place] for place in rows.argmax(axis=1)]
    taken = np.array([label in fixed for label in labels])
    threshold = promise_accuracy(rows.max(axis=1)[taken], right[taken], wanted_accuracy) if taken.any() else None
    return Limits(
        model_sha256=digest,
        wanted_accuracy=wanted_accuracy,
        fixed=tuple(sorted(fixed)),
        temperature=temperature,
        threshold=threshold,
        judged=len(labels),
        taken=int(taken.sum()),
    )


def limits_file(folder: Path, fixed: Collection[str], wanted_accuracy: float) -> Path:
    """Where the limits of a version stand for these fixed answers and this wanted accuracy.

    Each choice has a file of its own, so that a new one takes nothing from a version that is in service.
    """
    key = json.dumps([sorted(fixed), wanted_accuracy])
    return folder / f"router-{hashlib.sha256(key.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}.json"


def limits_files(folder: Path) -> list[Path]:
    """All limits of a version, the newest last."""
    return sorted(folder.glob(_FILES), key=lambda file: file.stat().st_mtime_ns)


def write_limits(folder: Path, limits: Limits) -> None:
    """Writes limits into the folder of a version.

    Raises:
        OSError: No permission or no space; a former file stands then.
    """
    file = limits_file(folder, limits.fixed, limits.wanted_accuracy)
    write_text(file, limits.model_dump_json(by_alias=True, indent=2) + "\n")


def read_limits(folder: Path, fixed: Collection[str], wanted_accuracy: float) -> Limits:
    """Reads the limits of a version, which must be of this model, these fixed answers and this wanted accuracy.

    Raises:
        UserError: They are missing, damaged, or there are others only.
    """
    again = f"choose it anew, which trains nothing that is finished: {command_line('train')}"
    file = limits_file(folder, fixed, wanted_accuracy)
    others = limits_files(folder)
    if not others:
        raise UserError(f"{folder.name} was not made for a router: it has no {_FILES}", again)
    if file not in others:
        file = others[-1]
    try:
        found = Limits.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise UserError(f"{file} is damaged", again) from error
    if found.model_sha256 != model_digest(folder):
        raise UserError(f"{file} belongs to another model", again)
    if set(found.fixed) != set(fixed):
        other = ", ".join(sorted(set(found.fixed) ^ set(fixed)))
        raise UserError(f"the labels with a fixed answer changed since the threshold was chosen: {other}", again)
    if found.wanted_accuracy != wanted_accuracy:
        raise UserError(
            f"hybrid.wanted_accuracy is {wanted_accuracy:g}, and the threshold of {folder.name} was chosen for "
            f"{found.wanted_accuracy:g}",
            again,
        )
    return found


def coverage_table(confidence: NDArray[Any], right: NDArray[Any], taken: NDArray[Any]) -> Table:
    """Coverage against accuracy: what is kept from retrieval from which confidence on, and how much of it rightly.

    Args:
        confidence: Of the likeliest label, float [n].
        right: Whether that label is right, bool [n].
        taken: Whether it has a fixed answer, bool [n]; the others go to retrieval at any threshold.
    """
    order = np.argsort(-confidence[taken], kind="stable")
    sure, hits = confidence[taken][order], np.cumsum(right[taken][order])
    # Requests of one confidence are kept together or not at all.
    ends = np.flatnonzero(np.append(sure[1:] != sure[:-1], True)) if len(sure) else np.array([], dtype=np.int64)
    chosen = sorted({int(place) for place in np.linspace(0, len(ends) - 1, _POINTS).round()}) if len(ends) else []
    rows = [
        (round(float(sure[end]), 4), round((end + 1) / len(confidence), 4), round(float(hits[end]) / (end + 1), 4))
        for end in (int(ends[place]) for place in chosen)
    ]
    return Table(
        title="Coverage against accuracy on the test requests",
        columns=("confidence from", "kept from retrieval", "of these right"),
        rows=tuple(rows),
    )
