"""Settings of the frame, and what the settings of every room have in common."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo


class RoomSettings(BaseModel):
    """Base of every room's settings: frozen, strict types, no unknown keys, no NaN."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=True, str_strip_whitespace=True
    )


def _resolve(value: str, info: ValidationInfo) -> str:
    if not value:
        raise ValueError("a path must not be empty")
    root = (info.context or {}).get("root")
    return str(Path(root, value)) if root else value


ProjectPath = Annotated[str, AfterValidator(_resolve)]
"""A path setting: relative ones count from the folder of config.yaml and come out absolute."""


def _resolve_given(value: str, info: ValidationInfo) -> str:
    return _resolve(value, info) if value else ""


OptionalPath = Annotated[str, AfterValidator(_resolve_given)]
"""A path setting that may be empty, for none."""


class Settings(RoomSettings):
    """What holds for the whole project."""

    offline: bool = Field(default=True, description="true forbids every download of models")
    threads: int = Field(default=0, ge=0, le=1024, description="CPU threads for the models; 0 leaves it to the library")
