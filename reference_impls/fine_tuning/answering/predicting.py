"""Predicts the rows of a file one batch after another, so that the file may be larger than memory."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...labelled_data.base import Advance, Example, Span, Task
from ...labelled_data.labels import known_label
from ...labelled_data.reading import Input, stream_inputs
from ...labelled_data.settings import Settings as DataSettings
from ...labelled_data.targets import BadRow, label_of, spans_of
from ...labelled_data.usual_names import find_column, value_at
from ...project_base.errors import UserError
from ...project_base.progress import show
from ..held_out.seen import hash_of, read_seen
from .answering import Answer, Answering
from .rows_out import Table
from .tally import Tally, of_label, of_spans

_MOST_ROWS = {"classification": 256, "extraction": 128, "generation": 16}
_MOST_CHARACTERS = 1_000_000
_DIGITS = 6
_COLUMN_SETS = 100
_LABELS = 10_000
"""What is remembered of the input is limited: rows of JSON lines may each have other columns, or another label."""

Hear = Callable[[str], object]
Sink = Callable[[bytes, int, str, Tally], object]
"""Takes the next rows: see `unfinished.Unfinished.append`."""


@dataclass(frozen=True)
class Begun:
    """How far a former run came, on the same input; see `unfinished.Mark`."""

    rows: int = 0
    input_sha256: str = ""
    tally: Tally = field(default_factory=Tally)


def without_targets(settings: DataSettings) -> DataSettings:
    """The settings for rows that are to be predicted, which need not have the columns that training needs."""
    nothing = dict.fromkeys(("label", "spans", "response", "group", "time"), "")
    return settings.model_copy(update={**nothing, "split": "random"})


def predict_rows(
    answering: Answering,
    source: Path,
    settings: DataSettings,
    table: Table,
    sink: Sink,
    begun: Begun | None = None,
    advance: Advance = lambda _: None,
    hear: Hear = lambda _: None,
) -> Tally:
    """Predicts every row of a file or folder, in order; a row that cannot be used keeps its place and says why.

    Args:
        answering: The model.
        source: What is read; it is never in memory as a whole.
        settings: Columns, longest text and form of the input.
        table: Makes the bytes.
        sink: Takes them, a batch at a time.
        begun: What is done already.
        advance: Hears how many more rows are done.
        hear: Hears the first error, and which column is taken for the right labels or spans.

    Returns:
        Counts over all rows, also those that a former run did.

    Raises:
        UserError: The source cannot be read, the model cannot answer, or the rows that are done are not those of the
            source now.
        OSError: The sink cannot write.
    """
    begun = begun or Begun()
    tally, digest = begun.tally, hashlib.sha256()
    rows = iter(_hashed(stream_inputs(source, answering.task, without_targets(settings)), digest.update))
    _pass_over(rows, begun, digest.hexdigest, source, advance)
    targets = _Targets(answering, settings, hear)
    for batch in _batches(rows, _MOST_ROWS[answering.task]):
        first_error = next((f"{each.place}: {each.fault}" for each in batch if each.fault), "")
        if first_error and not tally.errors:
            hear(f"a row cannot be predicted: {first_error}")
        answers = _answers(answering, batch, advance)
        content, counted = bytearray(), Tally()
        for each, answer in zip(batch, answers, strict=True):
            content += table.row(each.values, row_of(answering.task, each, answer))
            counted += targets.tally(each, answer)
        tally += counted
        if tally.errors:
            show(advance, f"{tally.errors:,} errors")
        sink(bytes(content), len(batch), digest.hexdigest(), tally)
    return tally


def row_of(task: Task, given: Input, answer: Answer | UserError | None) -> list[object]:
    """What is added to a row: the values of `rows_out.ADDED`, in that order."""
    error: str | None = None
    if answer is None:
        error = f"{given.place}: {given.fault}"
    elif isinstance(answer, UserError):
        error = f"{given.place}: {answer.message}"
    told = answer if isinstance(answer, Answer) else None
    if task == "classification":
        if told is None or told.confidence is None:
            return [None, None, None, error]
        return [told.label, round(told.confidence, _DIGITS), told.abstained, error]
    if task == "extraction":
        text = given.example.text if given.example else ""
        return [None if told is None else span_objects(told.spans, text), error]
    return [None if told is None else told.text, error]


def span_objects(spans: Iterable[Span], text: str) -> list[dict[str, object]]:
    """Spans as labelled data has them, with their text."""
    return [
        {"start": span.start, "end": span.end, "label": span.label, "text": text[span.start : span.end]}
        for span in spans
    ]


def _hashed(inputs: Iterable[Input], update: Callable[[bytes], object]) -> Iterator[tuple[Input, int]]:
    """Each row with its length in characters, about; the digest hears all that was read of it."""
    for each in inputs:
        told = json.dumps([each.values, each.fault], default=str).encode()
        update(len(told).to_bytes(8, "big") + told)
        yield each, len(told)


def _pass_over(
    rows: Iterator[tuple[Input, int]], begun: Begun, digest: Callable[[], str], source: Path, advance: Advance
) -> None:
    for done in range(begun.rows):
        if next(rows, None) is None:
            raise _another(source, f"it has {done:,} rows now, and {begun.rows:,} are done")
        advance(1)
    if begun.rows and digest() != begun.input_sha256:
        raise _another(source, f"its first {begun.rows:,} rows are not those that are done")


def _another(source: Path, why: str) -> UserError:
    return UserError(
        f"{source} is not what the interrupted run has read: {why}",
        "give the same input; or delete the .part file, and predict without --resume",
    )


def _batches(rows: Iterator[tuple[Input, int]], most: int) -> Iterator[list[Input]]:
    batch: list[Input] = []
    characters = 0
    for each, length in rows:
        batch.append(each)
        characters += length
        if len(batch) == most or characters > _MOST_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _answers(answering: Answering, batch: Sequence[Input], advance: Advance) -> list[Answer | UserError | None]:
    """An answer for each row; None for one that cannot be used, an error for one that the model refuses."""
    examples = [each.example for each in batch if each.example is not None]
    advance(len(batch) - len(examples))
    found = iter(_one_after_another(answering, examples, advance))
    return [None if each.example is None else next(found) for each in batch]


def _one_after_another(
    answering: Answering, examples: Sequence[Example], advance: Advance
) -> Sequence[Answer | UserError]:
    try:
        return answering.answers(examples, advance)
    except UserError as refusal:
        # Templates of conversations refuse some of them; one such row must not end the work on all others.
        if answering.task != "generation" or len(examples) < 2:
            raise
        answers: list[Answer | UserError] = []
        for example in examples:
            try:
                answers += answering.answers([example])
            except UserError as error:
                answers.append(error)
        if all(isinstance(answer, UserError) for answer in answers):
            raise refusal
        return answers


class _Targets:
    """Finds what is right, where rows bring it with them."""

    def __init__(self, answering: Answering, settings: DataSettings, hear: Hear) -> None:
        self._task = answering.task
        self._settings = settings
        self._labels = answering.labels
        self._hear = hear
        self._heard: str | None = None
        self._column_of: dict[tuple[str, ...], str | None] = {}
        self._known: dict[str, str] = {}
        self._seen = read_seen(answering.folder.path) or frozenset()

    def tally(self, given: Input, answer: Answer | UserError | None) -> Tally:
        if given.example is None or not isinstance(answer, Answer):
            return Tally(rows=1, errors=1)
        if self._task == "generation":
            return Tally(rows=1)
        value = self._value(given)
        if self._task == "classification":
            label = self._label(value)
            seen = label is not None and self._is_seen(given.example)
            return of_label(label, answer.label, abstained=answer.abstained, seen=seen)
        spans = self._spans(value, given.example.text)
        return of_spans(spans, answer.spans, seen=spans is not None and self._is_seen(given.example))

    def _is_seen(self, example: Example) -> bool:
        return bool(self._seen) and hash_of(example) in self._seen

    def _value(self, given: Input) -> object:
        columns = tuple(given.values)
        if columns not in self._column_of:
            if len(self._column_of) >= _COLUMN_SETS:
                self._column_of.clear()
            self._column_of[columns] = self._find(columns)
        column = self._column_of[columns]
        return None if column is None else value_at(given.values, column)

    def _find(self, columns: tuple[str, ...]) -> str | None:
        part = "label" if self._task == "classification" else "spans"
        try:
            found = find_column(part, columns, self._settings)
        except UserError:
            # The settings name the column of the training data, which new texts need not have.
            return None
        if found is not None and found != self._heard:
            self._heard = found
            self._hear(f"the column {found} is taken for the right {'label' if part == 'label' else part}")
        return found

    def _label(self, value: object) -> str | None:
        try:
            label = label_of(value)
        except BadRow:
            return None
        if label not in self._known:
            if len(self._known) >= _LABELS:
                self._known.clear()
            self._known[label] = known_label(label, self._labels) or ""
        return self._known[label]

    def _spans(self, value: object, text: str) -> tuple[Span, ...] | None:
        if value is None or value == "":
            return None
        try:
            return spans_of(value, text)
        except BadRow:
            return None
