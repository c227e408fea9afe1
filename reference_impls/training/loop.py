"""The training loop: rounds of steps and validation, checkpoints between them, and the best weights at the end."""

from collections.abc import Sequence
from dataclasses import replace

import filelock
import torch

from ..labelled_data.rungs import Run
from ..project_base.errors import UserError
from ..project_base.progress import silent
from .advice import memory_advice
from .base import Batches, Loss, ParameterGroup, Trained, Validate
from .checkpoints import Checkpoints
from .optimiser import trained_parameters
from .precision import prepare_precision
from .processes import Processes
from .rounds import Rounds
from .seeds import repeatable
from .settings import Settings
from .starting import Job
from .workers import is_worker

_LOCK = ".training.lock"


def train(
    model: torch.nn.Module,
    batches: Batches,
    loss: Loss,
    validate: Validate | None,
    settings: Settings,
    run: Run,
    *,
    key: str,
    groups: Sequence[ParameterGroup] = (),
    longest: str = "the setting of the longest text",
) -> Trained:
    """Trains the weights that require gradients; at the end the model holds the best ones, in evaluation mode.

    A run that was killed goes on from its last checkpoint and ends with the same weights and history as one that was
    not. A run that is finished gives its result at once, for as long as its folder stands.

    Where the settings ask for several processes, `run.shared` starts them. Each of them comes here with the same
    arguments and takes its share, and the process that started them takes the finished run from its folder.

    The rate rises and falls over `settings.epochs` also where `run.epochs` ends the run sooner: a refit then repeats
    the part of the curve that led to the best epoch.

    Args:
        model: Its trained weights are float32.
        batches: The training data.
        loss: The sum of the losses of a batch, and their count.
        validate: The metric that decides when to stop and which weights are best; None trains to the end.
        settings: How to train.
        run: Folder, seed, and who watches. With `run.epochs` the last weights are kept, whatever validation says.
        key: Made by `run_key` from everything that decides the result.
        groups: Weights with a rate of their own.
        longest: Names the setting that cuts long items, for the advice when memory does not suffice.

    Raises:
        UserError: The data are empty, memory does not suffice, numbers break down, the disk is full, another training
            uses the folder, or the settings ask for what this machine has not.
        ValueError: No weight is trained, a trained one is not float32, a group is wrong, or several processes are
            asked for and `run.shared` cannot start them.
    """
    weights = trained_parameters(model)
    if not weights or any(weight.dtype != torch.float32 for weight in weights.values()):
        raise ValueError("a model has weights that require gradients, and they are float32")
    if not len(batches.lengths):
        raise UserError("there is nothing to train on", "give at least one example for training")
    if settings.shared and not is_worker():
        _by_others(run, key)
    processes = Processes(settings)
    frozen = len(weights) < sum(1 for _ in model.parameters())
    with (
        processes.together(),
        memory_advice(settings, longest, frozen=frozen),
        _Alone(run, processes.main),
        repeatable(processes.device),
    ):
        processes.agree(key)
        model.to(processes.device)
        if not processes.main:
            run = replace(run, progress=silent, tell=_unheard)
        with prepare_precision(model, settings, run.tell) as held:
            return Rounds(Job(model, batches, loss, validate, settings, run, processes, held), key, groups).all()


def _by_others(run: Run, key: str) -> None:
    """Has the run finished by the processes that share it.

    Raises:
        UserError: What one of them met, or they made another run than this.
    """
    if _finished(run, key):
        return
    if run.shared is None:
        raise ValueError("several processes are asked for, and this run does not say how to start them")
    run.shared()
    if not _finished(run, key):
        raise UserError(
            "the processes of this training made another one: data, settings or code changed meanwhile",
            "run the command again",
        )


def _finished(run: Run, key: str) -> bool:
    newest = Checkpoints(run.folder, key).newest()
    return newest is not None and newest.state.get("finished") is True


def _unheard(_line: str) -> None:
    """What processes tell beside the main one."""


class _Alone:
    """Holds the run's folder against other trainings."""

    def __init__(self, run: Run, main: bool) -> None:
        self._folder = run.folder
        self._lock = filelock.FileLock(run.folder / _LOCK)
        self._main = main

    def __enter__(self) -> None:
        if not self._main:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            raise UserError(
                f"another training is running in {self._folder}", "wait for it, or stop it and run the command again"
            ) from None

    def __exit__(self, *_: object) -> None:
        if self._main:
            self._lock.release()
