"""Which reranker, and how much it reads."""

from typing import Literal

from pydantic import Field

from ..project_base.settings import RoomSettings


class Settings(RoomSettings):
    """Settings of the reranker."""

    model: str = Field(default="", description="empty is off; else a cross-encoder by its hub name, or its folder")
    candidates: int = Field(default=30, ge=2, le=1000, description="how many of the best passages are ordered anew")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(default="auto", description="where the cross-encoder runs")
    batch_size: int = Field(default=32, ge=1, le=4096, description="passages read at once")
