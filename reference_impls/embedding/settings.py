"""Which embedding model, and where it runs."""

from typing import Literal

from pydantic import Field

from ..project_base.settings import RoomSettings


class Settings(RoomSettings):
    """Settings of the embedder."""

    model: str = Field(
        default="offline",
        min_length=1,
        description="offline (all-MiniLM-L6-v2 from a package), a sentence-transformers model by name, or its folder",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(default="auto", description="where the embedder runs")
    batch_size: int = Field(default=32, ge=1, le=4096, description="texts embedded at once")
    workers: int = Field(
        default=0, ge=0, le=10_000, description="processes of Ray that embed documents; 0 embeds in this process"
    )
    ray_address: str = Field(default="", description="a Ray cluster, as ray.init takes it; empty is this machine")
