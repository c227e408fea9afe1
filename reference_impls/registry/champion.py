"""champion.json: replacing this one file is what puts a version in service."""

from collections.abc import Callable
from pathlib import Path

from ..project_base.files import write_bytes
from ..project_base.rooms import command_line
from .records import CHAMPION, ChampionRecord, DamagedRecordError, Event, now, read_record, write_record


def read_champion(folder: Path) -> ChampionRecord | None:
    """Which version of a registry is in service and what was before; None before the first promotion.

    Raises:
        UserError: champion.json is damaged, of a newer format, or cannot be read.
    """
    return read_record(
        folder / CHAMPION,
        ChampionRecord,
        f"put a version in service, which begins a new history: {command_line('promote VERSION --force')}",
    )


def mend_champion(folder: Path, tell: Callable[[str], object]) -> ChampionRecord | None:
    """Like `read_champion`, but keeps a copy of a damaged file and gives None for it.

    Raises:
        UserError: champion.json is of a newer format, or cannot be read.
        OSError: The copy cannot be written.
    """
    try:
        return read_champion(folder)
    except DamagedRecordError as error:
        kept = folder / f"champion-damaged-{now().replace(':', '')}.json"
        write_bytes(kept, (folder / CHAMPION).read_bytes())
        tell(f"{error.message}; a copy is kept as {kept}")
        return None


def add_event(folder: Path, record: ChampionRecord | None, event: Event) -> Event:
    """Puts the version of an event in service.

    Raises:
        OSError: No permission or no space; the version in service stays.
    """
    events = (*(record.events if record else ()), event)
    write_record(folder / CHAMPION, ChampionRecord(version=event.version, events=events))
    return event
