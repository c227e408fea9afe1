import socket
import threading
from pathlib import Path

import pytest
from pydantic import JsonValue

from ...labelled_data.rungs import Run
from ...project_base.errors import UserError
from .. import workers
from ..joining import take_part
from ..launch import launch
from ..meeting import met
from ..settings import Settings
from ..workers import Gone
from . import launched
from .launched import make, rank_of
from .tiny import settings


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "TRAINING_LAUNCHED_BY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(workers, "_GRACE_SECONDS", 0.5)


def meeting(machines: int = 2, processes: int = 1) -> Settings:
    """Machines that meet at a free port of this one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return settings(machines=machines, processes=processes, meet_at=f"127.0.0.1:{port}")


class Joined(threading.Thread):
    """A machine that joins; what it says, and the error that it ended in."""

    def __init__(self, chosen: Settings) -> None:
        super().__init__(daemon=True)
        self.chosen = chosen
        self.lines: list[str] = []
        self.error: UserError | None = None
        self.start()

    def run(self) -> None:
        try:
            take_part(self.chosen, self.lines.append, once=True)
        except UserError as error:
            self.error = error

    def ended(self) -> "Joined":
        self.join(timeout=30)
        assert not self.is_alive()
        return self


def test_machines_work_together_and_number_their_processes_through(tmp_path: Path) -> None:
    chosen = meeting(machines=2, processes=2)
    other = Joined(chosen)
    told: list[str] = []
    launch(chosen, make, {"folder": str(tmp_path)}, Run(tmp_path, tell=told.append))
    lines = other.ended().lines
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1", "2", "3"]
    places = [rank_of(tmp_path, rank) for rank in range(4)]
    assert [(each["LOCAL_RANK"], each["WORLD_SIZE"]) for each in places] == [("0", "4"), ("1", "4")] * 2
    assert len({(each["MASTER_ADDR"], each["MASTER_PORT"]) for each in places}) == 1
    assert told[1:] == ["127.0.0.1 has joined, 1 of 1", "reading"]
    assert lines == [
        f"waiting at {chosen.meet_at}",
        "a training begins: of 4 processes, 2 to 3 are here",
        "this machine's share is done; the result is where it was asked for",
    ]


def test_what_ends_a_machine_that_joined_is_told_where_it_was_asked(tmp_path: Path) -> None:
    chosen = meeting()
    other = Joined(chosen)
    with pytest.raises(UserError, match=r"127\.0\.0\.1: this one fails") as caught:
        launch(chosen, make, {"folder": str(tmp_path), "fails": "all"}, Run(tmp_path))
    assert caught.value.next_step == "look at process 1"
    error = other.ended().error
    assert error is not None
    assert error.message == "this one fails"


def test_a_machine_that_leaves_and_a_stranger_are_not_counted(tmp_path: Path) -> None:
    chosen = meeting()
    told: list[str] = []
    host, port = chosen.meet_at.split(":")
    training = threading.Thread(
        target=launch, args=(chosen, make, {"folder": str(tmp_path)}, Run(tmp_path, tell=told.append)), daemon=True
    )
    training.start()
    _connect(host, int(port)).close()
    with _connect(host, int(port)) as stranger:
        stranger.sendall(b"GET / HTTP/1.1\r\nHost: somewhere.example\r\n\r\n")
        with _connect(host, int(port)) as leaving:
            leaving.sendall(b'{"schema": "training_meeting/1"}\n')
            while len(told) < 2:
                assert training.is_alive()
    Joined(chosen).ended()
    training.join(timeout=30)
    assert not training.is_alive()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1"]


def _connect(host: str, port: int) -> socket.socket:
    while True:
        try:
            return socket.create_connection((host, port), timeout=10)
        except ConnectionRefusedError:
            continue


@pytest.mark.parametrize(
    ("module", "function"), [("os", "make"), ("another_package.training", "make"), (launched.__name__, "rank_of")]
)
def test_a_machine_that_joins_calls_nothing_but_trainings(module: str, function: str) -> None:
    chosen = meeting()
    other = Joined(chosen)
    with pytest.raises(UserError, match=r"127\.0\.0\.1: .* is no training of this project"):
        _ask(chosen, other, {"module": module, "function": function, "job": {}})
    assert other.error is not None


def _ask(chosen: Settings, other: Joined, described: dict[str, JsonValue]) -> None:
    with met(chosen, described, str):
        other.ended()
        raise Gone("another process is gone", "run it again")


def test_machines_that_cannot_meet_are_told_why(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="meet_at has to name"):
        settings(machines=2)
    with pytest.raises(UserError, match=r"training\.machines is 1"):
        take_part(settings(meet_at="127.0.0.1:1"), str, once=True)
    with pytest.raises(UserError, match="not known here"):
        take_part(settings(machines=2, meet_at="nowhere.invalid:1"), str, once=True)
    # An address of the documentation, which no machine has.
    with pytest.raises(UserError, match=r"cannot meet at 192\.0\.2\.1") as caught:
        launch(settings(machines=2, meet_at="192.0.2.1:29500"), make, {}, Run(tmp_path))
    assert "an address of this machine" in caught.value.next_step
