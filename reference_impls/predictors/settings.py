"""Which kind of model predicts, and what it sees of a table."""

from typing import Literal

from pydantic import Field

from ..embedding.settings import Settings as EmbeddingSettings
from ..project_base.settings import RoomSettings


class Settings(RoomSettings):
    """Settings of features and models."""

    kind: Literal["auto", "linear", "incremental", "forest", "boosting"] = Field(
        default="auto", description="kind of model; auto tries all kinds on later rows than they were trained on"
    )
    metric: Literal["auto", "accuracy", "macro_f1", "log_loss", "mae"] = Field(
        default="auto", description="what models are judged by; auto: accuracy of classes, mae of numbers"
    )
    texts: Literal["word_counts", "vectors"] = Field(
        default="word_counts", description="what a model sees of texts: weighted words, or vectors of the embedder"
    )
    word_features: int = Field(
        default=65_536, ge=256, le=4_194_304, description="how many different words and pairs of words are told apart"
    )
    fewest_of_category: int = Field(
        default=5, ge=1, le=100_000, description="rarer values of a category are taken together"
    )
    most_categories: int = Field(
        default=100, ge=2, le=250, description="values of a category that are told apart; the commonest are kept"
    )
    strength: float = Field(
        default=1.0, gt=0, le=1e6, description="C of the linear kind: larger trusts the training data more"
    )
    trees: int = Field(default=100, ge=1, le=10_000, description="trees of the kinds forest and boosting")
    learning_rate: float = Field(default=0.1, gt=0, le=1, description="of the kind boosting")
    passes: int = Field(
        default=3, ge=1, le=1000, description="passes of the kind incremental over its rows, in training and updates"
    )
    validation_blocks: int = Field(
        default=3, ge=1, le=20, description="blocks of the latest rows on which kinds of models are compared"
    )


class WithEmbedding(Settings):
    """The same, with the embedder that makes the vectors of texts; `with_embedding` makes it."""

    embedding: EmbeddingSettings = Field(default=EmbeddingSettings(), description="the embedder of texts")


def with_embedding(settings: Settings, embedding: EmbeddingSettings) -> WithEmbedding:
    """The settings together with those of the embedder; wherever settings of predictors are wanted, it can be given."""
    return WithEmbedding(**settings.model_dump(exclude={"embedding"}), embedding=embedding)


def embedding_of(settings: Settings) -> EmbeddingSettings:
    """The embedder's settings that were added, or the defaults."""
    return settings.embedding if isinstance(settings, WithEmbedding) else EmbeddingSettings()
