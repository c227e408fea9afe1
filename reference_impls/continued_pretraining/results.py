"""What held-out text said of one version: a frozen document for each, which gate, card and tables read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..evaluation.bootstrap import Interval
from ..evaluation.paired import Difference
from ..project_base.documents import read_document
from ..project_base.rooms import command_line
from ..registry.evaluations import evaluation_file
from .base import Kind
from .settings import ProjectSettings

SCHEMA: Final = "pretraining-evaluation/1"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)


class Change(_Frozen):
    """What became of the loss on one kind of text.

    Attributes:
        kind: Of the domain, or general.
        documents: Judged.
        tokens: Counted in them.
        before: Perplexity before.
        before_interval: Its 95 % interval, over documents.
        after: Perplexity of the version.
        after_interval: Its 95 % interval.
        ratio: After divided by before; below 1 is a gain.
        ratio_interval: Its 95 % interval, over the same documents for both.
    """

    kind: Kind
    documents: int
    tokens: int
    before: float
    before_interval: Interval
    after: float
    after_interval: Interval
    ratio: float
    ratio_interval: Interval


class Against(_Frozen):
    """This version beside the one in service, on held-out documents of the domain that neither was trained on.

    Attributes:
        version: The other one.
        documents: Judged.
        ratio: Perplexity of this one divided by that of the other.
        interval: Its 95 % interval.
    """

    version: str
    documents: int
    ratio: float
    interval: Interval


class NotCompared(_Frozen):
    """Why a version could not be set beside the one in service.

    Attributes:
        version: The other one.
        why: In a phrase.
    """

    version: str
    why: str


class Evaluation(_Frozen):
    """All that held-out text said of a version.

    Attributes:
        schema_id: `schema` in JSON.
        version: Its id.
        model_sha256: sha256 of its model.json, and so of all its files.
        when: UTC.
        objective: Of the training.
        base: The model that it was made from.
        notice: What has to be said of it; empty for a model of the owner's.
        measure: What the figures are, in words.
        domain: On text of the domain.
        general: On general text: above 1 is forgetting.
        paraphrases: Of an encoder: the share of everyday sentences whose paraphrase it finds, after minus before.
        against: Beside the version in service; None where there is none.
        not_compared: Why there is none, where a version is in service.
        notes: What else has to be known, one sentence each.
    """

    schema_id: Literal["pretraining-evaluation/1"] = Field(default=SCHEMA, alias="schema")
    version: str
    model_sha256: str
    when: str
    objective: Literal["masked", "causal"]
    base: str
    notice: str = ""
    measure: str
    domain: Change
    general: Change
    paraphrases: Difference | None = None
    against: Against | None = None
    not_compared: NotCompared | None = None
    notes: tuple[str, ...] = ()

    @property
    def gained(self) -> bool:
        """Whether held-out text of the domain became less surprising, beyond chance."""
        return self.domain.ratio_interval[1] < 1

    def to_json(self) -> str:
        """The content of an evaluation file."""
        return self.model_dump_json(by_alias=True, indent=1) + "\n"


def read_evaluation(runs_folder: Path, version: str) -> Evaluation | None:
    """The evaluation of a version, or None where there is none.

    Raises:
        UserError: The file is damaged or of another format.
    """
    again = f"make it again: {command_line(f'evaluate {version}')}"
    return read_document(
        evaluation_file(runs_folder, version), Evaluation, SCHEMA, "evaluation of continued pre-training", again
    )


def told(about: Mapping[str, object], name: str) -> Mapping[str, object]:
    """A mapping among what a version tells of itself; empty where it tells nothing."""
    found = about.get(name)
    return found if isinstance(found, Mapping) else {}


def runs_of(settings: ProjectSettings) -> Path:
    """The folder of this room below that of the runs."""
    return Path(settings.continued_pretraining.runs_folder)
