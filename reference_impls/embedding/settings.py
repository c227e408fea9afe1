"""Which embedding model, where it runs and by which library."""

from typing import Literal

from pydantic import Field

from ..project_base.settings import ProjectPath, RoomSettings


class Settings(RoomSettings):
    """Settings of the embedder."""

    model: str = Field(
        default="offline",
        min_length=1,
        description="offline (all-MiniLM-L6-v2 from a package), a sentence-transformers model by name, or its folder",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(default="auto", description="where the embedder runs")
    backend: Literal["auto", "torch", "torch_bfloat16", "onnx", "onnx_int8"] = Field(
        default="auto",
        description="auto asks through onnxruntime and embeds documents with what a short measurement finds quickest; "
        "onnx_int8 is smaller and quicker, and its vectors differ a little (index says how much)",
    )
    batch_size: int = Field(default=32, ge=1, le=4096, description="most texts embedded at once")
    cache_folder: ProjectPath = Field(
        default="embedder", description="folder of the exported model and of what was measured; it may be deleted"
    )
    workers: int = Field(
        default=0, ge=0, le=10_000, description="processes of Ray that embed documents; 0 embeds in this process"
    )
    ray_address: str = Field(default="", description="a Ray cluster, as ray.init takes it; empty is this machine")
