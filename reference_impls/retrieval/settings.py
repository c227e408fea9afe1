"""How chunks are embedded, where the index lies and how rankings are fused."""

from typing import Literal

from pydantic import Field

from ..project_base.settings import ProjectPath, RoomSettings
from .context import Context


class Settings(RoomSettings):
    """Settings of retrieval."""

    index_folder: ProjectPath = Field(default="index", description="folder of the index, kept by `index`")
    context: Context = Field(
        default="headings",
        description="what is indexed before each chunk: nothing, title and headings, or these and its document's start",
    )
    sentence_vectors: bool = Field(
        default=False,
        description="true embeds every sentence too; a chunk then counts by itself and its best sentence",
    )
    mode: Literal["lexical", "dense", "fused"] = Field(
        default="fused", description="lexical is BM25 alone, dense is embeddings alone, fused is both"
    )
    fusion: Literal["scores", "ranks"] = Field(
        default="scores", description="scores adds the cosine and BM25 over its bound; ranks is reciprocal rank fusion"
    )
    dense_weight: float = Field(default=0.5, ge=0, le=1, description="weight of the embeddings in the fusion by scores")
    stop_words: Literal[
        "none",
        "english",
        "german",
        "french",
        "spanish",
        "italian",
        "dutch",
        "portuguese",
        "swedish",
        "norwegian",
        "danish",
        "russian",
        "turkish",
    ] = Field(default="english", description="language whose stop words BM25 leaves out")
    candidates: int = Field(default=100, ge=1, le=10_000, description="how deep each ranking goes before fusion")
    rrf_k: int = Field(default=60, ge=1, le=1000, description="constant of reciprocal rank fusion")
