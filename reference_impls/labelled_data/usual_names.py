"""Which column holds what: as the settings say, or by the names that such columns usually have."""

import difflib
import re
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
        found = _set_column(wanted, known)
        if found is None:
            raise no_set_columns([part], known, settings)
        return found
    by_name = {name.casefold(): name for name in reversed(known)}
    return next((by_name[name] for name in USUAL[part] if name in by_name), None)


def _set_column(wanted: str, known: list[str]) -> str | None:
    if wanted in known or (wanted.partition(".")[0] in known):
        return wanted
    alike = [name for name in known if name.casefold().strip() == wanted.casefold()]
    return alike[0] if len(alike) == 1 else None


def set_but_missing(parts: Iterable[str], columns: Iterable[str], settings: Settings) -> list[str]:
    """Those of the parts for which the settings name a column that is not there.

    Args:
        parts: Keys of `USUAL`.
        columns: All columns of the file.
        settings: May name columns.
    """
    known = list(columns)
    return [part for part in parts if getattr(settings, part) and _set_column(getattr(settings, part), known) is None]


def no_set_columns(parts: Iterable[str], columns: Iterable[str], settings: Settings, where: str = "") -> UserError:
    """What is told where the settings name columns that are not there, with the one that each is nearest to.

    Args:
        parts: Those of `set_but_missing`.
        columns: All columns of the file.
        settings: As they stand in config.yaml.
        where: The file; empty where nobody knows it.
    """
    known, told, keys = list(columns), [], [f"labelled_data.{part}" for part in parts]
    for key in keys:
        wanted = getattr(settings, key.partition(".")[2])
        near = difflib.get_close_matches(wanted, known, n=1, cutoff=0.5)
        told.append(f"no column {wanted} ({key}{f'; did you mean {near[0]}?' if near else ''})")
    return UserError(
        f"{f'{where}: ' if where else ''}{' and '.join(told)}; there are: {shown_columns(known)}",
        f"set {' and '.join(keys)} in config.yaml to {'columns that are' if len(keys) > 1 else 'one that is'} there",
    )


def likely_column(part: str, columns: Iterable[str]) -> str | None:
    """The column whose name has a usual name of the part as one of its words, such as body_text; None for none."""
    for name in columns:
        words = {word.casefold() for word in re.findall(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+", name)}
        if not words.isdisjoint(USUAL[part]):
            return name
    return None


def no_column(parts: Iterable[str], columns: Iterable[str], where: str) -> UserError:
    """What is told where none of several parts has a column."""
    wanted, known = list(parts), list(columns)
    tried = "; ".join(f"{part}: {', '.join(USUAL[part])}" for part in wanted)
    likely = [f"{name} for the {part}" for part in wanted if (name := likely_column(part, known)) is not None]
    hint = f"; did you mean {' and '.join(likely)}?" if likely else ""
    return UserError(
        f"{where} has no column for the {' or the '.join(wanted)} (looked for {tried}); there are: "
        f"{shown_columns(known)}{hint}",
        f"set {' and '.join(f'labelled_data.{part}' for part in wanted)} in config.yaml to the right "
        f"{'columns' if len(wanted) > 1 else 'column'}",
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
