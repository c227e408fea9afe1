"""Who may refuse a promotion: every room that has a file gate.py."""

from pathlib import Path

from ..project_base.config import read_sections
from ..project_base.rooms import room_module, rooms_needed, rooms_with
from .registry import Gate
from .version import Version


def gate_of_project(config: Path) -> Gate | None:
    """The gates of all rooms as one, which gives the first reason to refuse; None where no room has one.

    A room takes part by a file gate.py with a function `gate(config: Path) -> Gate`, where the settings have a section
    for it, and no other room that takes part is built of it: that one judges what becomes of both.

    Args:
        config: The project's settings.

    Raises:
        UserError: The settings of a gate are wrong.
    """
    sections = read_sections(config)
    rooms = [room for room in rooms_with("gate.py") if room in sections]
    within = set().union(*(rooms_needed(room) for room in rooms))
    gates: list[Gate] = [room_module(room, "gate").gate(config) for room in rooms if room not in within]

    def first_refusal(candidate: Version, present: Version | None) -> str | None:
        return next((reason for gate in gates if (reason := gate(candidate, present))), None)

    return first_refusal if gates else None
