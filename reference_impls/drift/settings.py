"""From when on a change counts, and with which certainty."""

from typing import Literal, Self

from pydantic import Field, model_validator

from ..project_base.settings import RoomSettings


class Settings(RoomSettings):
    """Settings of the look for drift."""

    level: float = Field(
        default=0.01, gt=0, le=0.2, description="probability of a false alarm over a whole history without drift"
    )
    moderate: float = Field(
        default=0.1, gt=0, le=100, description="population stability index from which a change is moderate"
    )
    major: float = Field(
        default=0.25, gt=0, le=100, description="population stability index from which a change is major"
    )
    smallest: Literal["any", "moderate", "major"] = Field(
        default="any", description="smallest certain change that is called drift"
    )
    bins: int = Field(default=10, ge=2, le=100, description="bins of the population stability index")
    reference: int = Field(default=1, ge=1, le=1000, description="how many windows the reference has")
    against: Literal["first", "previous"] = Field(
        default="first", description="which windows each window is compared with"
    )
    block: int = Field(
        default=0, ge=0, le=1_000_000, description="rows in a row that hang together; 0 estimates it for each column"
    )
    together: bool = Field(default=True, description="whether a classifier looks at all columns together")
    together_rows: int = Field(
        default=8_000, ge=200, le=1_000_000, description="most rows that the classifier learns from or is tested on"
    )
    seed: int = Field(default=0, ge=0, le=2**31 - 1, description="of the permutations and the classifier")

    @model_validator(mode="after")
    def _thresholds(self) -> Self:
        if self.major < self.moderate:
            raise ValueError(f"major ({self.major:g}) must not be below moderate ({self.moderate:g})")
        return self
