"""Reads JSON files: documents that a command wrote and that name their schema, and records that people wrote."""

import json
from pathlib import Path
from typing import Protocol, TypeVar, cast

from pydantic import BaseModel, ValidationError

from .errors import UserError

_SHOWN = 10
_MARGIN = "\n       "

Document = TypeVar("Document", bound=BaseModel)


class _Named(Protocol):
    id: str


def read_document(file: Path, model: type[Document], schema: str, called: str, again: str) -> Document | None:
    """Reads a document that a command wrote; None where there is no such file.

    Args:
        file: Where it stands.
        model: Its form.
        schema: The value of its key `schema`.
        called: What messages call it: "evaluation of a model".
        again: The next step where it cannot be used.

    Raises:
        UserError: It cannot be read, is something else, of another schema or damaged.
    """
    try:
        content = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UserError(f"the {called} {file} cannot be read: {error.strerror}", again) from error
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file} is no {called}: it is not JSON", again) from error
    found = document.get("schema") if isinstance(document, dict) else None
    if found != schema:
        named = "it names no schema" if found is None else f"its schema is {found!r:.40}"
        raise UserError(f"{file} is no {called} with the schema '{schema}': {named}", again)
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{file} is damaged: {place}: {first['msg']}", again) from error


def read_records(path: Path, model: type[Document], called: str, setting: str, form: str) -> list[Document]:
    """Reads JSON lines of records with an `id` that is theirs alone.

    Args:
        path: Where they stand.
        model: The form of a record.
        called: What messages call the file: "question file".
        setting: The next step where it cannot be read.
        form: The next step where lines are wrong: which keys a line has.

    Raises:
        UserError: The file is missing or empty, or lines in it are wrong; up to ten of them are named.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text (byte {error.start})", "save the file as UTF-8") from error
    except OSError as error:
        raise UserError(f"the {called} {path} cannot be read: {error.strerror}", setting) from error
    records: dict[str, Document] = {}
    problems: list[str] = []
    # Only line feeds end a record: JSON texts may hold other line separators of Unicode.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = model.model_validate_json(line)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            problems.append(f"{path}:{number}: {place + ': ' if place else ''}{first['msg']}")
            continue
        name = cast("_Named", record).id
        if name in records:
            problems.append(f"{path}:{number}: the id {name} is used twice")
        records[name] = record
    if not records and not problems:
        problems.append(f"{path} holds nothing")
    if problems:
        shown = problems[:_SHOWN] + ([f"and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else [])
        raise UserError(_MARGIN.join(shown), form)
    return list(records.values())
