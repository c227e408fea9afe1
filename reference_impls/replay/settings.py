"""Which policies are replayed, what things cost, and how sure a choice is to be."""

import math
from typing import Literal

from pydantic import Field, field_validator

from ..project_base.settings import RoomSettings


class Settings(RoomSettings):
    """Settings of the replay."""

    cadences: str = Field(
        default="1, 2, 4", description="windows between two trainings of the schedules, with commas between"
    )
    sliding_windows: str = Field(
        default="1, 3", description="lengths in windows of the sliding windows, with commas between; empty for none"
    )
    half_lives: str = Field(
        default="2", description="half-lives in windows of the recency weights, with commas between; empty for none"
    )
    label_budgets: str = Field(
        default="0.1", description="shares of the labels that active learning asks for; empty for none"
    )
    incremental: bool = Field(default=True, description="whether updating the model row by row is replayed")
    warm_start: bool = Field(default=True, description="whether going on from the former model is replayed")
    drift_triggered: bool = Field(default=True, description="whether retraining after an alarm is replayed")
    trigger: Literal["rows_and_errors", "rows"] = Field(
        default="rows_and_errors", description="what an alarm looks at; rows alone needs no labels"
    )
    recalibration: bool = Field(default=True, description="whether recalibrating alone is replayed")

    first_windows: int = Field(
        default=1, ge=1, le=1000, description="windows whose labels make the first model, which all policies share"
    )
    cost_of_error: float = Field(
        default=1.0, ge=0, le=1e12, description="money that a wrong row costs; for numbers, a unit of absolute error"
    )
    cost_of_label: float = Field(default=0.0, ge=0, le=1e12, description="money that one label costs")
    cost_of_retrain: float = Field(
        default=0.0, ge=0, le=1e12, description="money that one training costs beside its compute: the work of people"
    )
    cost_of_compute_hour: float = Field(
        default=0.0, ge=0, le=1e12, description="money that an hour of one processor core costs"
    )
    level: float = Field(
        default=0.01, ge=0.001, le=0.2, description="how often all tests of a choice together may err by chance"
    )
    margin: float = Field(
        default=0.02, ge=0, le=0.5, description="share of the cheapest cost that a simpler policy may cost more"
    )
    freshness_blocks: int = Field(
        default=12, ge=6, le=40, description="most blocks by which is tested whether newer rows are worth more"
    )
    resamples: int = Field(
        default=9999, ge=999, le=1_000_000, description="fewest draws of the block bootstrap and the test"
    )
    processes: int = Field(default=0, ge=0, le=1024, description="processes of the replay; 0 takes all cores")
    seed: int = Field(default=0, ge=0, le=2**32 - 1, description="of models and draws")

    @field_validator("cadences")
    @classmethod
    def _cadences(cls, value: str) -> str:
        return _whole(value, "cadences", needed=True)

    @field_validator("sliding_windows")
    @classmethod
    def _windows(cls, value: str) -> str:
        return _whole(value, "lengths", needed=False)

    @field_validator("half_lives")
    @classmethod
    def _half_lives(cls, value: str) -> str:
        if not all(0 < number <= 1e6 for number in numbers(value)):
            raise ValueError("write numbers of windows above 0 with commas between, for example 1, 4")
        return value

    @field_validator("label_budgets")
    @classmethod
    def _budgets(cls, value: str) -> str:
        if not all(0 < number <= 1 for number in numbers(value)):
            raise ValueError("write shares above 0 and up to 1 with commas between, for example 0.1, 0.3")
        return value


def numbers(setting: str) -> tuple[float, ...]:
    """The different numbers in a setting that lists some, ascending.

    Raises:
        ValueError: One is no number.
    """
    parts = [part.strip() for part in setting.split(",") if part.strip()]
    try:
        found = sorted({float(part) for part in parts})
    except ValueError:
        raise ValueError("write numbers with commas between, for example 1, 2, 4") from None
    if not all(math.isfinite(number) for number in found):
        raise ValueError("write finite numbers")
    return tuple(found)


def _whole(value: str, what: str, *, needed: bool) -> str:
    found = numbers(value)
    if (needed and not found) or not all(number.is_integer() and 1 <= number <= 10_000 for number in found):
        raise ValueError(f"write {what} as whole numbers of windows, 1 to 10000, with commas between, for example 1, 4")
    return value
