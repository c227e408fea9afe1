"""The start of a run: what it is made of, what is told before it begins, and the model as its processes share it."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch

from ..labelled_data.rungs import Run
from .base import Batches, Loss, Validate
from .estimates import before, measure_epoch_seconds, memory_of_run
from .machine import OtherLoad, load_advice, physical_cores, thread_advice
from .memory import shape_of
from .plan import Positions, epoch_batches, padded_tokens
from .position import Estimate
from .precision import Held
from .processes import Processes
from .settings import Settings
from .steps import Steps


@dataclass(frozen=True)
class Job:
    """What a run is made of; `train` says what the parts are."""

    model: torch.nn.Module
    batches: Batches
    loss: Loss
    validate: Validate | None
    settings: Settings
    run: Run
    processes: Processes
    held: Held

    @cached_property
    def lengths(self) -> Positions:
        """Tokens of each item, int64 [items]; asked for once, since batches may count them anew each time."""
        return np.asarray(self.batches.lengths, dtype=np.int64)

    @property
    def epochs(self) -> float:
        """Most passes over the data."""
        return self.settings.epochs if self.run.epochs is None else self.run.epochs

    @property
    def chooses(self) -> bool:
        """Whether validation decides which weights are kept."""
        return self.validate is not None and self.run.epochs is None

    @property
    def stops_early(self) -> bool:
        """Whether validation decides when to stop."""
        return self.chooses and self.settings.patience > 0

    @property
    def weights(self) -> list[torch.nn.Parameter]:
        """What is trained, each weight once."""
        return [weight for weight in self.model.parameters() if weight.requires_grad]

    @property
    def counts(self) -> tuple[int, int]:
        """How many parameters the model has, and how many of them are trained."""
        return sum(weight.numel() for weight in self.model.parameters()), sum(item.numel() for item in self.weights)

    def plan(self, epoch: int) -> list[Positions]:
        """The batches of an epoch, counted from 0."""
        given = self.settings
        return epoch_batches(self.lengths, given.batch_size, given.batch_tokens, self.run.seed, epoch)

    def steps(self, model: torch.nn.Module) -> Steps:
        """Takes steps through this form of the model."""
        return Steps(
            model,
            self.weights,
            self.batches,
            self.loss,
            self.settings,
            self.processes,
            self.held.precision,
            self.run.seed,
        )


def estimated(job: Job, optimiser: torch.optim.Optimizer, buffers: Sequence[torch.Tensor]) -> Estimate:
    """Estimates time and memory by a few steps that leave no trace, and tells them with advice on threads."""
    settings, processes, plan = job.settings, job.processes, job.plan(0)
    parts = settings.gradient_accumulation * processes.count
    memory = memory_of_run(
        shape_of(job.model), job.counts, job.held.precision, plan, job.lengths, parts, processes.device.type
    )
    others = OtherLoad()
    seconds = measure_epoch_seconds(
        job.steps(job.model), optimiser, job.weights, buffers, plan, job.lengths, round(len(plan) * job.epochs)
    )
    estimate = Estimate(processes.from_main(seconds), memory + job.held.aside)
    if processes.device.type == "cpu":
        threads, cores = torch.get_num_threads(), physical_cores()
        advice = thread_advice(threads, processes.here, cores)
        # Other processes of this run are no other work.
        if not advice and processes.count == 1:
            advice = load_advice(others.cores(), threads, cores, os.environ.get("OMP_WAIT_POLICY"))
        if advice:
            job.run.tell(advice)
    told = before(
        estimate,
        job.epochs,
        early=job.stops_early,
        weights=job.counts,
        precision=job.held.precision,
        processes=processes.count,
    )
    job.run.tell(told)
    return estimate


def shared_steps(job: Job) -> Steps:
    """Steps through the model as the processes share it."""
    if job.processes.count == 1:
        return job.steps(job.model)
    # Weights that the loss does not reach must be known before processes wait for their gradients.
    smallest = min(job.plan(0), key=lambda batch: padded_tokens(batch, job.lengths))
    job.model.train()
    job.steps(job.model).gradients(smallest, 0)
    some_unused = any(weight.grad is None for weight in job.weights)
    job.model.zero_grad(set_to_none=True)
    return job.steps(job.processes.shared(job.model, some_unused=some_unused))
