"""What a version predicted for the rows that judged it, before it learnt from them: the measure for later errors.

Of rows that a model has learnt from it is right too often, so that every later row would look worse.
"""

import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...history.base import History
from ...predictors.base import Predictor
from ...project_base.files import write_text
from .judgement import judgement_file


class Reference(BaseModel):
    """Predictions of the judged model.

    Attributes:
        format: Name and version of this document.
        version: Of the registry.
        moments: Of the rows.
        places: Where the rows stood.
        predictions: One for each row: a class, or a number.
    """

    format: Literal["reference/1"] = Field(default="reference/1", alias="schema")
    version: str
    moments: tuple[float, ...]
    places: tuple[str, ...]
    predictions: tuple[str, ...] | tuple[float, ...]

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @classmethod
    def of(cls, version: str, rows: History, judged: Predictor) -> "Reference":
        """The predictions of rows."""
        return cls(
            version=version,
            moments=tuple(rows.time.tolist()),
            places=rows.places,
            predictions=tuple(judged.predict(rows.features).tolist()),
        )

    def placed(self, history: History, into: NDArray[Any]) -> int:
        """Puts the predictions to their rows; rows that are no longer where they stood are passed over.

        Args:
            history: As it is now.
            into: [n] One prediction for each row of the history; changed here.

        Returns:
            How many rows were found.
        """
        stood = {
            (place, moment): each
            for place, moment, each in zip(self.places, self.moments, self.predictions, strict=True)
        }
        found = 0
        start = int(np.searchsorted(history.time, min(self.moments), "left"))
        stop = int(np.searchsorted(history.time, max(self.moments), "right"))
        for position in range(start, stop):
            each = stood.get((history.places[position], float(history.time[position])))
            if each is not None:
                into[position] = each
                found += 1
        return found


def write_reference(runs_folder: Path, reference: Reference) -> None:
    """Writes the predictions beside the judgement of their version.

    Raises:
        OSError: No permission or no space.
    """
    file = _file(runs_folder, reference.version)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, json.dumps(reference.model_dump(mode="json"), ensure_ascii=False) + "\n")


def read_reference(runs_folder: Path, version: str) -> Reference | None:
    """The predictions of a version; None where there are none, or the file is damaged."""
    try:
        return Reference.model_validate_json(_file(runs_folder, version).read_bytes())
    except (OSError, ValidationError):
        return None


def _file(runs_folder: Path, version: str) -> Path:
    return judgement_file(runs_folder, f"{version}-reference")
