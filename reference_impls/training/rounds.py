"""The rounds of a run: from where it stands, step by step, to the best weights."""

import math
import time
from collections.abc import Sequence

import torch

from .base import ParameterGroup, Round, Trained
from .estimates import after
from .keeping import Keeping
from .memory import PeakMemory, weight_bytes
from .optimiser import make_optimiser
from .plan import Positions
from .precision import autocast
from .rates import rate_factor
from .seeds import seed_everything
from .showing import Showing
from .starting import Job, estimated, shared_steps
from .steps import Steps

_NEAR = 1e-9


class Rounds:
    """One run of the loop, on one of its processes."""

    def __init__(self, job: Job, key: str, groups: Sequence[ParameterGroup]) -> None:
        self._job = job
        self._optimiser, names = make_optimiser(job.model, job.settings, groups)
        self._memory = PeakMemory(job.processes.device, weight_bytes(job.model) + job.held.aside)
        self._keeping = Keeping(job.run, key, job.model, self._optimiser, names, job.processes)
        self._now = self._keeping.restore()

    def all(self) -> Trained:
        """Trains from where the run stands to its end, and brings the best weights into the model."""
        if not self._now.finished:
            self._go_on()
            self._remember_memory()
            self._keeping.finish(self._now)
        self._job.model.eval()
        return self._trained()

    def _go_on(self) -> None:
        job, now = self._job, self._now
        job.model.train()
        now.processes = job.processes.count
        if now.estimate is None:
            now.estimate = estimated(job, self._optimiser, self._keeping.buffers)
        elif now.step:
            job.run.tell(f"the training goes on from step {now.step} (epoch {now.epoch + 1})")
        steps = shared_steps(job)
        if now.scale is not None:
            steps.scale = now.scale
        showing = Showing(job.run, now, main=job.processes.main)
        saved = time.monotonic()
        plan = job.plan(now.epoch)
        while not now.stopped_early and self._at(plan) < job.epochs - _NEAR:
            end, items = self._round_end(), len(job.lengths)
            showing.open(self._at(plan), round((end - self._at(plan)) * items))
            rate = self._step(steps, plan)
            at = self._at(plan)
            showing.step(now, len(plan[now.batch - 1]), (job.epochs - at) * items, at, rate)
            ended = at >= end - _NEAR
            if now.batch == len(plan):
                now.epoch, now.batch = now.epoch + 1, 0
                plan = job.plan(now.epoch)
            if ended:
                self._end_round(at, rate)
                showing.round(now)
            if ended or not now.batch or time.monotonic() - saved >= job.settings.checkpoint_seconds:
                self._write(steps)
                saved = time.monotonic()

    def _at(self, plan: Sequence[Positions]) -> float:
        """Epochs so far, with the present one as the share of its batches."""
        return self._now.epoch + self._now.batch / len(plan)

    def _round_end(self) -> float:
        """Where the present round ends, in epochs."""
        start = self._now.history[-1].epoch if self._now.history else 0.0
        every = self._job.settings.validate_every
        return min((math.floor(start / every + _NEAR) + 1) * every, self._job.epochs)

    def _step(self, steps: Steps, plan: Sequence[Positions]) -> float:
        """Takes the next step and returns its learning rate."""
        now, batch = self._now, plan[self._now.batch]
        planned = max(self._job.settings.epochs, self._job.epochs) * len(self._job.lengths)
        factor = rate_factor((now.seen + len(batch) / 2) / planned, self._job.settings)
        for group in self._optimiser.param_groups:
            group["lr"] = group["highest"] * factor
        started = time.perf_counter()
        loss, count = steps.gradients(batch, now.step + 1)
        steps.update(self._optimiser, batch, loss, count, now.step + 1, self._at(plan))
        now.seconds += time.perf_counter() - started
        now.step, now.batch, now.seen = now.step + 1, now.batch + 1, now.seen + len(batch)
        now.loss, now.count = now.loss + loss, now.count + count
        return float(self._optimiser.param_groups[0]["lr"])

    def _end_round(self, at: float, rate: float) -> None:
        """Validates, and decides which weights are best and whether to stop."""
        now, job = self._now, self._job
        value = self._validated()
        now.history.append(Round(at, now.step, now.loss / now.count if now.count else 0.0, rate, value))
        now.loss = now.count = 0.0
        if not job.chooses or value is None:
            return
        best = None if now.best_round is None else now.history[now.best_round].validation
        # A metric that is not a number is no gain, and anything gains on it.
        if best is None or math.isnan(best) or value > best:
            now.best_round = len(now.history) - 1
            self._keeping.write_best(now)
        without_gain = len(now.history) - 1 - (now.best_round or 0)
        now.stopped_early = job.stops_early and without_gain >= job.settings.patience

    def _validated(self) -> float | None:
        job, now = self._job, self._now
        if job.validate is None:
            return None
        value = 0.0
        started = time.perf_counter()
        if job.processes.main:
            job.model.eval()
            seed_everything(job.run.seed, now.step)
            with torch.no_grad(), autocast(job.held.precision, job.processes.device):
                value = float(job.validate())
            job.model.train()
        now.validation_seconds += time.perf_counter() - started
        return job.processes.from_main(value)

    def _write(self, steps: Steps) -> None:
        self._remember_memory()
        self._now.scale = steps.scale
        self._keeping.write(self._now)

    def _remember_memory(self) -> None:
        self._now.peak_memory = max(self._now.peak_memory, self._memory.bytes())

    def _trained(self) -> Trained:
        now = self._now
        best = now.history[-1 if now.best_round is None else now.best_round]
        parameters, trained = self._job.counts
        assert now.estimate is not None  # noqa: S101 -- every run begins with one
        return Trained(
            epochs=now.history[-1].epoch,
            best_epoch=best.epoch,
            best=best.validation,
            history=tuple(now.history),
            measured={
                "seconds": now.seconds + now.validation_seconds,
                "parameters": float(parameters),
                "trained_parameters": float(trained),
                "epochs": now.history[-1].epoch,
                "best_epoch": best.epoch,
                "examples_per_second": now.seen / now.seconds,
                "peak_memory_mb": now.peak_memory / 1e6,
                "processes": float(now.processes),
            },
            estimates=after(now.estimate, now.history[-1].epoch, now.seconds, now.validation_seconds, now.peak_memory),
            stopped_early=now.stopped_early,
        )
