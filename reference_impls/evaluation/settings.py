"""What the project is judged by."""

from pydantic import Field

from ..project_base.settings import ProjectPath, RoomSettings


class Settings(RoomSettings):
    """Settings of the evaluation."""

    questions: ProjectPath = Field(description="question file (JSON lines) that `evaluate` uses when none is given")
