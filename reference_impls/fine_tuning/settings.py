"""Settings of the fine-tuning ladder, and of the whole project."""

from typing import Literal

from pydantic import Field

from ..compression.settings import Settings as CompressionSettings
from ..embedding.settings import Settings as EmbeddingSettings
from ..encoders.settings import Settings as EncoderSettings
from ..generators.settings import Settings as GeneratorSettings
from ..labelled_data.settings import Settings as DataSettings
from ..project_base.settings import OptionalPath, ProjectPath, RoomSettings
from ..project_base.settings import Settings as BaseSettings
from ..registry.settings import Settings as RegistrySettings
from ..serving.settings import Settings as ServingSettings
from ..training.settings import Settings as TrainingSettings


class Settings(RoomSettings):
    """Settings of the ladder."""

    task: Literal["classification", "extraction", "generation"] = Field(
        default="classification",
        description="one label for each text, spans in each text, or a written response to each message",
    )
    examples: ProjectPath = Field(description="labelled data: a csv, tsv or jsonl file, or a folder")
    test: OptionalPath = Field(
        default="", description="a test file of its own; empty sets a part of the examples aside"
    )
    unlabelled: OptionalPath = Field(
        default="", description="texts without labels, which distillation has the tuned model label; empty for none"
    )
    runs_folder: ProjectPath = Field(
        default="runs", description="folder of results and checkpoints, by which interrupted training goes on"
    )
    climb_to: Literal["head", "lora", "full"] = Field(
        default="lora", description="the dearest rung that `ladder` may try"
    )
    metric: Literal["auto", "accuracy", "macro_f1"] = Field(
        default="auto",
        description="what decides between classifiers; auto takes macro_f1 where labels are unevenly frequent",
    )
    enough: float = Field(
        default=0.0, ge=0, le=1, description="score from which on no dearer rung is tried; 0 tries them all"
    )
    most_minutes: float = Field(
        default=60.0, gt=0, le=100_000, description="rungs that would take longer are left out of the ladder"
    )
    refit: bool = Field(
        default=True, description="whether the kept rung is trained anew on training and validation data together"
    )
    in_turn: bool = Field(
        default=True, description="whether more examples judge the rungs, in turn, where few would be set aside for it"
    )
    abstain_accuracy: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="accuracy wanted of the answers that are given; 0 answers everything",
    )
    regression_cases: OptionalPath = Field(
        default="", description="labelled rows that must stay right from version to version; empty for none"
    )
    keep_general_skills: bool = Field(
        default=False, description="whether a version that has forgotten general skills is refused by promote"
    )
    compress: Literal["none", "onnx", "int8", "pruned", "distilled"] = Field(
        default="none", description="how `export` makes the model smaller or quicker"
    )


class ProjectSettings(RoomSettings):
    """One section for each room of the project."""

    project_base: BaseSettings = Field(default=BaseSettings())
    labelled_data: DataSettings = Field(default=DataSettings())
    embedding: EmbeddingSettings = Field(default=EmbeddingSettings())
    training: TrainingSettings = Field(default=TrainingSettings())
    encoders: EncoderSettings = Field(default=EncoderSettings())
    generators: GeneratorSettings = Field(default=GeneratorSettings())
    compression: CompressionSettings = Field(default=CompressionSettings())
    registry: RegistrySettings = Field(default=RegistrySettings())
    serving: ServingSettings = Field(default=ServingSettings())
    fine_tuning: Settings
