import os
import time
from pathlib import Path

import pytest

from ..machine import OtherLoad, load_advice, physical_cores, thread_advice


def machine(folder: Path, siblings: dict[int, str], limit: str | None = None) -> tuple[Path, Path]:
    for cpu, listed in siblings.items():
        topology = folder / f"cpu{cpu}" / "topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(f"{listed}\n")
    if limit:
        (folder / "cpu.max").write_text(f"{limit}\n")
    return folder, folder


@pytest.mark.parametrize(
    ("siblings", "limit", "cores"),
    [
        ({0: "0,2", 1: "1,3", 2: "0,2", 3: "1,3"}, None, 2),
        ({0: "0", 1: "1", 2: "2", 3: "3"}, None, 4),
        ({0: "0", 1: "1", 2: "2", 3: "3"}, "150000 100000", 1),
        ({0: "0", 1: "1", 2: "2", 3: "3"}, "max 100000", 4),
        ({0: "0-3", 1: "0-3", 2: "0-3", 3: "0-3"}, "50000 100000", 1),
    ],
)
def test_cores_count_once_and_containers_limit_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, siblings: dict[int, str], limit: str | None, cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(siblings), raising=False)
    assert physical_cores(*machine(tmp_path, siblings, limit)) == cores


def test_cores_of_this_machine_and_of_one_that_tells_nothing(tmp_path: Path) -> None:
    assert 1 <= physical_cores() <= (os.cpu_count() or 1)
    assert physical_cores(tmp_path, tmp_path) >= 1


def test_more_threads_than_cores_are_advised_against() -> None:
    assert thread_advice(2, 1, 2) == ""
    assert "set project_base.threads: 2" in thread_advice(4, 1, 2)
    assert "set project_base.threads: 1" in thread_advice(2, 2, 2)
    assert "2 processes of 2 threads" in thread_advice(2, 2, 2)
    assert "set project_base.threads: 1" in thread_advice(1, 4, 2)


def test_other_work_is_told_only_where_it_is_in_the_way() -> None:
    assert load_advice(0.1, 2, 2, None) == ""
    assert load_advice(3.0, 2, 8, None) == ""
    told = load_advice(0.9, 2, 2, None)
    assert "0.9 cores" in told
    assert "project_base.threads: 1" in told
    assert "OMP_WAIT_POLICY=PASSIVE" in told
    assert "OMP_WAIT_POLICY" not in load_advice(0.9, 2, 2, "passive")
    assert "project_base.threads" not in load_advice(0.9, 1, 1, "PASSIVE")


def test_own_work_is_not_that_of_others(tmp_path: Path) -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    stat = tmp_path / "stat"
    stat.write_text("cpu  100 0 100 5000 10 0 0 0 0 0\ncpu0 1 1\n")
    load = OtherLoad(stat)
    started, used = time.monotonic(), time.process_time()
    while time.process_time() - used < 0.2:
        pass
    busy = 0.2 + 3 * (time.monotonic() - started)
    stat.write_text(f"cpu  {100 + round(busy * ticks)} 0 100 9000 99 0 0 0 0 0\ncpu0 1 1\n")
    assert load.cores() == pytest.approx(3, abs=0.5)
    assert OtherLoad(tmp_path / "absent").cores() == 0
