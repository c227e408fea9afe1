"""What this machine gives to training: cores, threads, and who else uses them."""

import os
import platform
import time
from pathlib import Path

_SYSFS = Path("/sys/devices/system/cpu")
_CGROUPS = Path("/sys/fs/cgroup")
_CROWDED = 0.4
"""Cores that other work keeps busy, as share of one core for each thread, from which on it is worth a word."""


def physical_cores(sysfs: Path = _SYSFS, cgroups: Path = _CGROUPS) -> int:
    """Cores that this process may use, at least 1; two threads of one core count once, a container's limit holds."""
    affinity = getattr(os, "sched_getaffinity", None)
    usable = affinity(0) if affinity else set(range(os.cpu_count() or 1))
    cores = set()
    for cpu in usable:
        siblings = sysfs / f"cpu{cpu}" / "topology" / "thread_siblings_list"
        cores.add(siblings.read_text().strip() if siblings.is_file() else str(cpu))
    return max(1, min(len(cores), _container_limit(cgroups) or len(cores)))


def thread_advice(threads: int, processes: int, cores: int) -> str:
    """What to change about the threads of the training processes here; empty where nothing."""
    if threads * processes <= cores:
        return ""
    each = f"{processes} processes of {threads} threads" if processes > 1 else f"{threads} threads"
    return (
        f"{each} are more than the {cores} physical cores that this process may use, and slow each other down: "
        f"set project_base.threads: {max(1, cores // processes)}"
    )


class OtherLoad:
    """Measures how many cores other processes use, from its making on."""

    def __init__(self, stat: Path = Path("/proc/stat")) -> None:
        self._stat = stat
        self._busy, self._own, self._wall = self._now()

    def cores(self) -> float:
        """Cores that others kept busy on average; 0 where the system does not tell."""
        busy, own, wall = self._now()
        return max(0.0, (busy - self._busy) - (own - self._own)) / max(wall - self._wall, 1e-9)

    def _now(self) -> tuple[float, float, float]:
        busy = 0.0
        if platform.system() == "Linux" and self._stat.is_file():
            # cpu user nice system idle iowait irq softirq steal, in ticks over all cores
            fields = [int(field) for field in self._stat.read_text().split("\n", 1)[0].split()[1:9]]
            busy = (sum(fields) - fields[3] - fields[4]) / os.sysconf("SC_CLK_TCK")
        return busy, sum(os.times()[:2]), time.monotonic()


def load_advice(others: float, threads: int, cores: int, wait_policy: str | None) -> str:
    """What to do about other work on this machine; empty where there is little.

    Args:
        others: Cores that others keep busy.
        threads: Threads of this process.
        cores: Cores that it may use.
        wait_policy: OMP_WAIT_POLICY as it is set.
    """
    if others < _CROWDED * threads or threads + others <= cores + _CROWDED:
        return ""
    passive = "" if (wait_policy or "").upper() == "PASSIVE" else ", and OMP_WAIT_POLICY=PASSIVE in the environment"
    fewer = max(1, cores - round(others))
    threaded = f"set project_base.threads: {fewer}{passive}, or" if fewer < threads or passive else "better"
    return (
        f"other work keeps {others:.1f} cores busy, so training is slower than it could be: {threaded} let it end first"
    )


def _container_limit(cgroups: Path) -> int | None:
    """Whole cores that a container grants (cgroup version 2), or None without a limit."""
    limit = cgroups / "cpu.max"
    if not limit.is_file():
        return None
    quota, period = limit.read_text().split()
    return None if quota == "max" else max(1, int(quota) // int(period))
