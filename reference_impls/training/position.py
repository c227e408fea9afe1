"""Where a run stands: what a checkpoint keeps beside the tensors."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from pydantic import TypeAdapter

from .base import Round


@dataclass(frozen=True)
class Estimate:
    """What was told before the start.

    Attributes:
        epoch_seconds: Of one epoch, without validation.
        memory: Bytes.
    """

    epoch_seconds: float
    memory: float


@dataclass
class Position:
    """Where a run stands.

    Attributes:
        epoch: Whole epochs before the present one.
        batch: Batches of the present epoch that are done.
        step: Steps of the optimiser.
        seen: Items seen, over all epochs.
        loss: Sum of the losses in the present round.
        count: What it is divided by.
        history: The rounds that are done.
        best: Name of the best weights; None before the first validation.
        best_round: Place in the history of the round that they come from.
        scale: Scale and growth of the losses in float16.
        seconds: Of all steps.
        validation_seconds: Of all validations.
        peak_memory: Bytes.
        processes: How many shared the last steps.
        estimate: What was told before the start.
        stopped_early: No gain for as long as patience lasts.
        finished: The weights kept are the final ones.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    seen: int = 0
    loss: float = 0.0
    count: float = 0.0
    history: list[Round] = field(default_factory=list)
    best: str | None = None
    best_round: int | None = None
    scale: tuple[float, int] | None = None
    seconds: float = 0.0
    validation_seconds: float = 0.0
    peak_memory: float = 0.0
    processes: int = 1
    estimate: Estimate | None = None
    stopped_early: bool = False
    finished: bool = False

    def as_json(self) -> dict[str, object]:
        """JSON values; floats come back bit by bit."""
        return asdict(self)


_READ = TypeAdapter(Position)


def position_from(state: Mapping[str, object]) -> Position:
    """The position that a checkpoint keeps.

    Raises:
        ValueError: It is not one.
    """
    return _READ.validate_python({name: state[name] for name in Position.__dataclass_fields__ if name in state})
