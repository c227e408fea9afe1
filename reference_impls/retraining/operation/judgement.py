"""What was found of a version beside the one in service, on the same newest rows; and the files of it."""

from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from ...evaluation.bootstrap import Interval
from ...evaluation.paired import Verdict, compare
from ...project_base.documents import read_document
from ...project_base.files import write_text
from ...project_base.rooms import command_line
from ...replay.blocks import block_length

Floats = NDArray[np.float64]

SCHEMA = "judgement/1"
FOLDER = "judged"
FLOOR = "always the commonest class"
FLOOR_OF_NUMBERS = "always the median"
RELATIVE = frozenset({"mae", "log_loss"})
"""Metrics without a natural scale: gains are shares of the other model's mean error."""
SHOWN = {
    "accuracy": "accuracy",
    "macro_f1": "mean recall of the classes",
    "log_loss": "log loss",
    "mae": "mean absolute error",
}
"""How metrics are called where the scores of rows are averaged."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Beside(_Frozen):
    """Another model on the same rows.

    Attributes:
        name: A version, or what the floor does.
        model_sha256: Of the version's model.json; empty for the floor.
        score: Its score on the rows, in the unit of the metric, higher is better (an error is negative).
        gain: Score of the judged version minus this one; for errors as a share of this model's mean error.
        interval: The 95 % interval of the gain.
        verdict: What the interval says of the judged version.
        won: Rows on which the judged version is nearer to the truth.
        lost: Rows on which this model is.
    """

    name: str
    model_sha256: str = ""
    score: float
    gain: float
    interval: Interval
    verdict: Verdict
    won: int
    lost: int


class Judgement(_Frozen):
    """A version, judged by labelled rows that neither it nor the version in service has learnt from.

    Attributes:
        format: Name and version of this document.
        version: The judged version.
        model_sha256: Of its model.json.
        task: What it predicts.
        metric: As `predictors.metric` names it.
        score: Mean over the rows of the judged model, higher is better (an error is negative).
        rows: How many labelled rows judged.
        begins: The moment of the first, as people are told.
        ends: The moment of the last.
        refit: Whether the version is the judged model itself (False), or the same recipe trained once more with the
            rows that judged it (True).
        floor: What learns nothing, on the same rows.
        champion: The version that was in service, on the same rows; None where there was none.
        made: When, in UTC.
    """

    format: Literal["judgement/1"] = Field(default="judgement/1", alias="schema")
    version: str
    model_sha256: str
    task: Literal["classification", "regression"]
    metric: Literal["accuracy", "macro_f1", "log_loss", "mae"]
    score: float
    rows: int
    begins: str
    ends: str
    refit: bool
    floor: Beside
    champion: Beside | None = None
    made: str

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, populate_by_name=True, serialize_by_alias=True
    )

    def to_json(self) -> str:
        """The document as JSON."""
        return self.model_dump_json(indent=2, by_alias=True) + "\n"


def compare_rows(name: str, model_sha256: str, own: Floats, others: Floats, metric: str) -> Beside:
    """Compares two models row by row.

    Neighbours in time are alike: where the differences hang together, as many rows as do are averaged before they are
    compared, so that they count as one.

    Args:
        name: What the other model is called.
        model_sha256: Of the other model, where it is a version.
        own: One score for each row of the judged model in the order of time, higher is better, float64 [n].
        others: Likewise of the other model.
        metric: Errors (`mae`, `log_loss`) are compared in shares of the other model's mean error, so that a loss of 2 %
            counts as much as one of two right answers in a hundred.
    """
    scale = 1.0
    if metric in RELATIVE:
        scale = float(np.abs(others).mean()) or float(np.abs(own).mean()) or 1.0
    length, _ = block_length([own - others])
    starts = np.arange(0, max(1, len(own) // length)) * length
    sizes = np.diff([*starts, len(own)])
    first, second = ((np.add.reduceat(each, starts) / sizes / scale).tolist() for each in (own, others))
    found = compare("score", first, second, graded=metric != "accuracy" or length > 1)
    return Beside(
        name=name,
        model_sha256=model_sha256,
        score=float(others.mean()),
        gain=float((own - others).mean()) / scale,
        interval=found.interval,
        verdict=found.verdict,
        won=int((own > others).sum()),
        lost=int((own < others).sum()),
    )


def judgement_file(runs_folder: Path, version: str) -> Path:
    """Where the judgement of a version stands."""
    return runs_folder / FOLDER / f"{version}.json"


def write_judgement(runs_folder: Path, judgement: Judgement) -> Path:
    """Writes a judgement, without which the gate refuses its version.

    Raises:
        OSError: No permission or no space; a former one stands then.
    """
    file = judgement_file(runs_folder, judgement.version)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file, judgement.to_json())
    return file


def read_judgement(runs_folder: Path, version: str) -> Judgement | None:
    """The judgement of a version, or None where there is none.

    Raises:
        UserError: The file is damaged or of another format.
    """
    again = f"make it again: {command_line(f'evaluate {version}')}"
    return read_document(judgement_file(runs_folder, version), Judgement, SCHEMA, "judgement of a model", again)
