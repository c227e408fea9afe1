"""Settings of retraining, and of the whole project."""

from typing import Literal

from pydantic import Field

from ..drift.settings import Settings as DriftSettings
from ..embedding.settings import Settings as EmbeddingSettings
from ..history.settings import Settings as HistorySettings
from ..predictors.settings import Settings as PredictorSettings
from ..project_base.settings import ProjectPath, RoomSettings
from ..project_base.settings import Settings as BaseSettings
from ..registry.settings import Settings as RegistrySettings
from ..replay.settings import Settings as ReplaySettings


class Settings(RoomSettings):
    """Settings of retraining."""

    data: ProjectPath = Field(description="the history: a csv, parquet or jsonl file, or a folder of such files")
    runs_folder: ProjectPath = Field(default="runs", description="folder of what replay, monitor, pick and train found")
    metrics_file: ProjectPath = Field(
        default="runs/metrics.jsonl", description="file to which every command adds what it measured, as a line of JSON"
    )
    policy: Literal[
        "auto",
        "never",
        "scheduled",
        "drift_triggered",
        "sliding_window",
        "recency_weighted",
        "incremental",
        "warm_start",
        "active_learning",
        "recalibration",
    ] = Field(default="auto", description="how `retrain` retrains; auto takes what the last replay chose")
    cadence: int = Field(
        default=1, ge=1, le=10_000, description="windows between two retrainings, where the policy is not auto"
    )
    judge_rows: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="newest labelled rows that judge a new model; 0 takes half of the new",
    )
    fewest_judged: int = Field(
        default=50, ge=10, le=100_000, description="fewest such rows; with fewer no new model is trained"
    )
    promote_when: Literal["not_worse", "better"] = Field(
        default="not_worse", description="what a new model has to show beside the one in service"
    )
    refit: bool = Field(
        default=True, description="whether a model that was judged is trained once more, with the rows that judged it"
    )


class ProjectSettings(RoomSettings):
    """One section for each room of the project."""

    project_base: BaseSettings = Field(default=BaseSettings())
    embedding: EmbeddingSettings = Field(default=EmbeddingSettings())
    history: HistorySettings = Field(default=HistorySettings())
    predictors: PredictorSettings = Field(default=PredictorSettings())
    drift: DriftSettings = Field(default=DriftSettings())
    replay: ReplaySettings = Field(default=ReplaySettings())
    registry: RegistrySettings = Field(default=RegistrySettings())
    retraining: Settings
