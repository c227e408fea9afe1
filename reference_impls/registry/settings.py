"""Where model versions are kept, and how many."""

from pydantic import Field

from ..project_base.settings import ProjectPath, RoomSettings
from ..project_base.settings import Settings as BaseSettings


class Settings(RoomSettings):
    """Settings of the registry."""

    folder: ProjectPath = Field(default="models", description="folder of the model versions")
    keep: int = Field(default=0, ge=0, le=10_000, description="how many versions are kept; 0 keeps all")


class ProjectSettings(RoomSettings):
    """The sections that the commands of this room read."""

    project_base: BaseSettings = Field(default=BaseSettings())
    registry: Settings = Field(default=Settings())
