"""Two models on the same rows: how far they differ, what is newly right and wrong, and how large and quick both are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from ...compression.latency import Answer, Speed, measure_speed
from ...evaluation.bootstrap import Interval
from ...evaluation.regression import Regression
from ...labelled_data.base import Classifier, Example, Tagger, Task, Turn, Writer
from ...labelled_data.labels import known_label
from ...project_base.errors import UserError
from ...project_base.progress import Progress, silent
from ...registry.version import Version, model_digest
from ..held_out.beside import changed_rows, compared
from ..held_out.held_out import unchecked, unseen_by, vanished
from ..held_out.model_evaluation import ChangedRow
from ..ladder.judging import judge
from ..ladder.results import Metric, Outcome
from ..ladder.scoring import score
from .answering import Answering

SCHEMA: Final = "comparison-of-models/1"

_ROUNDS = {"classification": 3, "extraction": 3, "generation": 1}
_MOST_WRITTEN = 3
"""Conversations that speed of writing is measured with: each takes seconds."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Side(_Frozen):
    """One of the two models.

    Attributes:
        name: Its version, or the path of its folder.
        kind: Format of its files.
        model_sha256: sha256 of its model.json, and so of all its files.
        bytes: Of its own files; an adapter and a head need their encoder beside them.
        score: In [0, 1].
        interval: Its 95 % interval.
        speed: Measured in turns with the other one, on the same texts.
    """

    name: str
    kind: str
    model_sha256: str
    bytes: int
    score: float
    interval: Interval
    speed: Speed


class ModelComparison(_Frozen):
    """Two models beside each other.

    Attributes:
        schema_id: `schema` in JSON.
        task: Of both.
        metric: What `score` is.
        on: What the rows are.
        rows: How many judged both.
        left_out: Rows that one of them was trained on.
        first: A, that which was there before.
        second: B, that which may take its place.
        regression: B beside A; the difference is B minus A.
        newly_right: Rows that only B has right.
        newly_wrong: Rows that only A has right.
        notes: What else is to be known.
    """

    schema_id: Literal["comparison-of-models/1"] = Field(default=SCHEMA, alias="schema")
    task: Task
    metric: Metric
    on: str
    rows: int
    left_out: int
    first: Side
    second: Side
    regression: Regression
    newly_right: tuple[ChangedRow, ...]
    newly_wrong: tuple[ChangedRow, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        """The content of a result file."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"


@dataclass(frozen=True)
class Rows:
    """What both are asked.

    Attributes:
        examples: With their targets.
        what: In words.
        digest: Of the data and the split that they are the test part of; empty for a file of its own.
        metric: To compare by.
        present: All rows of the data that they are the test part of; none for a file of its own.
    """

    examples: Sequence[Example]
    what: str
    digest: str
    metric: Metric
    present: Sequence[Example] = ()


def compare_models(
    first: Answering, second: Answering, rows: Rows, speed_texts: int, progress: Progress = silent
) -> ModelComparison:
    """Compares B with A.

    Args:
        first: A.
        second: B.
        rows: What both are asked; those that one of them was trained on are left out.
        speed_texts: How many texts speed is measured with.
        progress: Opens bars.

    Raises:
        UserError: No row is left, or a model cannot answer.
    """
    kept, notes = _held_out((first, second), rows)
    examples = [_named(rows.examples[place], (*first.labels, *second.labels)) for place in kept]
    if not examples:
        raise UserError(
            f"there are no rows to compare by: {rows.what} holds {len(rows.examples)}, and a model was trained on each",
            "give other labelled rows: --on FILE",
        )
    task = first.task
    ours, theirs = (
        judge(task, each.model, examples, advance=progress(f"judging {each.name}", len(examples))).outcomes
        for each in (second, first)
    )
    labels = [str(example.target) for example in examples] if task == "classification" else None
    found = compared(task, rows.metric, ours, theirs, labels)
    speeds = _speeds(first, second, examples, speed_texts)
    return ModelComparison(
        task=task,
        metric=rows.metric,
        on=rows.what,
        rows=len(examples),
        left_out=len(rows.examples) - len(examples),
        first=_side(first, rows.metric, theirs, speeds["A"]),
        second=_side(second, rows.metric, ours, speeds["B"]),
        regression=found,
        newly_right=changed_rows(found.newly_right, examples, ours, theirs),
        newly_wrong=changed_rows(found.newly_wrong, examples, ours, theirs),
        notes=tuple(notes),
    )


def _held_out(models: Sequence[Answering], rows: Rows) -> tuple[list[int], list[str]]:
    kept, notes = set(range(len(rows.examples))), []
    for each in models:
        folder = each.folder
        version = Version(each.name, folder.path, folder.kind, folder.about, "")
        unseen, known = unseen_by(version, rows.digest, rows.examples, rows.present)
        kept &= set(unseen)
        if not known:
            notes.append(
                f"it is not known what {each.name} was trained on: if these rows were among it, it looks better than "
                "it is"
            )
        if lost := vanished(version, rows.digest, (*rows.examples, *rows.present)):
            notes.append(unchecked(each.name, lost))
    if left_out := len(rows.examples) - len(kept):
        notes.append(f"{left_out:,} rows are left out, since one of the models was trained on them")
    return sorted(kept), notes


def _named(example: Example, labels: Sequence[str]) -> Example:
    """The example with its label as the models call it."""
    if not isinstance(example.target, str) or not labels:
        return example
    return replace(example, target=known_label(example.target, labels) or example.target)


def _side(model: Answering, metric: Metric, outcomes: Sequence[Outcome], speed: Speed) -> Side:
    value, interval = score(metric, outcomes)
    return Side(
        name=model.name,
        kind=model.folder.kind,
        model_sha256=model_digest(model.folder.path),
        bytes=sum(model.folder.sizes.values()),
        score=value,
        interval=interval,
        speed=speed,
    )


def _speeds(first: Answering, second: Answering, examples: Sequence[Example], most: int) -> dict[str, Speed]:
    most = min(most, _MOST_WRITTEN) if first.task == "generation" else most
    by_length = sorted((example.text for example in examples), key=len)
    count = min(most, len(by_length))
    texts = [by_length[place * len(by_length) // count] for place in range(count)]
    return measure_speed({"A": _asked(first), "B": _asked(second)}, texts, _ROUNDS[first.task])


def _asked(model: Answering) -> Answer:
    if model.task == "classification":
        return cast("Classifier", model.model).probabilities
    if model.task == "extraction":
        return cast("Tagger", model.model).spans
    writer = cast("Writer", model.model)
    return lambda texts: writer.write([(Turn("user", text),) for text in texts])
