"""How fast the command line answers, in pairs: every round runs every command once, so that all meet the same machine.

    python benchmarks/startup.py [--rounds 21] [--peer-python PATH]

PATH is the Python of an environment in which `pip install ragadvisor` was run; it is measured beside advisor then.
Figures mean something on a quiet machine only; the ratios hold elsewhere too.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PROFILE = Path(__file__).resolve().parents[1] / "examples" / "help-desk.yaml"
BASE = 'python -c "import click, pydantic"'


@dataclass(frozen=True)
class Job:
    """One command: its name in the table, its words, and what its environment holds beside ours."""

    name: str
    words: tuple[str, ...]
    variables: Callable[[Path, int], dict[str, str]]


def jobs(peer: Path | None) -> list[Job]:
    advisor = (sys.executable, "-m", "advisor")

    def warm(folder: Path, _round: int) -> dict[str, str]:
        return {"XDG_CACHE_HOME": str(folder / "cache")}

    def cold(folder: Path, number: int) -> dict[str, str]:
        return {"XDG_CACHE_HOME": str(folder / f"cache-{number}")}

    found = [
        Job(BASE, (sys.executable, "-c", "import click, pydantic"), warm),
        Job("advisor --help", (*advisor, "--help"), warm),
        Job("advisor recommend help-desk.yaml", (*advisor, "recommend", str(PROFILE)), warm),
        Job("the same, rules parsed anew", (*advisor, "recommend", str(PROFILE)), cold),
    ]
    if peer is not None:
        other = (str(peer), "-m", "rag_adviser")
        preset = ("run", "--no-interactive", "--preset", "customer-support")
        found += [
            Job("ragadvisor --help", (*other, "--help"), warm),
            Job("ragadvisor run, a preset", (*other, *preset), lambda _folder, _round: {"HF_HUB_OFFLINE": "1"}),
        ]
    return found


def seconds(job: Job, folder: Path, number: int) -> float:
    environment = {**os.environ, "NO_COLOR": "1", **job.variables(folder, number)}
    started = time.perf_counter()
    done = subprocess.run(job.words, cwd=folder, env=environment, capture_output=True, check=False)
    ended = time.perf_counter()
    if done.returncode != 0:
        sys.exit(f"{job.name} ended with exit code {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}")
    return ended - started


def measure(todo: list[Job], rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {job.name: [] for job in todo}
    with tempfile.TemporaryDirectory(prefix="startup-") as name:
        for number in range(rounds + 1):
            for job in todo:
                took = seconds(job, Path(name), number)
                if number:  # the first round fills the caches of the disk and of the rules
                    times[job.name].append(took)
    return times


def table(times: dict[str, list[float]]) -> str:
    base = times[BASE]
    lines = ["| command | median, s | fastest, s | times the bare import |", "| --- | ---: | ---: | ---: |"]
    for name, taken in times.items():
        ratio = statistics.median(own / bare for own, bare in zip(taken, base, strict=True))
        lines.append(f"| `{name}` | {statistics.median(taken):.3f} | {min(taken):.3f} | {ratio:.2f} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Startup times of advisor, in pairs.")
    parser.add_argument("--rounds", type=int, default=21, help="how often each command runs (default: 21)")
    parser.add_argument("--peer-python", type=Path, help="Python of an environment that holds ragadvisor")
    words = parser.parse_args()
    if words.rounds < 1:
        parser.error("--rounds must be 1 or more")
    times = measure(jobs(words.peer_python), words.rounds)
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {words.rounds} rounds\n")
    print(table(times))


if __name__ == "__main__":
    main()
