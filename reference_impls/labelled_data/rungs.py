"""What one way to train a model is given, and what it hands back; all rungs of a ladder keep to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ..project_base.progress import Progress, silent
from .base import Example, Model


@dataclass(frozen=True)
class Run:
    """What a training run is given beside the data.

    Attributes:
        folder: For its checkpoints; where it holds those of the same run, the run goes on from them.
        seed: The same seed, data and settings give the same model on the same machine.
        epochs: Trains for exactly as many passes, without early stopping; None leaves it to the settings.
        progress: Opens the bars of its stages.
        tell: Hears, in one line each, what takes long and what was chosen.
        shared: Has this very training made by several processes, which leave it finished in the folder; it is called
            where the settings ask for that. None where nobody can.
    """

    folder: Path
    seed: int = 0
    epochs: float | None = None
    progress: Progress = silent
    tell: Callable[[str], object] = lambda _: None
    shared: Callable[[], object] | None = None


@dataclass(frozen=True)
class Fitted:
    """A trained model, and how it is kept.

    Attributes:
        model: Ready to answer.
        kind: Names the format of its files, and so its loader.
        about: What the loader needs beside the files, and what the model card tells: JSON values only.
        write: Writes its files into a new folder that it is given.
        measured: Figures by name: `seconds`, `parameters`, `trained_parameters`, and where it trains by gradients
            `epochs`, `best_epoch`, `examples_per_second`, `peak_memory_mb`.
    """

    model: Model
    kind: str
    about: Mapping[str, object]
    write: Callable[[Path], object]
    measured: Mapping[str, float] = field(default_factory=dict)


class Fit(Protocol):
    """One way to train."""

    def __call__(self, train: Sequence[Example], validation: Sequence[Example], run: Run) -> Fitted:
        """Trains on `train`; `validation` chooses hyper-parameters and when to stop, and may be empty for a refit.

        Raises:
            UserError: The data or the settings do not allow it; the message says what would.
        """
        ...
