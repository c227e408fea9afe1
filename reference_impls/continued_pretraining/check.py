"""What `check` found, and what of it the owner overrules."""

from collections.abc import Sequence
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from .base import Kind

SCHEMA: Final = "pretraining-check/1"
TOO_FEW_TOKENS = "too_few_tokens"
PERSONAL_DATA = "personal_data"

Weight = Literal["blocking", "warning", "note"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Finding(_Frozen):
    """Something that has to be known before training.

    Attributes:
        id: What `--despite` names.
        weight: A blocking one stops training until it is overruled.
        says: What was found.
        instead: What to do about it.
    """

    id: str
    weight: Weight
    says: str
    instead: str = ""


class Amount(_Frozen):
    """How much text of one kind there is, repeats not counted.

    Attributes:
        kind: Of the domain, or general.
        documents: On all sides.
        tokens: On all sides.
        words: White space between them.
        train: Documents that are trained on.
        train_tokens: Tokens in those.
        validation: Documents that decide when training stops.
        held_out: Documents that judge the model.
    """

    kind: Kind
    documents: int
    tokens: int
    words: int
    train: int
    train_tokens: int
    validation: int
    held_out: int

    @property
    def tokens_a_word(self) -> float:
        """How many pieces a word falls into: the model does not know a language whose words fall into many."""
        return self.tokens / max(1, self.words)


class Check(_Frozen):
    """What `check` found.

    Attributes:
        schema_id: `schema` in JSON.
        objective: Of the training.
        base: The model that is to read on.
        notice: What has to be said of it; empty for a model of the owner's.
        parameters: Of the model.
        domain: How much there is to read.
        general: How much there is to mix in.
        repeats: Documents that were left out because their words stand in another one.
        near: Documents with a near repeat, which stay on one side of the split.
        skipped: Files and records that could not be read.
        least_tokens: The threshold of the settings.
        findings: The gravest first.
    """

    schema_id: Literal["pretraining-check/1"] = Field(default=SCHEMA, alias="schema")
    objective: Literal["masked", "causal"]
    base: str
    notice: str
    parameters: int
    domain: Amount
    general: Amount
    repeats: int
    near: int
    skipped: tuple[str, ...]
    least_tokens: int
    findings: tuple[Finding, ...]

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What stops training."""
        return tuple(finding for finding in self.findings if finding.weight == "blocking")

    def to_json(self) -> str:
        """The content of a file."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"


def overruled(check: Check, despite: Sequence[str]) -> tuple[str, ...]:
    """The blocking findings that the owner overrules.

    Raises:
        UserError: One is left, or a name is none of a blocking finding.
    """
    names = [finding.id for finding in check.blocking]
    for name in despite:
        if name not in (TOO_FEW_TOKENS, PERSONAL_DATA):
            raise UserError(
                f"--despite {name}: no finding that forbids training has this name",
                f"allowed: {TOO_FEW_TOKENS}, {PERSONAL_DATA}",
            )
    left = [finding for finding in check.blocking if finding.id not in despite]
    if left:
        raise UserError(
            "; ".join(finding.says for finding in left),
            f"{left[0].instead}; or go on all the same: "
            + command_line("train " + " ".join(f"--despite {finding.id}" for finding in check.blocking)),
        )
    return tuple(name for name in names if name in despite)
