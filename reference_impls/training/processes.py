"""The processes that share a run, through accelerate: one by default, several where `launch` started them."""

import atexit
import os
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import Any

import torch

from ..project_base.errors import UserError
from ..project_base.optional import require
from .precision import chosen_device
from .settings import Settings
from .workers import Gone

_SHARED = ("NO", "MULTI_CPU", "MULTI_GPU")
# The main process validates and writes while the others wait for it.
_PATIENCE = timedelta(hours=12)


def _leave() -> None:
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


_GONE = ("Connection closed by peer", "Connection reset by peer", "gloo", "NCCL", "Broken pipe")


class Processes:
    """The processes of this run; all of them make the same calls in the same order.

    Attributes:
        count: How many there are.
        here: How many of them are on this machine.
        rank: Which of them this is, from 0.
        device: Where this one computes.
    """

    def __init__(self, settings: Settings) -> None:
        """Joins them.

        Raises:
            UserError: accelerate is missing or configured for what this loop does not do, or there are too few GPUs.
        """
        accelerate = require("accelerate", "accelerate>=1.0")
        wanted = chosen_device(settings)
        self.here = int(os.environ.get("LOCAL_WORLD_SIZE") or 1)
        if wanted.type == "cuda" and self.here > torch.cuda.device_count():
            raise UserError(
                f"there are {self.here} training processes here, and {torch.cuda.device_count()} GPUs",
                "set training.processes to the number of GPUs or less, or training.device: cpu",
            )
        handlers = [accelerate.InitProcessGroupKwargs(timeout=_PATIENCE)]
        try:
            self._accelerator: Any = accelerate.Accelerator(
                # Precision is a setting of this room; that of an accelerate configuration does not count.
                mixed_precision="no",
                cpu=wanted.type == "cpu",
                kwargs_handlers=handlers,
            )
        except ValueError as error:
            raise UserError(f"accelerate refuses training.device {settings.device}: {error}", "start anew") from error
        if torch.distributed.is_available() and torch.distributed.is_initialized():
            # Its threads must end before the interpreter does.
            atexit.unregister(_leave)
            atexit.register(_leave)
        kind = self._accelerator.distributed_type.value
        if kind not in _SHARED:
            raise UserError(
                f"accelerate is configured for {kind}; this loop shares batches ({', '.join(_SHARED)}), not weights",
                "run `accelerate config` again without DeepSpeed, FSDP, Megatron-LM and TPU",
            )
        self.count = int(self._accelerator.num_processes)
        self.rank = int(self._accelerator.process_index)
        self.device: torch.device = self._accelerator.device if self.count > 1 else wanted

    @contextmanager
    def together(self) -> Iterator[None]:
        """Tells that another process is gone, where this one only finds the connection closed.

        Raises:
            Gone: It is gone; what it said is the reason.
        """
        try:
            yield
        except RuntimeError as error:
            if self.count == 1 or not any(sign in str(error) for sign in _GONE):
                raise
            raise Gone("another process of this training is gone", "run the command again") from error

    @property
    def main(self) -> bool:
        """Whether this is the one that validates, tells and writes."""
        return self.rank == 0

    def shared(self, model: torch.nn.Module, *, some_unused: bool) -> torch.nn.Module:
        """The model as it is to be called, so that the processes average their gradients; they start from rank 0's.

        Args:
            model: On `device`.
            some_unused: Whether some trained weights get no gradient from the loss.
        """
        if self.count == 1:
            return model
        accelerate = require("accelerate", "accelerate>=1.0")
        self._accelerator.ddp_handler = accelerate.DistributedDataParallelKwargs(find_unused_parameters=some_unused)
        wrapped: torch.nn.Module = self._accelerator.prepare_model(model)
        return wrapped

    def apart(self, model: torch.nn.Module) -> AbstractContextManager[object]:
        """Within it gradients add up in each process for itself."""
        if self.count == 1:
            return nullcontext()
        kept: AbstractContextManager[object] = self._accelerator.no_sync(model)
        return kept

    def total(self, values: Sequence[float]) -> list[float]:
        """Sums over all processes."""
        if self.count == 1:
            return list(values)
        summed = self._accelerator.reduce(torch.tensor(values, dtype=torch.float64, device=self.device), "sum")
        return [float(value) for value in summed.tolist()]

    def from_main(self, value: float) -> float:
        """What the main process says."""
        return self.total([value if self.main else 0.0])[0]

    def text_from_main(self, text: str) -> str:
        """What the main process writes."""
        if self.count == 1:
            return text
        content = text.encode() if self.main else b""
        held = torch.zeros(int(self.from_main(len(content))), dtype=torch.uint8, device=self.device)
        if self.main:
            held.copy_(torch.tensor(list(content), dtype=torch.uint8))
        self.share([held])
        return bytes(held.tolist()).decode()

    def agree(self, key: str) -> None:
        """Compares what the processes are about to make.

        Args:
            key: Of the run, as `run_key` makes it: alike where text, model, settings and code are.

        Raises:
            UserError: In all of them, where some would make something else.
        """
        others = int(self.total([float(self.text_from_main(key) != key)])[0])
        if others:
            raise UserError(
                f"{others} of {self.count} processes would make another training than this one: text, model, settings "
                "or code are not the same there",
                "copy the project with its data and models anew to the machines that join",
            )

    def share(self, tensors: Sequence[torch.Tensor]) -> None:
        """Copies the main process's values into the tensors of the others, in place."""
        if self.count > 1:
            for tensor in tensors:
                torch.distributed.broadcast(tensor, 0)
