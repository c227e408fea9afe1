"""One step: the gradient of the mean loss over a whole batch, whatever parts and processes share it, and the update."""

from collections.abc import Sequence

import torch

from .advice import check_finite
from .base import Batch, Batches, Loss
from .plan import Positions, share_of
from .precision import Precision, autocast
from .processes import Processes
from .seeds import seed_everything
from .settings import Settings


class Steps:
    """Takes the steps of a run.

    Args:
        model: As `Processes.shared` gave it, on its device.
        weights: The trained weights.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        weights: Sequence[torch.nn.Parameter],
        batches: Batches,
        loss: Loss,
        settings: Settings,
        processes: Processes,
        precision: Precision,
        seed: int,
    ) -> None:
        self._model = model
        self._weights = list(weights)
        self._batches = batches
        self._loss = loss
        self._settings = settings
        self._processes = processes
        self._precision = precision
        self._seed = seed
        # float16 cannot hold small gradients; the other precisions need no scale.
        self.scaler = torch.amp.GradScaler(processes.device.type, enabled=precision == "float16")

    @property
    def scale(self) -> tuple[float, int] | None:
        """What losses are multiplied by in float16, and for how many steps that went well; None without a scale."""
        kept = self.scaler.state_dict()
        return (float(kept["scale"]), int(kept["_growth_tracker"])) if kept else None

    @scale.setter
    def scale(self, value: tuple[float, int]) -> None:
        self.scaler.load_state_dict({**self.scaler.state_dict(), "scale": value[0], "_growth_tracker": value[1]})

    def gradients(self, batch: Positions, step: int) -> tuple[float, float]:
        """Adds up the gradients of a batch in the weights.

        They are those of the sum of the losses, divided by a number that is only known to be about right before the
        whole batch is seen; `update` puts that right.

        Returns:
            The sum of the losses and their count, over all processes.
        """
        parts, ranks = self._settings.gradient_accumulation, self._processes.count
        loss = count = 0.0
        for part in range(parts):
            own = share_of(batch, part, parts, self._processes.rank, ranks)
            last = part == parts - 1
            if not len(own) and (ranks == 1 or not last):
                continue
            seed_everything(self._seed, step, part, self._processes.rank)
            if last:
                sums = self._backward(own, batch)
            else:
                with self._processes.apart(self._model):
                    sums = self._backward(own, batch)
            loss, count = loss + sums[0], count + sums[1]
        total = self._processes.total([loss, count])
        return total[0], total[1]

    def update(
        self, optimiser: torch.optim.Optimizer, batch: Positions, loss: float, count: float, step: int, epoch: float
    ) -> None:
        """Lets the optimiser take the step and clears the gradients.

        Args:
            optimiser: Holds the weights.
            batch: That of `gradients`.
            loss: As `gradients` gave it.
            count: As `gradients` gave it.
            step: For messages.
            epoch: For messages.

        Raises:
            UserError: The loss or the gradient is infinite or not a number.
        """
        self.scaler.unscale_(optimiser)
        gradients = [weight.grad for weight in self._weights if weight.grad is not None]
        # Processes average their gradients, so the sum is `processes` times that.
        torch._foreach_mul_(gradients, len(batch) * self._processes.count / count if count else 0.0)
        norm = torch.nn.utils.clip_grad_norm_(self._weights, self._settings.clip_norm or float("inf"))
        # In float16 an overflow is part of finding the scale: the step is left out then.
        found = 0.0 if self.scaler.is_enabled() else float(norm)
        check_finite(loss, found, step, epoch, self._settings)
        self.scaler.step(optimiser)
        self.scaler.update()
        optimiser.zero_grad(set_to_none=True)

    def _backward(self, own: Positions, batch: Positions) -> tuple[float, float]:
        """Adds the gradients of this process's share; it takes part in sharing them even with nothing of its own."""
        taken = own if len(own) else batch[:1]
        with autocast(self._precision, self._processes.device):
            total, count = self._loss(self._model, self._on_device(self._batches.collate(taken.tolist())))
        counted = 1.0 if len(own) else 0.0
        torch.autograd.backward(self.scaler.scale(total * (counted / len(batch))))
        return float(total.detach()) * counted, float(count) * counted

    def _on_device(self, batch: Batch) -> Batch:
        return {name: tensor.to(self._processes.device, non_blocking=True) for name, tensor in batch.items()}
