"""What making a model smaller has given and cost, as it stands in a result file."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..evaluation.paired import Difference
from .latency import Speed

SCHEMA: Final = "compression/1"

Within = Literal["within", "beyond", "cannot tell"]
Step = Literal["export", "prune", "distil"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Agreement(_Frozen):
    """How far the answers of two models agree on the same texts, whatever is right.

    Attributes:
        texts: How many.
        same: Share of the texts with the same label, or the same spans.
        largest: The largest difference of two probabilities of the same label; None for spans.
        mean: The mean of the largest difference of each text; None for spans.
    """

    texts: int
    same: float
    largest: float | None
    mean: float | None


class Form(_Frozen):
    """One form of a model, measured beside the others.

    Attributes:
        name: What was done: `adapter`, `merged`, `onnx`, `onnx_blocks`, `onnx_int8`, `pruned`, `teacher`, `student`.
        bytes: On disk, all files; None where this form is not kept.
        parameters: Numbers that the model consists of; None where they are not counted.
        score: The measure of the result over all examples, higher is better.
        macro_f1: The mean of the labels' F1; None for spans.
        differences: Its measure minus that of the first form, on the same examples, and then macro-F1 likewise; empty
            for the first.
        agreement: With the answers of the first form; None for the first.
        within: Whether its loss is within what is allowed; None for the first. See `within`.
        speed: How quick it is, beside the first form.
        unusable: Why this form cannot be had of this model, else empty; then nothing else is told.
    """

    name: str
    bytes: int | None = None
    parameters: int | None = None
    score: float | None = None
    macro_f1: float | None = None
    differences: tuple[Difference, ...] = ()
    agreement: Agreement | None = None
    within: Within | None = None
    speed: Speed | None = None
    unusable: str = ""


class Compressed(_Frozen):
    """Everything that was measured.

    Attributes:
        schema_id: `schema` in JSON; names this form of the file.
        step: What was done.
        measure: `accuracy`, or `span F1` over all spans.
        examples: How many held-out examples judged.
        most_loss: The loss that is allowed.
        threads: Threads of the CPU that all forms ran on.
        processor: Its name, as far as the system tells it.
        forms: The first is what the others are compared with.
        chosen: Name of the form that was kept, else empty.
        removed: In words, for pruning and distillation: what the smaller model lacks.
        told: What else is to be known, one sentence each.
    """

    schema_id: Literal["compression/1"] = Field(default=SCHEMA, alias="schema")
    step: Step
    measure: str
    examples: int
    most_loss: float
    threads: int
    processor: str
    forms: tuple[Form, ...]
    chosen: str = ""
    removed: str = ""
    told: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The content of a result file."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"


def within(difference: Difference, most_loss: float) -> Within:
    """Whether a loss is allowed: `beyond` where more than that was lost, `within` where the interval excludes it.

    Else nobody can tell: so much was not lost, but another draw of examples may well lose it.

    Args:
        difference: Of the smaller form to the first; below 0 is a loss.
        most_loss: At least 0.
    """
    if difference.difference < -most_loss:
        return "beyond"
    return "within" if difference.interval[0] >= -most_loss else "cannot tell"
