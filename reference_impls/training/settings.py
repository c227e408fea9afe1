"""How a model is trained: batches, rates, precision, when to stop, and on how many processes."""

from typing import Literal

from pydantic import Field, JsonValue, model_validator

from ..project_base.settings import RoomSettings

_WITHOUT_EFFECT = {"gradient_accumulation", "checkpoint_seconds", "processes", "machines", "meet_at"}
"""Each step is the same mean over the same examples, however they are shared out."""


class Settings(RoomSettings):
    """Settings of training by gradients."""

    epochs: float = Field(default=10.0, gt=0, le=1000, description="most passes over the training data")
    patience: int = Field(
        default=2, ge=0, le=100, description="validations without gain after which training stops; 0 never stops early"
    )
    validate_every: float = Field(default=1.0, ge=0.01, le=100, description="epochs between two validations")
    batch_size: int = Field(default=32, ge=1, le=4096, description="most examples in one step, over all processes")
    batch_tokens: int = Field(
        default=8192, ge=16, le=10_000_000, description="most tokens in one step, padding counted, over all processes"
    )
    gradient_accumulation: int = Field(
        default=1,
        ge=1,
        le=1024,
        description="parts in which each step is computed, one after the other: less memory, the same result, slower",
    )
    learning_rate: float = Field(default=2e-4, gt=0, le=1, description="highest learning rate of the model's weights")
    head_learning_rate: float = Field(
        default=2e-3, gt=0, le=1, description="highest learning rate of a new head on top of the model"
    )
    schedule: Literal["linear", "cosine", "constant"] = Field(
        default="linear", description="how the rate falls after the warm-up; linear and cosine end at 0"
    )
    warm_up: float = Field(default=0.06, ge=0, le=1, description="share of the training in which the rate rises from 0")
    weight_decay: float = Field(
        default=0.01, ge=0, le=1, description="pull of weights to 0; biases and norms have none"
    )
    clip_norm: float = Field(default=1.0, ge=0, le=1e6, description="largest norm of a gradient; 0 clips nothing")
    precision: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        default="auto", description="numbers to compute in; auto takes bfloat16 where the processor has it"
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(default="auto", description="where the model is trained")
    checkpoint_seconds: int = Field(
        default=300,
        ge=1,
        le=86_400,
        description="seconds between checkpoints; each epoch ends with one too",
    )
    processes: int = Field(
        default=1,
        ge=1,
        le=1024,
        description="processes on each machine that share each step, one for each GPU; 1 trains in the command itself",
    )
    machines: int = Field(
        default=1,
        ge=1,
        le=1024,
        description="machines that share each step; `join` runs on all but the one that trains",
    )
    meet_at: str = Field(
        default="",
        pattern=r"^(\S+:[0-9]{1,5})?$",
        description="where they meet: an address of the machine that trains, and a free port there, as 10.0.0.1:29500",
    )

    @model_validator(mode="after")
    def _machines_can_meet(self) -> "Settings":
        if self.machines > 1 and not self.meet_at:
            raise ValueError("with more than 1 of machines, meet_at has to name an address of the machine that trains")
        return self

    @property
    def shared(self) -> bool:
        """Whether several processes share a training."""
        return self.processes * self.machines > 1

    def alone(self) -> "Settings":
        """The same for a training that one process makes."""
        return self.model_copy(update={"processes": 1, "machines": 1})

    def deciding(self) -> dict[str, JsonValue]:
        """What the result of a training depends on; one that was killed goes on with any other of the rest."""
        return self.model_dump(mode="json", exclude=_WITHOUT_EFFECT)
