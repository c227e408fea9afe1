"""Where evaluations stand: one JSON file for each version, and its model card beside it."""

from pathlib import Path

from ...project_base.documents import read_document
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
    again = f"make it again: {command_line(f'evaluate {version}')}"
    return read_document(evaluation_file(runs_folder, version), ModelEvaluation, SCHEMA, "evaluation of a model", again)
