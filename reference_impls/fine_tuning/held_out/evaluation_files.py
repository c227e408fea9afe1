"""Reads the evaluations of versions, which stand where `registry.evaluations` writes them."""

from pathlib import Path

from ...project_base.documents import read_document
from ...project_base.rooms import command_line
from ...registry.evaluations import evaluation_file
from .model_evaluation import SCHEMA, ModelEvaluation


def read_evaluation(runs_folder: Path, version: str) -> ModelEvaluation | None:
    """The evaluation of a version, or None where there is none.

    Raises:
        UserError: The file is damaged or of another format.
    """
    again = f"make it again: {command_line(f'evaluate {version}')}"
    return read_document(evaluation_file(runs_folder, version), ModelEvaluation, SCHEMA, "evaluation of a model", again)
