"""Whatever ends the work on a registry, and at whatever moment: a whole model is in service, and work goes on."""

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from reference_impls.project_base.errors import UserError
from reference_impls.registry.model_folder import open_model
from reference_impls.registry.registry import Registry

from .killing import Job, worker_of
from .registry_worker import KEEP, model, steps

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261121
START = "0001-lora"
STEPS_A_ROUND = 5
MOVES = {2}
"""Steps of a round after which the former source may be gone."""


@pytest.fixture(scope="module")
def worker() -> Iterator[Job]:
    with worker_of("registry_worker") as job:
        yield job


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a registry whose first version is in service."""
    folder = tmp_path_factory.mktemp("start")
    registry = Registry(folder / "models", keep=KEEP)
    assert registry.add(model(folder, "first"), {"name": "first"}) == START
    registry.promote(START)
    return folder


@pytest.fixture(scope="module")
def expected(start: Path, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, ...]]:
    """The versions in service, one after the other, as they stand after each step of a life without a kill."""
    folder = tmp_path_factory.mktemp("expected") / "life"
    shutil.copytree(start, folder)
    registry = Registry(folder / "models")
    found = [line_of(registry)]
    for step in steps(folder, 2):
        step()
        found.append(line_of(registry))
    assert len(set(found)) == 2 * (STEPS_A_ROUND - 2) + 1, "these steps would not tell states apart"
    return found


def line_of(registry: Registry) -> tuple[str, ...]:
    return tuple(event.version for event in registry.history())


def check(folder: Path, told: dict[str, Any], expected: list[tuple[str, ...]], moment: str) -> int:
    """Checks a folder whose work was killed, and that work goes on; gives the number of changes that were met."""
    registry = Registry(folder / "models", keep=KEEP, wait_seconds=0)
    where = f"killed {moment}, after {told['steps']} steps"
    champion = registry.champion()
    assert champion is not None, where
    met = line_of(registry)
    # What was reported as done is done; the step after it may be done, too.
    allowed = expected[told["steps"] : told["steps"] + 2]
    assert met in allowed, f"{where}: {met} is none of {allowed}"
    assert champion.path.name == met[-1], where
    assert registry.verify() == [], where
    assert [version.damage for version in registry.versions() if version.damage] == [], where
    names = {open_model(version.path).about["name"] for version in registry.versions()}
    for run in (folder / "runs").iterdir():
        if not run.name.startswith("."):
            open_model(run)
    if told["outcome"] == "killed" and told["steps"] % STEPS_A_ROUND in MOVES:
        moving = f"round{told['steps'] // STEPS_A_ROUND}moved"
        written = {run.name for run in (folder / "runs").iterdir()}
        assert not {moving} & names & written, f"{where}: {moving} stands twice"
    added = registry.add(model(folder, "afterwards"), {})
    registry.promote(added)
    assert registry.rollback().version == met[-1], where
    hidden = {path.name for path in registry.folder.iterdir() if path.name.startswith(".")}
    assert hidden == {".lock"}, f"{where}: left behind: {hidden}"
    assert len(registry.versions()) <= KEEP + 1, where
    return len(met)


def kill_at_random_moments(start: Path, folder: Path, worker: Job, expected: list[tuple[str, ...]], count: int) -> None:
    draw = random.Random(SEED)
    target = shutil.copytree(start, folder / "timed")
    told = worker(target)
    assert (told["outcome"], told["steps"]) == ("done", 2 * STEPS_A_ROUND), told
    check(target, told, expected, "never")
    met = set()
    for number in range(count):
        target = shutil.copytree(start, folder / f"killed{number}")
        moment = draw.uniform(0, 1.1 * told["seconds"])
        killed = worker(target, kill_after_s=moment)
        assert killed["outcome"] in {"killed", "done"}, killed
        met.add(check(target, killed, expected, f"after {moment * 1000:.0f} of {told['seconds'] * 1000:.0f} ms"))
        shutil.rmtree(target)
    assert len(met) > 1, "all kills fell into the same state"


def test_a_registry_that_was_killed_has_a_whole_model_in_service(
    start: Path, tmp_path: Path, worker: Job, expected: list[tuple[str, ...]]
) -> None:
    kill_at_random_moments(start, tmp_path, worker, expected, 5)


@pytest.mark.soak
def test_fifty_kills(start: Path, tmp_path: Path, worker: Job, expected: list[tuple[str, ...]]) -> None:
    kill_at_random_moments(start, tmp_path, worker, expected, 50)


def kill_at_events(
    start: Path, folder: Path, worker: Job, expected: list[tuple[str, ...]], events: Iterator[int]
) -> list[int]:
    met = []
    for number in events:
        target = shutil.copytree(start, folder / f"event{number}")
        told = worker(target, kill_at_event=number)
        assert told["outcome"] in {"killed", "done"}, told
        met.append(check(target, told, expected, f"before access {number}"))
        shutil.rmtree(target)
        if told["outcome"] == "done":
            return met
    raise AssertionError("the work never ended")


def test_kills_before_some_accesses(start: Path, tmp_path: Path, worker: Job, expected: list[tuple[str, ...]]) -> None:
    met = kill_at_events(start, tmp_path, worker, expected, iter(range(1, 5000, 17)))
    assert met == sorted(met), "once in service, a version was lost again"
    assert len(set(met)) > STEPS_A_ROUND, "the kills fell into a few states alone"


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_kill_before_every_access(start: Path, tmp_path: Path, worker: Job, expected: list[tuple[str, ...]]) -> None:
    met = kill_at_events(start, tmp_path, worker, expected, iter(range(1, 5000)))
    assert met == sorted(met), "once in service, a version was lost again"
    assert set(met) == {len(line) for line in expected}


def test_readers_beside_a_writer_see_whole_states_alone(start: Path, tmp_path: Path, worker: Job) -> None:
    target = shutil.copytree(start, tmp_path / "read")
    stop, seen, errors = threading.Event(), [], []

    def read() -> None:
        registry = Registry(target / "models", wait_seconds=0)
        while not stop.is_set():
            try:
                champion = registry.champion()
                assert champion is not None
                seen.append(champion.path.name)
                damages = [version.damage for version in registry.versions() if version.damage]
                assert damages == []
            except Exception as error:
                errors.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for _ in range(4):
            before = len(seen)
            shutil.rmtree(target / "runs")
            told = worker(target)
            assert told["outcome"] == "done", told
            while len(seen) == before and not errors:
                time.sleep(0.01)
    finally:
        stop.set()
        for reader in readers:
            reader.join(timeout=60)
    assert errors == []
    assert len(set(seen)) > 1


def test_two_writers_take_turns(start: Path, tmp_path: Path, worker: Job) -> None:
    target = shutil.copytree(start, tmp_path / "both")
    registry = Registry(target / "models", wait_seconds=60)
    added: list[str] = []

    def write() -> None:
        for number in range(6):
            added.append(registry.add(model(target, f"other{number}"), {}))

    other = threading.Thread(target=write)
    other.start()
    told = worker(target)
    other.join(timeout=60)
    assert told["outcome"] == "done", told
    numbers = [version[:4] for version in added]
    assert numbers == sorted(set(numbers))
    assert len(added) == 6
    assert registry.verify() == []
    assert {path.name for path in registry.folder.iterdir() if path.name.startswith(".")} == {".lock"}


@pytest.mark.parametrize("largest_file", [0, 100, 500, 10_000])
def test_a_write_that_comes_short_leaves_what_was_in_service(
    start: Path, tmp_path: Path, worker: Job, largest_file: int
) -> None:
    target = shutil.copytree(start, tmp_path / "full")
    before = sorted(target.rglob("*"))
    told = worker(target, largest_file=largest_file)
    assert (told["outcome"], told["steps"]) == ("OSError", 0), told
    assert str(target) in told["message"]
    assert "ulimit" in told["next"] or "free some space" in told["next"]
    registry = Registry(target / "models")
    assert line_of(registry) == (START,)
    assert registry.verify() == []
    assert sorted(path for path in target.rglob("*") if not path.name.endswith(".lock")) == [
        path for path in before if not path.name.endswith(".lock")
    ]


def test_a_full_disk_while_a_model_comes_in_and_while_it_is_put_in_service(start: Path, tmp_path: Path) -> None:
    """The registry alone has no space: the model that comes in is whole, and stays so."""
    target = shutil.copytree(start, tmp_path / "full")
    registry = Registry(target / "models")
    source = model(target, "next")
    second = registry.add(source, {})
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from reference_impls.registry.registry import Registry\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))\n"
        f"registry = Registry(Path({str(registry.folder)!r}))\n"
        "try:\n"
        f"    getattr(registry, sys.argv[2])(*({{'add': (Path({str(source.path)!r}), {{}}), 'promote': ({second!r},)}}"
        "[sys.argv[2]]))\n"
        "except OSError as error:\n"
        "    print(error.strerror)\n"
    )
    for arguments in (("0", "add"), ("100000", "add"), ("0", "promote"), ("300", "promote")):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT, check=True
        )
        assert done.stdout == "File too large\n", arguments
        assert line_of(registry) == (START,)
        assert [version.id for version in registry.versions()] == [START, second]
        assert {path.name for path in registry.folder.iterdir() if path.name.startswith(".")} == {".lock"}
    assert open_model(source.path) == source
    assert registry.promote(second).version == second


def test_missing_rights_are_told_and_reading_needs_none(start: Path, tmp_path: Path, worker: Job) -> None:
    target = shutil.copytree(start, tmp_path / "closed")
    told: dict[str, Any] = {}
    if os.geteuid() == 0:
        # No right binds root, so that somebody else tries.
        for path in (tmp_path, *tmp_path.parents):
            if path.is_relative_to("/tmp") and path != Path("/tmp"):
                path.chmod(path.stat().st_mode | 0o005)
        target.chmod(0o755)
        (target / "runs").chmod(0o777)
        told = worker(target, as_nobody=True)
    else:
        for path in (target / "models", target / "models" / ".lock"):
            path.chmod(0o555 if path.is_dir() else 0o444)
        told = worker(target)
    assert told["outcome"] == "OSError", told
    assert str(target / "models") in told["message"]
    assert "permissions" in told["next"]
    registry = Registry(target / "models")
    assert registry.champion() is not None
    assert line_of(registry) == (START,)
    (target / "models").chmod(0o755)


def test_a_busy_registry_is_told_after_the_wait(start: Path, tmp_path: Path) -> None:
    target = shutil.copytree(start, tmp_path / "busy")
    heard: list[str] = []
    registry = Registry(target / "models", wait_seconds=0.1, tell=heard.append)
    with FileLock(target / "models" / ".lock"), ThreadPoolExecutor(1) as pool:
        with pytest.raises(UserError, match="another process is still writing into"):
            pool.submit(registry.rollback).result(timeout=60)
        assert pool.submit(registry.champion).result(timeout=60) is not None
    assert len(heard) == 1
    assert "waiting up to 0.1 s" in heard[0]
