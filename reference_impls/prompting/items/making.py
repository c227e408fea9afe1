"""Helps to make an evaluation set: draws from the user's inputs, and leaves out what repeats or is an example."""

import json
import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...project_base.errors import UserError
from .base import Item
from .reading import read_rows, read_text, refuse, wanted_of
from .similar import similar_pairs

_TABLES = (".csv", ".tsv", ".jsonl")


@dataclass(frozen=True)
class Drawn:
    """What was made of a file of inputs.

    Attributes:
        items: The evaluation set; outputs that nobody has given are still missing.
        examples: What else has an output, for the prompt.
        repeated: How many inputs were left out since they repeat others, or nearly.
        in_examples: How many were left out since they are examples already.
        left: How many were neither drawn nor became examples.
    """

    items: tuple[Item, ...]
    examples: tuple[Item, ...]
    repeated: int
    in_examples: int
    left: int


def draw(given: Sequence[Item], examples: Sequence[Item], count: int, seed: int) -> Drawn:
    """Draws items at random, so that they are like the inputs that will come.

    Args:
        given: The user's inputs, some or all with outputs.
        examples: Examples that are in use already.
        count: How many items.
        seed: The same seed and inputs draw the same items.
    """
    texts = [each.input for each in (*examples, *given)]
    known = len(examples)
    partner = {pair.second: pair.first for pair in similar_pairs(texts)}
    fresh = [item for number, item in enumerate(given, start=known) if number not in partner]
    in_examples = sum(number >= known > other for number, other in partner.items())
    repeated = sum(number >= known and other >= known for number, other in partner.items())
    order = list(range(len(fresh)))
    random.Random(seed).shuffle(order)  # noqa: S311 -- nothing secret is drawn
    chosen = sorted(order[:count])
    rest = [fresh[number] for number in sorted(order[count:])]
    further = tuple(item for item in rest if item.complete)
    items = tuple(fresh[number] for number in chosen)
    return Drawn(items, further, repeated, in_examples, len(rest) - len(further))


@dataclass(frozen=True)
class Inputs:
    """What was read of a file of inputs.

    Attributes:
        items: The inputs, some or all with outputs.
        unread: Columns that were not read.
    """

    items: tuple[Item, ...]
    unread: tuple[str, ...]


def read_inputs(path: Path, input_column: str, output_column: str | None, labels: Collection[str] = ()) -> Inputs:
    """The user's inputs: one a line of a .txt file, or a column of a .csv, .tsv or .jsonl file.

    Args:
        path: Of the file.
        input_column: Which column holds them.
        output_column: Which one holds what is wanted; None takes `output` where there is one, and empty takes none.
        labels: What the prompt may answer; a column of nothing else is not left unread without a word.

    Raises:
        UserError: The file cannot be read, has no such column, holds no input, lines in it are wrong, or nobody has
            said what to do with a column of labels.
    """
    text = read_text(path, "give the path of a .txt, .csv, .tsv or .jsonl file with your inputs")
    problems: list[str] = []
    rows: list[tuple[int, Mapping[str, Any]]]
    table = path.suffix.lower() in _TABLES
    if table:
        rows = list(read_rows(path, text, problems))
    else:
        rows = [(number, {input_column: line}) for number, line in enumerate(text.split("\n"), start=1)]
    columns = list(dict.fromkeys(key for _, row in rows for key in row))
    if rows and input_column not in columns:
        raise UserError(f"{path} has no column {input_column}; it has {', '.join(columns[:10])}", "give --input-column")
    if table and rows and output_column and output_column not in columns:
        raise UserError(
            f"{path} has no column {output_column}; it has {', '.join(columns[:10])}", "give --output-column"
        )
    chosen = ("output" if "output" in columns else "") if output_column is None else output_column
    unread = tuple(name for name in columns if name not in (input_column, chosen))
    if output_column is None and not chosen:
        _refuse_labels(path, [row for _, row in rows], unread, labels)
    found = []
    for count, (number, row) in enumerate(rows, start=1):
        given = row.get(input_column)
        place = f"{path}:{number}"
        if given is not None and not isinstance(given, str):
            problems.append(f"{place}: {input_column} must be a text")
        elif given and given.strip():
            try:
                output, fields = wanted_of(row.get(chosen) if chosen else None)
            except ValueError as error:
                problems.append(f"{place}: {str(error).replace('output', chosen, 1)}")
                continue
            found.append(Item(str(count), given.strip(), output, fields, (), place))
    refuse(problems)
    if not found:
        raise UserError(f"{path} holds no input", "give a file with one input a line, or a column of inputs")
    return Inputs(tuple(found), unread)


def _refuse_labels(
    path: Path, rows: Sequence[Mapping[str, Any]], unread: Sequence[str], labels: Collection[str]
) -> None:
    """What people have labelled is work that must not get lost because its column has another name."""
    for name in unread:
        values = {str(row[name]).strip() for row in rows if row.get(name) not in (None, "")}
        if values and values <= set(labels):
            raise UserError(
                f"the column {name} of {path} holds labels of the prompt, and is not read as the wanted outputs",
                f"give --output-column {name}, or another name; --output-column '' draws without outputs",
            )


def as_lines(items: Sequence[Item]) -> str:
    """Items as JSON lines; an output that is missing is null, to be filled in."""
    lines = []
    for item in items:
        row: dict[str, Any] = {"id": item.id, "input": item.input}
        row["output"] = item.output if item.fields is None else item.fields
        if item.accepted:
            row["accepted"] = item.accepted
        lines.append(json.dumps(row, ensure_ascii=False))
    return "".join(f"{line}\n" for line in lines)
