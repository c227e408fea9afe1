"""Works on a registry in a process that can be killed; run as a program by `test_registry_durability`."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from reference_impls.registry.model_folder import ModelFolder, write_model
from reference_impls.registry.registry import Registry

from .killing import Done, serve

KEEP = 3
SIZE = 200_000


def model(folder: Path, name: str) -> ModelFolder:
    def write(target: Path) -> None:
        (target / "weights.bin").write_bytes(name.encode() * (SIZE // len(name)))
        (target / "words").mkdir()
        (target / "words" / "vocabulary.txt").write_text(name)

    return write_model(folder / "runs" / name, "lora", {"name": name}, write)


def steps(folder: Path, rounds: int) -> Iterator[Callable[[], object]]:
    """What a long life of a registry consists of; each step ends with a whole registry."""
    registry = Registry(folder / "models", keep=KEEP)

    def add(name: str, move: bool) -> None:
        registry.add(model(folder, name), {"name": name}, move=move)

    def promote() -> None:
        registry.promote(registry.versions()[-1].id, "newest")

    for number in range(rounds):
        yield partial(add, f"round{number}", False)
        yield promote
        yield partial(add, f"round{number}moved", True)
        yield promote
        yield partial(registry.rollback, "not as good as it looked")


def _work(job: dict[str, Any], done: Done) -> None:
    for step in steps(Path(job["folder"]), job.get("rounds", 2)):
        step()
        done()


if __name__ == "__main__":
    serve(_work)
