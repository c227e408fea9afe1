"""Reads labelled data into memory, or texts to predict as a stream, and says of every row that cannot be used why."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from ..project_base.errors import UserError
from .base import Example, Task
from .examples import Columns, Maker, columns_of_task
from .files import rows_of
from .labels import unify_labels
from .rows import Row
from .settings import Settings
from .targets import BadRow

NAMED = 10
"""How many faults, remarks or rows a message names before it counts the rest."""


_FIRST_ROWS = 50


@dataclass(frozen=True)
class Fault:
    """A row that cannot be used: where it stands, and why."""

    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}"


@dataclass(frozen=True)
class Read:
    """What was read.

    Attributes:
        examples: In the order of the files.
        faults: The rows that cannot be used, in the same order; all of them.
        remarks: What was noticed or decided while reading.
        columns: Which column was taken for what, in words.
        files: Names of the files with their rows.
    """

    examples: tuple[Example, ...]
    faults: tuple[Fault, ...] = ()
    remarks: tuple[str, ...] = ()
    columns: str = ""
    files: Mapping[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there are, usable or not."""
        return len(self.examples) + len(self.faults)


def read_examples(path: Path, task: Task, settings: Settings, spelled_like: Sequence[Example] = ()) -> Read:
    """Reads all examples of a file or folder.

    Args:
        path: A csv, tsv or jsonl file, a folder of such files, or a folder with one sub-folder of .txt files a label.
        task: What the examples are for.
        settings: Columns, form of the tables, longest text.
        spelled_like: For test data the training examples: a label that means one of theirs takes its spelling.

    Raises:
        UserError: The path, a file as a whole or its columns are wrong, or not one row can be used.
    """
    made = _Collected()
    for row, maker in _with_maker(path, task, settings, labelled=True):
        made.add(row, maker)
    if not made.files:
        raise UserError(f"{path} holds no rows", "give a file with examples")
    if not made.examples:
        raise UserError(f"no row of {path} can be used:\n{named(made.faults)}", "mend the rows, or give another file")
    examples, remarks = (made.examples, []) if task == "generation" else unify_labels(made.examples, spelled_like)
    remarks = [*_encoding_remarks(made.encodings), *remarks]
    return Read(tuple(examples), tuple(made.faults), tuple(remarks), made.columns, dict(made.files))


@dataclass
class _Collected:
    examples: list[Example] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    encodings: dict[str, list[str]] = field(default_factory=dict)
    files: Counter[str] = field(default_factory=Counter)
    columns: str = ""

    def add(self, row: Row, maker: Maker) -> None:
        self.columns = self.columns or maker.columns.told()
        self.files[_file_of(row.place)] += 1
        if row.encoding != "utf-8":
            self.encodings.setdefault(row.encoding, []).append(row.place)
        try:
            self.examples.append(maker.example(row))
        except BadRow as reason:
            self.faults.append(Fault(row.place, str(reason)))


def _file_of(place: str) -> str:
    """The file of a row; for a text of its own, the folder that stands for its label."""
    name, _, line = place.rpartition(":")
    if name and line.isdecimal():
        return name
    folder, slash, _ = place.partition("/")
    return folder + slash


def named(faults: list[Fault] | tuple[Fault, ...], most: int = NAMED) -> str:
    """The first faults, one a line, and how many more there are."""
    more = f"\n       and {len(faults) - most:,} more" if len(faults) > most else ""
    return "\n".join(f"       {fault}" for fault in faults[:most]) + more


def _encoding_remarks(encodings: Mapping[str, list[str]]) -> Iterator[str]:
    for encoding, places in encodings.items():
        if encoding.startswith(("utf-16", "utf-32")):
            yield f"read as {encoding}, as its byte-order mark or labelled_data.encoding says"
            continue
        first = ", ".join(places[:NAMED])
        more = f" and {len(places) - NAMED:,} more" if len(places) > NAMED else ""
        yield f"{len(places):,} rows are not UTF-8 and were read as {encoding} (labelled_data.encoding): {first}{more}"


@dataclass(frozen=True)
class Input:
    """A row to predict.

    Attributes:
        example: Its text, and its turns for generation; the target is empty. None where there is a fault.
        values: All its columns as they stand in the file, to be handed on.
        place: Where it stands.
        fault: Why it cannot be used; empty where it can.
    """

    example: Example | None
    values: Mapping[str, object] = field(hash=False)
    place: str
    fault: str = ""


def stream_inputs(path: Path, task: Task, settings: Settings) -> Iterator[Input]:
    """Yields the rows of a file or folder one by one, however large it is; labels need not be there.

    Raises:
        UserError: The path, a file as a whole or its columns are wrong.
    """
    for row, maker in _with_maker(path, task, settings, labelled=False):
        try:
            yield Input(maker.example(row), row.values, row.place)
        except BadRow as reason:
            yield Input(None, row.values, row.place, str(reason))


def _with_maker(path: Path, task: Task, settings: Settings, labelled: bool) -> Iterator[tuple[Row, Maker]]:
    """Every row with what makes an example of it.

    Rows of JSON lines need not have the same columns. Labelled data is looked through before the first example is made;
    a stream is not, and what a column is taken for is found anew where a row brings one that no row before it had.
    """
    for name, rows in rows_of(path, task, settings):
        first = list(rows) if labelled else list(islice(rows, _FIRST_ROWS))
        columns = dict.fromkeys(column for row in first for column in row.values)
        maker = _maker_of(columns, name, task, settings, labelled)
        for row in chain(first, rows):
            if not columns.keys() >= row.values.keys():
                columns |= dict.fromkeys(row.values)
                maker = _maker_of(columns, name, task, settings, labelled)
            yield row, maker


def _maker_of(columns: Iterable[str], name: str, task: Task, settings: Settings, labelled: bool) -> Maker:
    names = list(columns)
    found = columns_of_task(names, name, task, settings, labelled) if names else Columns(None, None)
    return Maker(task, found, settings, labelled)
