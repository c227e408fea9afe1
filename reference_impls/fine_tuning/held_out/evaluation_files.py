"""Where evaluations stand: one JSON file for each version, and its model card beside it."""

import json
from pathlib import Path

from pydantic import ValidationError

from ...project_base.errors import UserError
from ...project_base.files import write_text
from ...project_base.rooms import command_line
from .model_evaluation import SCHEMA, ModelEvaluation

FOLDER = "evaluation"


def evaluation_file(runs_folder: Path, version: str) -> Path:
    """Where the evaluation of a version stands; the model card stands beside it, as .md."""
    return runs_folder / FOLDER / f"{version}.json"


def write_evaluation(runs_folder: Path, evaluation: ModelEvaluation, card: str) -> Path:
    """Writes the model card and then the evaluation, which makes the version fit to be promoted.

    Returns:
        The file of the evaluation.

    Raises:
        OSError: No permission or no space; former files stand then.
    """
    file = evaluation_file(runs_folder, evaluation.version)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file.with_suffix(".md"), card)
    write_text(file, evaluation.to_json())
    return file


def read_evaluation(runs_folder: Path, version: str) -> ModelEvaluation | None:
    """The evaluation of a version, or None where there is none.

    Raises:
        UserError: The file is damaged or of another format.
    """
    file = evaluation_file(runs_folder, version)
    again = f"make it again: {command_line(f'evaluate {version}')}"
    try:
        content = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UserError(f"the evaluation {file} cannot be read: {error.strerror}", again) from error
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file} is no evaluation of a model: it is not JSON", again) from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        named = "it names no schema" if schema is None else f"its schema is {schema!r:.40}"
        raise UserError(f"{file} is no evaluation with the schema '{SCHEMA}': {named}", again)
    try:
        return ModelEvaluation.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{file} is damaged: {place}: {first['msg']}", again) from error
