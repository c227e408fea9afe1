"""What the check of the data says: one document, as JSON and as text."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from .balance import Balance
from .base import Task
from .duplicates import Conflict, Repeats
from .lengths import Lengths
from .noise import Suspect
from .personal_data import PersonalData
from .probe import Probe

SCHEMA: Final = "data_check/1"

FindingName = Literal["bad_rows", "one_label", "no_spans", "personal_data", "nothing_to_learn"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Finding(_Frozen):
    """A reason not to train.

    Attributes:
        name: For whoever overrules it.
        text: What was found.
        next_step: What to do about it.
    """

    name: FindingName
    text: str
    next_step: str


class Sides(_Frozen):
    """The split in numbers.

    Attributes:
        train: Rows.
        validation: Rows.
        test: Rows.
        left_out: Rows that stand on no side, since they would leak.
        method: How the sides were chosen.
        digest: Of the split.
    """

    train: int
    validation: int
    test: int
    left_out: int
    method: str
    digest: str


class DataReport(_Frozen):
    """Everything that the check found.

    Attributes:
        schema_id: `schema` in JSON; names this form of the document.
        task: What the examples are for.
        files: Rows by file.
        rows: Rows, usable or not.
        usable: Rows that can be used.
        test_rows: Usable rows of the test file; 0 where none was given.
        columns: Which column was taken for what.
        faults: The first rows that cannot be used, with the reason.
        faulty: How many there are.
        balance: The labels; None for generation.
        repeats: Rows that repeat others, the test file included.
        conflicts: The first pairs of rows that say the same and are labelled differently.
        conflicting: How many pairs there are.
        suspects: The rows whose label is likeliest wrong; training and validation alone were looked at.
        suspected: How many there are.
        leaking: Training rows that are nearly the same as a test row of the test file, and were left out.
        sides: The split.
        lengths: Of the texts.
        personal_data: None where it was not looked for.
        probe: None where it was not run.
        blocking: Why training is refused; empty where it is not.
        warnings: What else is to be known.
        seconds: How long the check took.
    """

    schema_id: Literal["data_check/1"] = Field(default=SCHEMA, alias="schema")
    task: Task
    files: dict[str, int]
    rows: int
    usable: int
    test_rows: int
    columns: str
    faults: tuple[str, ...]
    faulty: int
    balance: Balance | None
    repeats: Repeats
    conflicts: tuple[Conflict, ...]
    conflicting: int
    suspects: tuple[Suspect, ...]
    suspected: int
    leaking: int
    sides: Sides
    lengths: Lengths
    personal_data: PersonalData | None
    probe: Probe | None
    blocking: tuple[Finding, ...]
    warnings: tuple[str, ...]
    seconds: float

    def to_json(self) -> str:
        """The document as JSON, with a line end."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"
