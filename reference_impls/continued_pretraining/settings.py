"""How a language model reads on in raw text, and what it may forget."""

from typing import Literal

from pydantic import Field

from ..corpus.settings import Settings as CorpusSettings
from ..embedding.settings import Settings as EmbeddingSettings
from ..encoders.settings import Settings as EncoderSettings
from ..generators.settings import Settings as GeneratorSettings
from ..labelled_data.settings import Settings as DataSettings
from ..project_base.settings import OptionalPath, ProjectPath, RoomSettings
from ..project_base.settings import Settings as BaseSettings
from ..registry.settings import Settings as RegistrySettings
from ..training.settings import Settings as TrainingSettings


class Settings(RoomSettings):
    """Settings of continued pre-training."""

    objective: Literal["masked", "causal"] = Field(
        default="masked",
        description="masked reads on with the encoder of embedding.model, causal with the writer of generators.model",
    )
    general: OptionalPath = Field(description="folder of general text, mixed in against forgetting; empty for none")
    replay_share: float = Field(
        default=0.1, ge=0, le=0.9, description="share of general text in what is trained on, in tokens"
    )
    runs_folder: ProjectPath = Field(
        default="runs", description="folder of results and checkpoints, by which interrupted training goes on"
    )
    block_tokens: int = Field(
        default=128, ge=16, le=1_000_000, description="documents are packed into blocks of as many tokens"
    )
    mask_share: float = Field(
        default=0.15, ge=0.05, le=0.5, description="share of the tokens that a masked model has to guess"
    )
    passes: float = Field(
        default=3.0, gt=0, le=1000, description="most passes over the blocks; stands for training.epochs"
    )
    head_passes: float = Field(
        default=5.0,
        gt=0,
        le=1000,
        description="most passes of a guessing layer that the encoder's files lack, before anything else is trained",
    )
    learning_rate: float = Field(
        default=0.0, ge=0, le=1, description="highest learning rate; 0 chooses by the model; stands for training's own"
    )
    held_out_share: float = Field(
        default=0.1, gt=0, le=0.5, description="share of the documents that judge the model and are never trained on"
    )
    validation_share: float = Field(
        default=0.05, gt=0, le=0.5, description="share of the documents that decide when training stops"
    )
    near_duplicate: float = Field(
        default=0.8, ge=0.5, le=1, description="similarity from which two documents stay on one side of the split"
    )
    least_tokens: int = Field(
        default=100_000_000, ge=0, description="tokens of domain text below which `train` has to be told to go on"
    )
    most_forgetting: float = Field(
        default=0.1, ge=0, le=10, description="rise of the perplexity of general text up to which `promote` allows it"
    )


class ProjectSettings(RoomSettings):
    """One section for each room of the project."""

    project_base: BaseSettings = Field(default=BaseSettings())
    corpus: CorpusSettings
    labelled_data: DataSettings = Field(default=DataSettings())
    embedding: EmbeddingSettings = Field(default=EmbeddingSettings())
    training: TrainingSettings = Field(default=TrainingSettings())
    encoders: EncoderSettings = Field(default=EncoderSettings())
    generators: GeneratorSettings = Field(default=GeneratorSettings())
    registry: RegistrySettings = Field(default=RegistrySettings())
    continued_pretraining: Settings
