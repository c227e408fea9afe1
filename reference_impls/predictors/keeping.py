"""How predictors are kept: skops files, whose types are checked against a fixed list before they are loaded."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ..history.base import Kind, Task
from ..project_base.errors import UserError
from ..project_base.optional import require
from ..registry.model_folder import ModelFolder, check_file
from .base import KindOfModel, Predictor
from .table_predictor import TablePredictor
from .tree_soundness import unsound

ABOUT, PREPARING, MODEL = "predictor.json", "preparing.skops", "model.skops"
FORMAT_VERSION = 1

_ROOM = __package__ or ""
TRUSTED = frozenset(
    {
        f"{_ROOM}.words.WordCounts",
        f"{_ROOM}.vectors.TextVectors",
        "functools.partial",
        "numpy.dtype",
        "sklearn._loss.link.Interval",
        "sklearn._loss.link.IdentityLink",
        "sklearn._loss.link.LogitLink",
        "sklearn._loss.link.MultinomialLogit",
        "sklearn._loss.loss.AbsoluteError",
        "sklearn._loss.loss.HalfBinomialLoss",
        "sklearn._loss.loss.HalfMultinomialLoss",
        "sklearn.compose._column_transformer._RemainderColsList",
        "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.tree._tree.Tree",
        "sklearn.utils.validation.check_array",
    }
)
"""What the files may hold beside what skops trusts itself; none of these runs code of its own when it is made.

A partial function holds another one, whose name is checked like any other.
"""

_AGAIN = "take another version of the model, or train it again"


class PredictorAbout(BaseModel):
    """What is kept of a predictor beside its two skops files; contents of predictor.json."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format_version: int = FORMAT_VERSION
    task: Task
    kind: KindOfModel
    classes: tuple[str, ...]
    kinds: Mapping[str, Kind]
    centre: float
    scale: float
    slope: float
    shift: tuple[float, ...]
    rows: int


def write(predictor: Predictor, folder: Path) -> None:
    """Writes a predictor's files into a folder, for `registry.write_model`.

    Args:
        predictor: Made by this room.
        folder: Stands already, and holds no files of these names.

    Raises:
        OSError: No permission, no space.
        TypeError: It is no model of this room, or holds a type that `load` would refuse.
    """
    if not isinstance(predictor, TablePredictor):
        raise TypeError("only models of this room can be kept by it")
    skops: Any = require("skops.io", "skops>=0.11")
    about = PredictorAbout(
        task=predictor.task,
        kind=predictor.kind,
        classes=predictor.classes,
        kinds=dict(predictor.kinds),
        centre=predictor.centre,
        scale=predictor.scale,
        slope=predictor.slope,
        shift=predictor.shift,
        rows=predictor.rows,
    )
    (folder / ABOUT).write_text(about.model_dump_json(indent=2) + "\n", encoding="utf-8", newline="\n")
    for name, part in ((PREPARING, predictor.preparing), (MODEL, predictor.model)):
        skops.dump(part, folder / name, compression=zipfile.ZIP_DEFLATED, compresslevel=1)
        if strange := set(skops.get_untrusted_types(file=folder / name)) - TRUSTED:
            raise TypeError(f"{name} holds {', '.join(sorted(strange))}, which would not be loaded again")


def load(folder: ModelFolder) -> TablePredictor:
    """The predictor of a model folder.

    Raises:
        UserError: A file is missing or differs from what was written, or holds a type that no predictor holds.
    """
    for name in (ABOUT, PREPARING, MODEL):
        if name not in folder.files:
            raise UserError(f"the model {folder.path} has no file {name}", _AGAIN)
        check_file(folder, name)
    try:
        about = PredictorAbout.model_validate_json((folder.path / ABOUT).read_bytes())
    except ValidationError as error:
        raise UserError(f"{folder.path / ABOUT} is damaged: {_first(error)}", _AGAIN) from error
    if about.format_version != FORMAT_VERSION:
        raise UserError(
            f"{folder.path / ABOUT} is of format {about.format_version}, and this version reads {FORMAT_VERSION}",
            "open the model with the version of the project that wrote it",
        )
    if about.kind != folder.kind:
        raise UserError(f"{folder.path} says it is of the kind {folder.kind}, and holds a {about.kind}", _AGAIN)
    model = _opened(folder.path / MODEL)
    if problem := unsound(model):
        raise UserError(f"{folder.path / MODEL} is damaged: {problem}", _AGAIN)
    return TablePredictor(
        preparing=_opened(folder.path / PREPARING),
        model=model,
        **about.model_dump(exclude={"format_version"}),
    )


def _opened(file: Path) -> Any:
    skops: Any = require("skops.io", "skops>=0.11")
    try:
        strange = set(skops.get_untrusted_types(file=file)) - TRUSTED
    except Exception as error:
        # What is no skops file ends in many exception types.
        raise UserError(f"{file} is no file of skops: {_first(error)}", _AGAIN) from error
    if strange:
        raise UserError(
            f"{file} holds {', '.join(sorted(strange)[:3])}, which no model of this project holds",
            "do not use this model: it may run code that somebody put in; train it again",
        )
    try:
        return skops.load(file, trusted=sorted(TRUSTED))
    except Exception as error:
        raise UserError(
            f"{file} cannot be loaded by this version of scikit-learn: {_first(error)}",
            "install the versions that its model.json names under made_with, or train the model again",
        ) from error


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
