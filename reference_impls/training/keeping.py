"""What a run keeps on disk and brings back: where it stands, weights, state of the optimiser, best weights."""

import json
from collections.abc import Sequence

import torch

from ..labelled_data.rungs import Run
from .checkpoints import Checkpoints, Tensors
from .optimiser import optimiser_tensors, restore_optimiser, trained_parameters
from .position import Position, position_from
from .processes import Processes

_WEIGHTS = "weights"
_OPTIMISER = "optimiser"


class Keeping:
    """Keeps a run; only the main process touches the disk, and the others get from it what it read.

    Args:
        model: Without what processes wrap it in.
        optimiser: Over its trained weights.
        names: The names of these weights, in the order of the optimiser.
    """

    def __init__(
        self,
        run: Run,
        key: str,
        model: torch.nn.Module,
        optimiser: torch.optim.AdamW,
        names: Sequence[str],
        processes: Processes,
    ) -> None:
        self._checkpoints = Checkpoints(run.folder, key)
        self._model = model
        self._optimiser = optimiser
        self._names = names
        self._processes = processes
        own = model.state_dict(keep_vars=True)
        self._tensors: Tensors = {
            **trained_parameters(model),
            # Statistics that a model gathers by itself are part of what it learned.
            **{name: buffer for name, buffer in model.named_buffers() if name in own},
        }

    @property
    def buffers(self) -> list[torch.Tensor]:
        """What the model changes by itself and keeps."""
        return [tensor for tensor in self._tensors.values() if not isinstance(tensor, torch.nn.Parameter)]

    def restore(self) -> Position:
        """Where the run stands; weights and optimiser are brought there."""
        newest = self._checkpoints.newest() if self._processes.main else None
        state = json.loads(self._processes.text_from_main(json.dumps(dict(newest.state) if newest else None)))
        if state is None:
            return Position()
        position = position_from(state)
        if newest:
            self._put(newest.tensors(_WEIGHTS))
        self._processes.share([tensor.data for tensor in self._tensors.values()])
        if not position.finished:
            self._restore_optimiser(newest.tensors(_OPTIMISER) if newest else {})
        return position

    def write(self, position: Position) -> None:
        """Writes a checkpoint."""
        if self._processes.main:
            tensors = {_WEIGHTS: self._tensors, _OPTIMISER: optimiser_tensors(self._optimiser, self._names)}
            self._checkpoints.write(position.as_json(), tensors)

    def write_best(self, position: Position) -> None:
        """Keeps the weights as the best so far."""
        name = f"best-{position.step}"
        position.best = self._checkpoints.write_best(position.step, self._tensors) if self._processes.main else name

    def finish(self, position: Position) -> None:
        """Brings the best weights into the model and keeps them as the result; all else is removed."""
        if self._processes.main:
            if position.best is not None:
                self._put(self._checkpoints.best(position.best))
            position.best, position.finished = None, True
            self._checkpoints.write(position.as_json(), {_WEIGHTS: self._tensors})
            self._checkpoints.finish()
        self._processes.share([tensor.data for tensor in self._tensors.values()])

    def _put(self, tensors: Tensors) -> None:
        with torch.no_grad():
            for name, tensor in self._tensors.items():
                tensor.copy_(tensors[name])

    def _restore_optimiser(self, tensors: Tensors) -> None:
        """Puts back the state that the main process read, in all processes."""
        listed = json.loads(self._processes.text_from_main(json.dumps(sorted(tensors))))
        if not self._processes.main:
            tensors = {name: self._empty(name) for name in listed}
        placed = {name: tensors[name].to(self._processes.device) for name in listed}
        self._processes.share(list(placed.values()))
        restore_optimiser(self._optimiser, self._names, placed)

    def _empty(self, name: str) -> torch.Tensor:
        moment, _, weight = name.partition(".")
        return torch.zeros(()) if moment == "step" else torch.zeros_like(self._tensors[weight].data)
