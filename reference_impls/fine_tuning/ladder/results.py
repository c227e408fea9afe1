"""What a rung of the ladder was found to be worth: one format for every rung of every task."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from ...evaluation.bootstrap import Interval
from ...labelled_data.base import Probabilities, Span, Task
from ...project_base.documents import read_document
from ...project_base.errors import UserError
from ...project_base.files import sha256_of, write_bytes, write_text
from ...project_base.optional import require
from ...project_base.rooms import command_line

SCHEMA: Final = "rung/1"
RESULT = "result.json"
PROBABILITIES = "probabilities.safetensors"

Metric = Literal["accuracy", "macro_f1", "span_f1", "token_likelihood"]
"""Share of right labels; mean F1 of the labels; F1 of whole spans; mean probability of a wanted token (geometric)."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Outcome(_Frozen):
    """What became of one validation example. Texts of users are not repeated here: `id` leads to them.

    Attributes:
        id: Its place in the data file: `messages.csv:12`.
        right: Whether label or spans are exactly the wanted ones; None for generation.
        expected: The label, or the spans as start, end and label; None for generation.
        predicted: Likewise.
        loss: For generation: mean negative log-likelihood, in nats for each token of the wanted response.
        unit: Names what it hangs together with, as `labelled_data.base.Example.unit`; empty for nothing.
    """

    id: str
    right: bool | None = None
    expected: str | tuple[tuple[int, int, str], ...] | None = None
    predicted: str | tuple[tuple[int, int, str], ...] | None = None
    loss: float | None = None
    unit: str = ""


class Sample(_Frozen):
    """What a model writes where another text was wanted.

    Attributes:
        id: Place of the example.
        prompt: The last message of the user, shortened.
        wanted: The response of the example, shortened.
        written: The response of the model, shortened.
    """

    id: str
    prompt: str
    wanted: str
    written: str


class RungResult(_Frozen):
    """One rung, trained and judged without a look at the test data.

    Attributes:
        schema_id: `schema` in JSON; names this form of the file.
        rung: Name of the rung.
        task: Of the project.
        metric: What `score` is.
        score: On the validation examples, in [0, 1], higher is better.
        interval: Its 95 % interval.
        folds: 1 where one part of the data was set aside; else each example was judged by the one of so many models
            that was not trained on it.
        trained_on: Examples that each model was trained on, in the mean.
        labels: In the order of the columns of `probabilities`; empty for generation.
        epochs: Passes after which validation was best, in the mean; None where nothing is trained in passes.
        seconds: Wall-clock time of training and judging.
        estimated_seconds: What was announced before; None where nothing was.
        measured: Figures of the training, in the mean of the folds: see `labelled_data.rungs.Fitted.measured`.
        data: Digest of the examples and of how they were split.
        key: Digest of all that decides the result; where it is the same, the rung is not trained again.
        seed: Of the split and of the training.
        settings: The settings that took part, by room.
        code: Digest of the code that took part.
        made_with: Version of each library that took part.
        despite: Findings of `check` that were overruled, as `name: what was found`.
        probabilities: sha256 of the file beside this one; empty where there is none.
        choice: What held-out examples chose, for a refit that keeps to it; None where it is chosen anew.
        samples: For generation, a few.
        outcomes: One for each validation example, in the order of the data.
    """

    schema_id: Literal["rung/1"] = Field(default=SCHEMA, alias="schema")
    rung: str
    task: Task
    metric: Metric
    score: float
    interval: Interval
    folds: Annotated[int, Field(ge=1)]
    trained_on: int
    labels: tuple[str, ...] = ()
    epochs: float | None = None
    seconds: float
    estimated_seconds: float | None = None
    measured: Mapping[str, float] = Field(default_factory=dict)
    data: str
    key: str
    seed: int
    settings: Mapping[str, JsonValue] = Field(default_factory=dict)
    code: str
    made_with: Mapping[str, str] = Field(default_factory=dict)
    despite: tuple[str, ...] = ()
    probabilities: str = ""
    choice: Mapping[str, JsonValue] | None = None
    samples: tuple[Sample, ...] = ()
    outcomes: Annotated[tuple[Outcome, ...], Field(min_length=1)]

    def to_json(self) -> str:
        """The content of a result file."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"


def write_result(folder: Path, result: RungResult, probabilities: Probabilities | None = None) -> RungResult:
    """Writes a result, and beside it the probabilities of its classifier; the result file appears last.

    Args:
        folder: Of the rung; it is made.
        result: What was found.
        probabilities: float32 [outcomes, labels], or None.

    Returns:
        The result with the hash of its probabilities.

    Raises:
        OSError: No permission or no space; a former result stands then.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if probabilities is not None:
        numpy_format = require("safetensors.numpy", "safetensors>=0.4")
        content: bytes = numpy_format.save({"probabilities": np.ascontiguousarray(probabilities, dtype=np.float32)})
        write_bytes(folder / PROBABILITIES, content)
        result = result.model_copy(update={"probabilities": hashlib.sha256(content).hexdigest()})
    write_text(folder / RESULT, result.to_json())
    return result


def read_result(folder: Path) -> RungResult:
    """Reads the result of a rung.

    Args:
        folder: Of the rung.

    Raises:
        UserError: There is none, or the file is damaged or of another format.
    """
    file = folder / RESULT
    again = f"make it again: {command_line(f'train {folder.name} --again')}"
    result = read_document(file, RungResult, SCHEMA, "result of a rung", again)
    if result is None:
        raise UserError(f"there is no result {file}", f"train the rung: {command_line(f'train {folder.name}')}")
    return result


def read_probabilities(folder: Path, result: RungResult) -> Probabilities:
    """The probabilities that a classifier gave the validation examples: float32 [outcomes, labels].

    Args:
        folder: Of the rung.
        result: What `read_result` gave.

    Raises:
        UserError: The file is missing or is not the one of this result.
    """
    file = folder / PROBABILITIES
    again = f"make it again: {command_line(f'train {result.rung} --again')}"
    if not result.probabilities:
        raise UserError(f"the rung {result.rung} has no probabilities", "choose a rung of a classification")
    if not file.is_file() or sha256_of(file) != result.probabilities:
        raise UserError(f"{file} is missing, or is not the file that belongs to {folder / RESULT}", again)
    numpy_format = require("safetensors.numpy", "safetensors>=0.4")
    rows: Probabilities = numpy_format.load(file.read_bytes())["probabilities"]
    return rows


def span_rows(spans: Sequence[Span]) -> tuple[tuple[int, int, str], ...]:
    """Spans as a result file has them: start, end and label."""
    return tuple((span.start, span.end, span.label) for span in spans)
