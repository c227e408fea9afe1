"""The meeting of machines that share a training: they gather, are told their share, and say what ended it.

One line of JSON each way, over TCP. Like torch.distributed, which the processes speak from then on, it is neither
encrypted nor signed: it is for a network of the team's own.
"""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from typing import BinaryIO, Self

from pydantic import JsonValue

from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from .settings import Settings
from .workers import Gone, Team

_HELLO = b'{"schema": "training_meeting/1"}\n'
_CALL = b'{"ready": true}\n'
"""The roll is called before shares are told, since many may have waited for long; whoever is there says the same."""
_MANNERS_SECONDS = 5.0
"""A machine that joins says so at once, and says at once what ended its share; whoever does not is somebody else."""
_POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Share:
    """What a machine that joined is to do.

    Attributes:
        described: As `workers.work` takes it.
        team: Where its processes stand.
    """

    described: Mapping[str, JsonValue]
    team: Team


@dataclass
class _Machine:
    """A machine that joined."""

    name: str
    line: socket.socket

    def answers(self) -> bool:
        """Whether it is still there, and no stranger."""
        try:
            self.line.sendall(_CALL)
            return self.line.recv(len(_CALL), socket.MSG_WAITALL) == _CALL
        except OSError:
            return False


@contextmanager
def met(settings: Settings, described: Mapping[str, JsonValue], tell: Callable[[str], object]) -> Iterator[Team]:
    """Waits for the other machines, tells them their share, and gives that of this one.

    Args:
        settings: `machines`, `processes` and `meet_at`.
        described: As `workers.work` takes it.
        tell: Hears, in one line each, who is waited for and who came.

    Raises:
        UserError: This machine has not that address; or, within the context, what ended another machine's share.
    """
    host, port = address(settings)
    with ExitStack() as closing:
        try:
            door = closing.enter_context(socket.create_server((host, port)))
        except OSError as error:
            raise UserError(
                f"training.meet_at: machines cannot meet at {host}:{port} ({error.strerror or error})",
                "name there an address of this machine by which the others reach it, and a port that is free",
            ) from error
        machines = _gathered(door, settings, tell, closing)
        # No later training of another command meets its machines while this one goes on.
        team = Team(host, _free_port(host), settings.machines * settings.processes, settings.processes)
        for place, machine in enumerate(machines, 1):
            share = Team(team.host, team.port, team.count, team.here, place * settings.processes)
            machine.line.sendall(json.dumps({"described": dict(described), "team": asdict(share)}).encode() + b"\n")
        try:
            yield team
        except Gone as gone:
            ended = _what_ended(machines)
            raise (ended or gone) from gone


def address(settings: Settings) -> tuple[str, int]:
    """Where the machines meet: a name or number, and a port.

    Raises:
        UserError: The settings do not say.
    """
    host, _, port = settings.meet_at.rpartition(":")
    if not host:
        raise UserError(
            "training.meet_at is empty",
            "name an address of the machine that trains by which the others reach it, and a free port there: "
            "10.0.0.1:29500",
        )
    return host.strip("[]"), int(port)


def _gathered(
    door: socket.socket, settings: Settings, tell: Callable[[str], object], closing: ExitStack
) -> list[_Machine]:
    wanted = settings.machines - 1
    machines: list[_Machine] = []
    door.settimeout(_POLL_SECONDS)
    tell(
        f"waiting for {wanted} more machine{'s' * (wanted > 1)}: run `{command_line('join')}` in a copy of the project"
    )
    while len(machines) < wanted or not _all_there(machines):
        with suppress(TimeoutError):
            line, (name, *_) = door.accept()
            closing.enter_context(line)
            line.settimeout(_MANNERS_SECONDS)
            with suppress(OSError):
                if line.recv(len(_HELLO), socket.MSG_WAITALL) == _HELLO:
                    machines.append(_Machine(name, line))
                    tell(f"{name} has joined, {len(machines)} of {wanted}")
    return machines


def _all_there(machines: list[_Machine]) -> bool:
    """Calls the roll, and strikes off whoever does not answer."""
    there = [machine for machine in machines if machine.answers()]
    whole = len(there) == len(machines)
    machines[:] = there
    return whole


def _what_ended(machines: list[_Machine]) -> UserError | None:
    """What the machine that failed by itself says, where one does."""
    for machine in machines:
        with suppress(OSError, ValueError), machine.line.makefile("rb") as stream:
            said = json.loads(stream.readline())
            if not said["gone"]:
                return UserError(f"{machine.name}: {said['message']}", said["next_step"])
    return None


class Seat:
    """The connection of a machine that joined; closed with the context that it makes."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._stream: BinaryIO = line.makefile("rb")

    def __enter__(self) -> Self:
        with suppress(OSError):
            self._line.sendall(_HELLO)
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._line.close()

    def share(self) -> Share | None:
        """Waits for what is to be done; None where the meeting broke up before."""
        try:
            while (said := self._stream.readline()) == _CALL:
                self._line.sendall(_CALL)
        except OSError:
            return None
        if not said.endswith(b"\n"):
            return None
        told = json.loads(said)
        return Share(told["described"], Team(**told["team"]))

    def report(self, error: UserError) -> None:
        """Says what ended the share."""
        told = {"message": error.message, "next_step": error.next_step, "gone": isinstance(error, Gone)}
        with suppress(OSError):
            self._line.sendall(json.dumps(told).encode() + b"\n")


def _free_port(host: str) -> int:
    with socket.socket() as opened:
        opened.bind((host, 0))
        return int(opened.getsockname()[1])
