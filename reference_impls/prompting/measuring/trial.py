"""The result of a trial, as it is written to disk."""

from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...evaluation.bootstrap import Interval
from ...project_base.documents import read_document
from ...project_base.errors import UserError
from ..documents.tally import FieldTally

SCHEMA: Final = "trial/1"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class PromptUsed(_Part):
    """Which prompt was tried."""

    name: str
    version: int
    sha256: str


class Row(_Part):
    """What became of one item.

    Attributes:
        id: Of the item.
        item_sha256: Of its input and what is wanted.
        input: As it was sent; for map_reduce the path of the document.
        wanted: As a model would have written it.
        output: What the model gave.
        right: Whether it is good; None where a person has to say.
        problems: What is not as declared.
        refused: Why the model did not take it.
        repaired: Whether it was asked for once more.
        wrong_fields: Fields that are not as wanted.
        ms: Milliseconds of all its requests.
        tokens_read: None where nobody counted.
        tokens_cached: Of those, how many came from the provider's cache.
        tokens_written: None where nobody counted.
        cost: Money; None without prices or counts.
    """

    id: str
    item_sha256: str
    input: str
    wanted: str
    output: str
    right: bool | None
    problems: tuple[str, ...] = ()
    refused: str = ""
    repaired: bool = False
    wrong_fields: tuple[str, ...] = ()
    ms: float
    tokens_read: int | None = None
    tokens_cached: int | None = None
    tokens_written: int | None = None
    cost: float | None = None


class Quality(_Part):
    """What the prompt is worth on the items.

    Attributes:
        measure: How outputs were judged.
        items: How many were judged.
        right: How many outputs are good; for `person` none before `review`.
        share: The share of good outputs; None where a person has to say.
        interval: Its 95 % interval (Wilson).
        field_f1: Micro F1 of the values of fields.
        field_f1_interval: Its 95 % interval, over items.
        valid_first: Outputs that were as declared at once.
        valid: Outputs that are, with those that were repaired.
        repaired: Items that were asked for once more.
        refused: Items that the model did not take.
    """

    measure: str
    items: int
    right: int
    share: float | None
    interval: Interval | None
    field_f1: float | None = None
    field_f1_interval: Interval | None = None
    valid_first: int
    valid: int
    repaired: int
    refused: int


class Effort(_Part):
    """What the calls took.

    Attributes:
        ms_p50: Half of the items took less, in milliseconds.
        ms_p95: 95 of 100 took less.
        retried: Items for which an attempt failed.
        waited_s: Seconds in failed attempts and the pauses behind them, which are no part of the above.
        read: Mean tokens read of an item; None where the provider does not tell.
        cached: Mean tokens of those that came from the cache.
        written: Mean tokens written.
        instruction_tokens: Estimated tokens of the instruction, which all items share.
        example_tokens: Estimated mean tokens of the worked examples.
        input_tokens: Estimated mean tokens of the inputs.
        corpus_tokens: Tokens of the documents: of all together.
        corpus_counted: Whether a tokenizer counted them; else they are estimated.
        cost_per_item: Mean cost; None without prices or counts.
        cost: Of the whole trial, whenever it was paid.
        currency: Of both.
        fresh: Requests that were sent, and paid for, in this run.
        reused: Requests whose answer was paid for before.
        asked_again: Requests that a killed run had sent and that were sent again: perhaps billed twice.
    """

    ms_p50: float
    ms_p95: float
    retried: int
    waited_s: float
    read: float | None
    cached: float | None
    written: float | None
    instruction_tokens: int
    example_tokens: int
    input_tokens: int
    corpus_tokens: int
    corpus_counted: bool
    cost_per_item: float | None
    cost: float | None
    currency: str
    fresh: int
    reused: int
    asked_again: int


class MergedField(_Part):
    """A figure of the labelled documents: as it was read, and as people found it.

    Attributes:
        field: Its name.
        value: One of its values, or `sum`.
        read: The figure from the readings.
        wanted: The figure from the wanted outputs.
    """

    field: str
    value: str
    read: float
    wanted: float


class Reduced(_Part):
    """What map_reduce made of all documents.

    Attributes:
        documents: How many were read.
        failed: Paths of those without a valid answer.
        unsupported: Values that were left out, since their quote does not stand in the document.
        tallies: What was counted.
        question: What was to be answered.
        text: The result in words, or the table.
        unknown_figures: Figures in the words that do not stand in the table.
        merged: Figures of the labelled documents beside those of people.
    """

    documents: int
    failed: tuple[str, ...]
    unsupported: int
    tallies: tuple[FieldTally, ...]
    question: str
    text: str
    unknown_figures: tuple[str, ...]
    merged: tuple[MergedField, ...]


class Trial(_Part):
    """A prompt, tried on an evaluation set.

    Attributes:
        schema_id: `schema` in JSON.
        key: Of all that decides the outputs: prompt, model, settings, examples, documents and items.
        when: In UTC.
        method: few_shot, whole_corpus or map_reduce.
        prompt: Which one.
        model: What answered.
        stand_in: Whether no language model answered: then nothing is said about the prompt.
        items_sha256: Of all items: what may be compared was tried on the same ones.
        versions_tried: How many prompts were tried on these items until now, this one among them.
        target: The share of good outputs that pays off, as it was set.
        shots: Worked examples of an item.
        left_out: Documents that were not sent, with the reasons.
        suspicious: Documents that hold sentences for a language model.
        quality: What it is worth.
        effort: What it took.
        rows: Item by item.
        reduced: Of map_reduce.
    """

    schema_id: Literal["trial/1"] = Field(default=SCHEMA, alias="schema")
    key: str
    when: str
    method: str
    prompt: PromptUsed
    model: str
    stand_in: bool
    items_sha256: str
    versions_tried: int
    target: float
    shots: int
    left_out: tuple[str, ...] = ()
    suspicious: tuple[str, ...] = ()
    quality: Quality
    effort: Effort
    rows: tuple[Row, ...]
    reduced: Reduced | None = None

    @property
    def label(self) -> str:
        """`name@version` of its prompt."""
        return f"{self.prompt.name}@{self.prompt.version}"

    def to_json(self) -> str:
        """As it is written to disk."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"


def read_trial(path: Path) -> Trial:
    """Reads a result.

    Raises:
        UserError: It is missing, or no result of this program.
    """
    found = read_document(path, Trial, SCHEMA, "result of `try`", "run `try` again; paid answers are kept")
    if found is None:
        raise UserError(f"there is no result {path}", "name a prompt as NAME@VERSION, or a result file")
    return found
