"""Where the look-ups are declared, and when a question is theirs."""

from pydantic import Field

from ..embedding.settings import Settings as EmbeddingSettings
from ..project_base.settings import OptionalPath, RoomSettings
from ..project_base.settings import Settings as BaseSettings


class Settings(RoomSettings):
    """Settings of the look-ups."""

    file: OptionalPath = Field(default="", description="YAML file that declares the look-ups; empty has none")
    match_above: float = Field(
        default=0.75, ge=0, le=1, description="least similarity of a question and an example question"
    )
    margin: float = Field(
        default=0.05, ge=0, le=1, description="look-ups this close to the best similarity count as equally near"
    )
    timeout_seconds: float = Field(default=5.0, gt=0, le=600, description="longest time for one query or request")


class ProjectSettings(RoomSettings):
    """The sections that the commands of this room read."""

    project_base: BaseSettings = Field(default=BaseSettings())
    embedding: EmbeddingSettings = Field(default=EmbeddingSettings())
    lookups: Settings = Field(default=Settings())
