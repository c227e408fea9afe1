"""Reads result files: JSON documents that name their schema."""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from .errors import UserError

Document = TypeVar("Document", bound=BaseModel)


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
