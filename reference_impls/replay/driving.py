"""Plays all policies at once on some processes; work that several ask for is done once."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from ..predictors.vectors import Shared, accept
from ..project_base.errors import UserError
from ..project_base.progress import Advance
from .playing import Playing
from .stored import Store
from .tasks import Result, Task, Trajectory
from .working import Bench

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Workers(Protocol):
    """Who does tasks."""

    @property
    def places(self) -> int:
        """How many tasks may be given to them before the first is done."""
        ...

    def submit(self, task: Task) -> "Future[Result | _Refused]":
        """Begins a task, or does it at once."""
        ...


@contextmanager
def workers(bench: Bench, processes: int, vectors: Shared | None = None) -> Iterator[Workers]:
    """Processes that do tasks; for one, this process does them.

    Args:
        bench: What they work on; it is sent to each process once.
        processes: How many.
        vectors: Of texts, so that no other process computes them again.
    """
    if processes == 1:
        yield _Here(bench)
        return
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    # Each process has a core; libraries look for their number of threads when they are first loaded. A forked process
    # could hang in the threads of its parent's libraries, so that new ones are started.
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    pool = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_sit_down,
        initargs=(bench, vectors or {}),
    )
    try:
        yield _Pool(pool, processes)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@dataclass(frozen=True, eq=False)
class _Here:
    bench: Bench
    places: int = 1

    def submit(self, task: Task) -> "Future[Result | _Refused]":
        done: Future[Result | _Refused] = Future()
        done.set_result(self.bench.do(task))
        return done


@dataclass(frozen=True, eq=False)
class _Pool:
    pool: ProcessPoolExecutor
    processes: int

    @property
    def places(self) -> int:
        # One more than can be done, so that nobody waits for this process.
        return self.processes + 1

    def submit(self, task: Task) -> "Future[Result | _Refused]":
        return self.pool.submit(_do, task)


_bench: Bench | None = None


def _sit_down(bench: Bench, vectors: Shared) -> None:
    global _bench  # noqa: PLW0603  # a process of a pool has no other place for what its tasks share
    _bench = bench
    accept(vectors)


def _do(task: Task) -> "Result | _Refused":
    if _bench is None:
        raise RuntimeError("this process was started without a bench")
    try:
        return _bench.do(task)
    except UserError as error:
        # An error of two texts cannot be sent between processes as it is.
        return _Refused(error.message, error.next_step)


@dataclass(frozen=True)
class _Refused:
    message: str
    next_step: str


@dataclass(eq=False)
class _Seat:
    """A policy that is being played, and what it waits for."""

    playing: Playing
    wanted: Sequence[Task] = ()
    result: Trajectory | None = None


@dataclass(eq=False)
class _Table:
    results: dict[str, Result] = field(default_factory=dict)
    waiting: dict[str, Task] = field(default_factory=dict)
    running: dict["Future[Result | _Refused]", str] = field(default_factory=dict)


def drive(
    games: Mapping[str, Playing],
    others: Sequence[Task],
    hands: Workers,
    store: Store | None,
    advance: Advance,
) -> tuple[dict[str, Trajectory], list[Result]]:
    """Plays policies to their ends.

    Args:
        games: The policies, by name.
        others: Tasks to do beside them.
        hands: Who does the tasks.
        store: Where results are kept; None keeps them in memory alone.
        advance: Is called for each task that is done or was kept.

    Returns:
        What each policy did, and the results of the other tasks.

    Raises:
        UserError: A task cannot be done, or a process was killed.
    """
    table = _Table()
    seats = {name: _Seat(playing) for name, playing in games.items()}
    for seat in seats.values():
        _go_on(seat, None)
    want = _wanting(table, store, advance)
    want(others)
    for seat in seats.values():
        want(seat.wanted)
    while True:
        for seat in seats.values():
            while seat.result is None and all(task.key in table.results for task in seat.wanted):
                _go_on(seat, [table.results[task.key] for task in seat.wanted])
                want(seat.wanted if seat.result is None else ())
        if all(seat.result is not None for seat in seats.values()) and not table.waiting and not table.running:
            break
        _fill(table, hands)
        _collect(table, store, advance)
    return (
        {name: seat.result for name, seat in seats.items() if seat.result is not None},
        [table.results[task.key] for task in others],
    )


def _go_on(seat: _Seat, results: Sequence[Result] | None) -> None:
    try:
        seat.wanted = next(seat.playing) if results is None else seat.playing.send(results)
    except StopIteration as end:
        seat.result = end.value


def _wanting(table: _Table, store: Store | None, advance: Advance) -> Callable[[Sequence[Task]], None]:
    def want(tasks: Sequence[Task]) -> None:
        for task in tasks:
            key = task.key
            if key in table.results or key in table.waiting or key in table.running.values():
                continue
            kept = store.get(key) if store is not None else None
            if kept is None:
                table.waiting[key] = task
            else:
                table.results[key] = kept
                advance(1)

    return want


def _fill(table: _Table, hands: Workers) -> None:
    while table.waiting and len(table.running) < hands.places:
        key = max(table.waiting, key=lambda each: table.waiting[each].size)
        table.running[hands.submit(table.waiting.pop(key))] = key


def _collect(table: _Table, store: Store | None, advance: Advance) -> None:
    done, _ = wait(table.running, return_when=FIRST_COMPLETED)
    for future in done:
        key = table.running.pop(future)
        try:
            result = future.result()
        except BrokenProcessPool as error:
            raise UserError(
                "a process of the replay was killed, most likely since memory ran out",
                "run it again, it goes on where it was; set replay.processes to 1 where memory is short",
            ) from error
        if isinstance(result, _Refused):
            raise UserError(result.message, result.next_step)
        table.results[key] = result
        if store is not None:
            store.put(key, result)
        advance(1)
