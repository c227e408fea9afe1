"""Which column holds what: as the settings say, or by the names that such columns usually have."""

import difflib
from collections.abc import Iterable, Mapping

from ..project_base.errors import UserError
from .settings import Settings

USUAL: Mapping[str, tuple[str, ...]] = {
    "text": ("text", "message", "sentence", "utterance", "content", "body", "document", "comment", "review", "tokens"),
    "label": ("label", "category", "intent", "class", "target", "topic", "sentiment", "labels"),
    "spans": ("spans", "entities", "annotations"),
    "instruction": ("instruction", "prompt", "question"),
    "input": ("input", "context"),
    "response": ("response", "output", "completion", "answer"),
    "messages": ("messages", "conversation"),
    "system": ("system",),
    "group": ("group",),
    "time": ("time", "date", "timestamp", "datetime", "created_at", "received"),
}
"""Usual names by the setting that names the column, likeliest first; compared without regard to case."""

_SHOWN = 12


def is_known(name: str, settings: Settings) -> bool:
    """Whether a cell of a first row is the name of a column, one that is set or a usual one."""
    given = {getattr(settings, part) for part in USUAL}
    return name in given or any(name.casefold() in names for names in USUAL.values())


def find_column(part: str, columns: Iterable[str], settings: Settings) -> str | None:
    """The column that holds a part of the examples, or None where none has a usual name for it.

    Args:
        part: A key of `USUAL`, which is the name of the setting too.
        columns: All columns of the file.
        settings: May name the column.

    Raises:
        UserError: The settings name a column that is not there.
    """
    known = list(columns)
    wanted: str = getattr(settings, part)
    if wanted:
        return _set_column(part, wanted, known)
    by_name = {name.casefold(): name for name in reversed(known)}
    return next((by_name[name] for name in USUAL[part] if name in by_name), None)


def _set_column(part: str, wanted: str, known: list[str]) -> str:
    if wanted in known or (wanted.partition(".")[0] in known):
        return wanted
    alike = [name for name in known if name.casefold().strip() == wanted.casefold()]
    if len(alike) == 1:
        return alike[0]
    near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise UserError(
        f"no column {wanted} (labelled_data.{part}); there are: {shown_columns(known)}{hint}",
        f"set labelled_data.{part} in config.yaml to one of them",
    )


def no_column(parts: Iterable[str], columns: Iterable[str], where: str) -> UserError:
    """What is told where none of several parts has a column."""
    wanted = list(parts)
    tried = "; ".join(f"{part}: {', '.join(USUAL[part])}" for part in wanted)
    return UserError(
        f"{where} has no column for the {' or the '.join(wanted)} (looked for {tried}); there are: "
        f"{shown_columns(list(columns))}",
        f"set {' or '.join(f'labelled_data.{part}' for part in wanted)} in config.yaml to the right column",
    )


def shown_columns(columns: list[str]) -> str:
    """The columns of a file for a message, not more than a dozen."""
    more = f" and {len(columns) - _SHOWN} more" if len(columns) > _SHOWN else ""
    return ", ".join(columns[:_SHOWN]) + more


def value_at(values: Mapping[str, object], column: str) -> object:
    """The value of a column; `instances.0.input` leads into nested JSON. None where there is nothing."""
    if column in values:
        return values[column]
    found: object = values
    for step in column.split("."):
        if isinstance(found, Mapping):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal():
            found = found[int(step)] if int(step) < len(found) else None
        else:
            return None
    return found
