"""How small and quick a tuned encoder is made, and what that may cost."""

from typing import Literal

from pydantic import Field

from ..project_base.settings import RoomSettings


class Settings(RoomSettings):
    """Settings of export, pruning and distillation."""

    form: Literal["auto", "onnx", "onnx_blocks", "onnx_int8"] = Field(
        default="auto",
        description="what export writes: onnx in float32, its weights in blocks of 8 bits, or all in int8; auto takes "
        "the quickest whose measured loss is allowed",
    )
    most_loss: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="loss of accuracy (or span F1) on held-out examples that a smaller form may have",
    )
    speed_texts: int = Field(
        default=100, ge=1, le=10_000, description="held-out texts that speed is measured with; each is asked 3 times"
    )
    layers: int = Field(
        default=0, ge=0, le=1000, description="layers that prune and distil leave of the encoder; 0 leaves half of them"
    )
    neurons: float = Field(
        default=1.0, gt=0, le=1, description="share of the neurons of each layer that prune leaves; 1 leaves all"
    )
    vocabulary: Literal["all", "seen"] = Field(
        default="all",
        description="seen takes tokens out that occur in no training text: half of the size of a small encoder; their "
        "words are then read in smaller pieces",
    )
    recovery_epochs: float = Field(
        default=3.0, ge=0, le=1000, description="most passes over the training data after pruning; 0 trains nothing"
    )
    learning_rate: float = Field(
        default=1e-4, gt=0, le=1, description="highest learning rate of the encoder after pruning, and of the student"
    )
    student_from: Literal["teacher", "base"] = Field(
        default="teacher", description="whose layers the student of distil begins with"
    )
    distillation_epochs: float = Field(
        default=6.0, gt=0, le=1000, description="most passes over the texts of a distillation"
    )
    temperature: float = Field(
        default=2.0, ge=1, le=100, description="how far the teacher's probabilities are softened for the student"
    )
    hard_labels: float = Field(
        default=0.3, ge=0, le=1, description="weight of the true labels, where there are any, beside the teacher's"
    )
