"""What a registry writes beside the models: which one is in service and since when, and what is told of each."""

import json
import time
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..project_base.errors import UserError
from ..project_base.files import write_text

CHAMPION = "champion.json"
VERSION = "version.json"
FORMAT_VERSION = 1
"""Of both files."""

Record = TypeVar("Record", bound=BaseModel)


class DamagedRecordError(UserError):
    """One of the files of a registry is not what was written; a newer format is another matter."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Event(_Frozen):
    """One change of the version in service.

    Attributes:
        action: A promotion, or the return to a former version.
        version: The version in service from then on.
        when: UTC, as `2026-01-31T12:00:00Z`.
        why: In the words of whoever did it; may be empty.
        model_sha256: sha256 of the version's model.json, and through it of all its files.
        overruled: Why the promotion was refused at first, where it was forced.
    """

    action: Literal["promote", "rollback"]
    version: str
    when: str
    why: str = ""
    model_sha256: str
    overruled: str = ""


class ChampionRecord(_Frozen):
    """Contents of champion.json, the one place that says which version is in service; its last event is the present.

    Attributes:
        format_version: Version of the layout.
        version: The version in service; repeats the last event for whoever reads the file by eye.
        events: All changes, oldest first.
    """

    format_version: Literal[1] = 1
    version: str
    events: tuple[Event, ...] = Field(min_length=1)

    def before(self) -> list[Event]:
        """The events that put former versions in service, newest first: where `rollback` can return to.

        A promotion adds to the line of versions; a return drops what came after the version that it returned to, so
        that a second one goes further back.
        """
        line: list[Event] = []
        for event in self.events:
            if event.action == "rollback":
                while any(each.version == event.version for each in line) and line[-1].version != event.version:
                    line.pop()
            if not line or line[-1].version != event.version:
                line.append(event)
        return [event for event in reversed(line) if event.version != self.version]


class VersionRecord(_Frozen):
    """Contents of version.json, beside the model.json of a version.

    Attributes:
        format_version: Version of the layout.
        added: When, in UTC.
        model_sha256: sha256 of the version's model.json.
        about: What whoever added it tells of it: task, score, data and the like.
    """

    format_version: Literal[1] = 1
    added: str
    model_sha256: str
    about: dict[str, Any]


def read_record(file: Path, record: type[Record], next_step: str) -> Record | None:
    """Reads one of the files above; None where there is no such file.

    Raises:
        UserError: It is damaged, of a newer format, or cannot be read; with the next step given.
    """
    try:
        content = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}", "change the permissions, then try again") from error
    try:
        return record.model_validate_json(content)
    except ValidationError as error:
        if newer := _newer(content):
            raise UserError(
                f"{file} is of format {newer}, and this version reads format {FORMAT_VERSION}",
                "use the version of the project that wrote it, or a newer one",
            ) from error
        raise DamagedRecordError(f"{file} is damaged", next_step) from error


def write_record(file: Path, record: BaseModel) -> None:
    """Replaces one of the files above in one step.

    Raises:
        OSError: No permission or no space; the old file stands then.
    """
    write_text(file, record.model_dump_json(indent=2) + "\n")


def now() -> str:
    """The time in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _newer(content: bytes) -> int | None:
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return None
    found = told.get("format_version") if isinstance(told, dict) else None
    return found if type(found) is int and found > FORMAT_VERSION else None
