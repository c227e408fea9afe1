"""Settings of the classifiers and taggers on a text encoder."""

import math
import re
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from ..project_base.settings import RoomSettings

_VIEW = re.compile(r"(mean|max|cls)(@(first|half|last))?")
_TARGETS = re.compile(r"[A-Za-z0-9_.]+(\s*,\s*[A-Za-z0-9_.]+)*")


class Settings(RoomSettings):
    """Settings of the rungs from word counts to full tuning."""

    most_tokens: int = Field(default=128, ge=8, le=8192, description="texts are cut behind as many tokens")
    most_ngrams: int = Field(
        default=100_000, ge=100, le=10_000_000, description="most words and pieces of words that are counted"
    )
    inverse_penalties: str = Field(
        default="10, 30, 100", description="values of C, of which held-out examples choose, with commas between"
    )
    views: str = Field(
        default="mean, max, cls",
        description="what the frozen head sees of a text: parts such as mean, max, cls, mean@half; or sentence",
    )
    count_words: bool = Field(default=True, description="whether the frozen head looks at word counts too")
    balance: float = Field(default=0.0, ge=0, le=1, description="0 counts examples alike, 1 labels alike")
    lora_rank: int = Field(default=16, ge=1, le=1024, description="rank of the adapters: how much they can change")
    lora_alpha: int = Field(default=32, ge=1, le=4096, description="adapters are scaled by this, divided by the rank")
    lora_dropout: float = Field(default=0.0, ge=0, lt=1, description="share of an adapter's input left out at random")
    lora_targets: str = Field(
        default="all_linear", description="all_linear, query_value, or last parts of layers' names with commas between"
    )
    lora_rank_stabilised: bool = Field(
        default=False, description="true divides alpha by the root of the rank, for high ranks"
    )
    lora_learning_rate: float = Field(default=1e-3, gt=0, le=1, description="highest learning rate of the adapters")
    full_learning_rate: float = Field(default=5e-5, gt=0, le=1, description="highest learning rate in full tuning")
    tuned_views: str = Field(default="mean, max, cls", description="what the head of a tuned encoder sees; as in views")
    head_start: Literal["frozen", "random"] = Field(
        default="frozen",
        description="frozen starts the head of a tuned encoder from the one trained on the frozen encoder",
    )
    head_dropout: float = Field(default=0.1, ge=0, lt=1, description="share of a vector left out at random in training")
    label_smoothing: float = Field(default=0.0, ge=0, lt=1, description="share of a target spread over all labels")
    judged_by: Literal["accuracy", "macro_f1", "log_likelihood"] = Field(
        default="accuracy", description="what validation stops the training of a classifier by"
    )
    window_overlap: int = Field(
        default=32, ge=0, le=4096, description="tokens that the windows of a longer text share, in extraction"
    )

    @field_validator("inverse_penalties")
    @classmethod
    def _check_penalties(cls, value: str) -> str:
        _numbers(value)
        return value

    @field_validator("views", "tuned_views")
    @classmethod
    def _check_views(cls, value: str, info: ValidationInfo) -> str:
        parts = _parts(value)
        if parts == ("sentence",) and info.field_name == "views":
            return value
        if not parts or not all(_VIEW.fullmatch(part) for part in parts):
            also = "; or sentence alone" if info.field_name == "views" else ""
            raise ValueError(
                "write mean, max, cls (of the first token) with commas between, each with @half or @first behind it "
                f"for the middle layer or the embeddings{also}"
            )
        return value

    @field_validator("lora_targets")
    @classmethod
    def _check_targets(cls, value: str) -> str:
        if not _TARGETS.fullmatch(value):
            raise ValueError("write query_value, all_linear, or names with commas between")
        return value

    @property
    def penalties(self) -> tuple[float, ...]:
        """The values of C, ascending."""
        return _numbers(self.inverse_penalties)

    @property
    def frozen_features(self) -> tuple[str, ...]:
        """The parts of `views`."""
        return _parts(self.views)

    @property
    def tuned_features(self) -> tuple[str, ...]:
        """The parts of `tuned_views`."""
        return _parts(self.tuned_views)


def _parts(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _numbers(value: str) -> tuple[float, ...]:
    try:
        numbers = tuple(sorted({float(part) for part in _parts(value)}))
    except ValueError:
        numbers = ()
    if not numbers or not all(math.isfinite(number) and number > 0 for number in numbers):
        raise ValueError("write numbers above 0 with commas between, for example 10, 30, 100")
    return numbers
