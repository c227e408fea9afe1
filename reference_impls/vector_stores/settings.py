"""Which vector store holds the index."""

from typing import Literal

from pydantic import Field

from ..project_base.settings import RoomSettings


class Settings(RoomSettings):
    """Settings of the vector store."""

    store: Literal["faiss", "exact"] = Field(
        default="faiss", description="faiss is a flat inner-product index; exact is the same search in numpy alone"
    )
