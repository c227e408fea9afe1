"""The form of a result: the 2 x 2 table, what it was made of, and what became of each item."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..evaluation.bootstrap import Interval
from ..evaluation.paired import Difference
from ..project_base.documents import read_document
from ..project_base.errors import UserError
from .judging import Verdict
from .patterns import CellName, PatternName

SCHEMA: Final = "hybrid/1"
CELLS: Final[tuple[CellName, ...]] = ("base", "base_retrieval", "tuned", "tuned_retrieval")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Cell(_Frozen):
    """One cell of the table.

    Attributes:
        name: `base`, `tuned`, `base_retrieval` or `tuned_retrieval`, the hybrid itself.
        tuned: Whether a part of it is tuned.
        retrieval: Whether it retrieves.
        system: What stands in this cell, in a few words.
        score: Mean over the items, in [0, 1]; None where it was not measured.
        interval: Its 95 % interval.
        why_not: Why it was not measured, else empty.
    """

    name: CellName
    tuned: bool
    retrieval: bool
    system: str
    score: float | None = None
    interval: Interval | None = None
    why_not: str = ""


class Against(_Frozen):
    """The hybrid against another cell, on the same items.

    Attributes:
        cell: The other cell.
        half: Whether that is a half alone, by which the verdict is made.
        difference: Hybrid minus the other.
        p: Two-sided, of McNemar's exact test or of a sign-flip test.
        p_holm: The same, corrected for all cells that the hybrid is compared with.
        equal_suffices: Why being as good is enough here (cost, time), else empty.
    """

    cell: CellName
    half: bool
    difference: Difference
    p: float
    p_holm: float
    equal_suffices: str = ""


class Item(_Frozen):
    """What became of one item.

    Attributes:
        id: Of the item.
        group: What items hang together with it, such as a document; empty where each stands alone.
        scores: By cell, in [0, 1].
        note: What else is worth knowing, such as the way that it took.
        sha256: Of what is asked and wanted, by which other results know it again; empty where nobody can tell.
    """

    id: str
    group: str = ""
    scores: Mapping[CellName, float]
    note: str = ""
    sha256: str = ""


class Table(_Frozen):
    """A further table that belongs to the result, such as a curve.

    Attributes:
        title: What it shows.
        columns: Their names.
        rows: As they are shown.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float, ...], ...]


class Beside(_Frozen):
    """The hybrid against the one in service, on the items that both were judged on.

    Attributes:
        version: The tuned part in service.
        model_sha256: sha256 of its model.json.
        items: How many items both have.
        difference: This hybrid minus the one in service; None where they cannot be compared.
        p: Two-sided, as in `Against`; None likewise.
        told: Why they cannot be compared, or what limits the comparison, else empty.
    """

    version: str
    model_sha256: str
    items: int = 0
    difference: Difference | None = None
    p: float | None = None
    told: str = ""


class TwoByTwo(_Frozen):
    """A pattern beside both of its halves alone; contents of the result file.

    Attributes:
        schema_id: `schema` in JSON.
        pattern: Which.
        version: The tuned part in the registry.
        model_sha256: sha256 of its model.json, by which a gate knows it again; empty where it is not in the registry.
        index: The generation of the index; empty where none took part.
        choice: What was chosen after the training, such as a threshold, by which a gate knows it again; see
            `choice.choice_of`.
        measure: What a score is, in a few words.
        items: How many items there are.
        groups: How many groups they form; as many as items where each stands alone.
        cells: The four, base before tuned, without before with retrieval.
        against: The hybrid against each other cell that was measured.
        verdict: Whether the second half pays.
        why: The verdict as a sentence, with its figures.
        no_gain: Why nothing is seen to be gained by the tuned part; empty where something is.
        beside: The hybrid against the one in service; None where none was in service, or it is that one.
        dropping: How to go on with one half alone.
        measured: Further figures by name: milliseconds, tokens, shares.
        tables: Further tables.
        notes: What limits the result, one sentence each.
        outcomes: What became of each item.
    """

    schema_id: Literal["hybrid/1"] = Field(default=SCHEMA, alias="schema")
    pattern: PatternName
    version: str = ""
    model_sha256: str = ""
    index: str = ""
    choice: str = ""
    measure: str
    items: int
    groups: int
    cells: Annotated[tuple[Cell, ...], Field(min_length=4, max_length=4)]
    against: tuple[Against, ...]
    verdict: Verdict
    why: str
    no_gain: str = ""
    beside: Beside | None = None
    dropping: str
    measured: Mapping[str, float] = Field(default_factory=dict)
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()
    outcomes: tuple[Item, ...]

    def to_json(self) -> str:
        """The content of the result file."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"

    def cell(self, name: CellName) -> Cell:
        """One cell of the table."""
        return next(cell for cell in self.cells if cell.name == name)


def read_table(file: Path) -> TwoByTwo:
    """Reads a result file.

    Raises:
        UserError: It is missing, damaged or of another form.
    """
    again = "measure again: the command `evaluate` writes it"
    found = read_document(file, TwoByTwo, SCHEMA, "result of a hybrid", again)
    if found is None:
        raise UserError(f"there is no result {file}", again)
    return found
