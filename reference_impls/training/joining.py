"""A machine that joins: it waits for the trainings of another one and does its share of them."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

from ..labelled_data.rungs import Run
from ..project_base.errors import UserError
from ..project_base.rooms import PACKAGE_NAME
from .meeting import Seat, Share, address
from .settings import Settings
from .workers import Gone, work

_AGAIN_SECONDS = 1.0
_PATIENCE_SECONDS = 5.0


def take_part(settings: Settings, tell: Callable[[str], object], *, once: bool) -> None:
    """Waits where the machines meet, does what is asked there, and waits again; nothing is written.

    Args:
        settings: `machines` and `meet_at`.
        tell: Hears, in one line each, what is waited for and what is done.
        once: End after one training.

    Raises:
        UserError: The settings name no other machine, or what ended the share of this one.
    """
    host, port = address(settings)
    if settings.machines == 1:
        raise UserError(
            "training.machines is 1: nothing is shared with other machines",
            "set it to their number in the config.yaml of each of them",
        )
    waiting = ""
    while True:
        if waiting != (waiting := f"waiting at {host}:{port}"):
            tell(waiting)
        line = _connected(host, port)
        if line is None or not _one(line, tell):
            time.sleep(_AGAIN_SECONDS)
        elif once:
            return
        else:
            waiting = ""


def _connected(host: str, port: int) -> socket.socket | None:
    """The meeting, or None where nobody holds one."""
    try:
        line = socket.create_connection((host, port), timeout=_PATIENCE_SECONDS)
    except socket.gaierror as error:
        raise UserError(
            f"training.meet_at: {host} is not known here ({error.strerror})",
            "name an address of the machine that trains, as 10.0.0.1:29500",
        ) from error
    except OSError:
        return None
    line.settimeout(None)
    return line


def _one(line: socket.socket, tell: Callable[[str], object]) -> bool:
    """Does one share; False where the meeting broke up before there was one."""
    with Seat(line) as seat:
        share = seat.share()
        if share is None:
            return False
        try:
            _do(share, tell)
        except Gone as error:
            seat.report(error)
            tell("the training ended without its result, on another machine")
        except UserError as error:
            seat.report(error)
            raise
        else:
            tell("this machine's share is done; the result is where it was asked for")
        return True


def _do(share: Share, tell: Callable[[str], object]) -> None:
    module, function = str(share.described["module"]), str(share.described["function"])
    # What comes over a network calls nothing but what makes a training.
    if not module.startswith(f"{PACKAGE_NAME}.") or function != "make":
        raise UserError(
            f"the machine that trains asks for {module}.{function}, which is no training of this project",
            "copy the project anew from the machine that trains",
        )
    last = share.team.first + share.team.here - 1
    tell(f"a training begins: of {share.team.count} processes, {share.team.first} to {last} are here")
    work(share.described, share.team, Run(Path()))
