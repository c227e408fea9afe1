"""Which vector store holds the index, and by what kind of index it searches."""

from typing import Literal

from pydantic import Field, model_validator

from ..project_base.settings import RoomSettings


class Settings(RoomSettings):
    """Settings of the vector store."""

    store: Literal["faiss", "exact", "pgvector"] = Field(
        default="faiss",
        description="faiss keeps files on this machine; exact is numpy alone; pgvector is a PostgreSQL server",
    )
    index: Literal["auto", "flat", "hnsw", "ivf_pq"] = Field(
        default="auto",
        description="flat compares every vector; hnsw walks a graph; ivf_pq (faiss alone) compares short codes",
    )
    hnsw_from: int = Field(
        default=100_000,
        ge=1,
        description="auto: hnsw from so many chunks on; below, comparing all takes under 10 ms, "
        "and an update need not build a graph anew",
    )
    ivf_pq_from: int = Field(
        default=1_000_000,
        ge=1,
        description="auto: ivf_pq from so many chunks on (faiss alone); a graph over 384 numbers each takes 1 GB then",
    )
    hnsw_m: int = Field(default=32, ge=4, le=100, description="hnsw: links of a vector")
    hnsw_ef_construction: int = Field(default=200, ge=8, le=1000, description="hnsw: candidates while building")
    hnsw_ef_search: int = Field(default=128, ge=1, le=1000, description="hnsw: candidates while searching")
    ivf_nprobe: int = Field(default=0, ge=0, description="ivf_pq: cells that a search reads; 0 is an eighth of them")
    postgresql_variable: str = Field(
        default="DATABASE_URL",
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="pgvector: NAME of the environment variable that holds the connection string",
    )

    @model_validator(mode="after")
    def _kind_of_the_store(self) -> "Settings":
        known = {
            "faiss": ("auto", "flat", "hnsw", "ivf_pq"),
            "exact": ("auto", "flat"),
            "pgvector": ("auto", "flat", "hnsw"),
        }
        if self.index not in known[self.store]:
            raise ValueError(
                f"the store {self.store} has no index {self.index}; allowed are {', '.join(known[self.store])}"
            )
        return self

    def shaping(self) -> dict[str, object]:
        """What a saved store depends on, by name; the other settings concern a search alone and may change."""
        return self.model_dump(mode="json", exclude={"hnsw_ef_search", "ivf_nprobe", "postgresql_variable"})
