"""Helps to make an evaluation set: draws from the user's inputs, and leaves out what repeats or is an example."""

import csv
import io
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...project_base.errors import UserError
from .base import Item
from .reading import read_text, wanted_of
from .similar import similar_pairs


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


def read_inputs(path: Path, input_column: str, output_column: str) -> list[Item]:
    """The user's inputs: one a line of a .txt file, or a column of a .csv, .tsv or .jsonl file.

    Raises:
        UserError: The file cannot be read, has no such column or holds no input.
    """
    text = read_text(path)
    rows: list[Mapping[str, Any]]
    match path.suffix.lower():
        case ".csv" | ".tsv" as suffix:
            rows = list(csv.DictReader(io.StringIO(text, newline=""), delimiter="," if suffix == ".csv" else "\t"))
        case ".jsonl":
            rows = [_object(line, path, number) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        case _:
            rows = [{input_column: line} for line in text.split("\n")]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    if rows and input_column not in columns:
        raise UserError(
            f"{path} has no column {input_column}; it has {', '.join(map(str, columns[:10]))}", "give --input-column"
        )
    found = []
    for number, row in enumerate(rows, start=1):
        given = row.get(input_column)
        if isinstance(given, str) and given.strip():
            output, fields = wanted_of(row.get(output_column))
            found.append(Item(str(number), given.strip(), output, fields, (), f"{path} row {number}"))
    if not found:
        raise UserError(f"{path} holds no input", "give a file with one input a line, or a column of inputs")
    return found


def _object(line: str, path: Path, number: int) -> Mapping[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise UserError(f"{path}:{number}: not JSON: {error}", "write one JSON object a line") from error
    if not isinstance(row, dict):
        raise UserError(f"{path}:{number}: not an object", "write one JSON object a line")
    return row


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
