"""Tells one replay from another, so that none goes on from the work of another."""

import hashlib
from collections.abc import Sequence
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..drift.settings import Settings as DriftSettings
from ..history.base import History
from ..history.windows import Window
from ..predictors.settings import Settings as PredictorSettings
from ..project_base.rooms import rooms_needed
from .tasks import digest

_PACKAGE = Path(__file__).parents[1]
_ROOM = "replay"
_LIBRARIES = ("numpy", "pandas", "scikit-learn", "scipy")
_LIBRARIES_OF_VECTORS = ("onnxruntime", "tokenizers", "torch", "transformers")
"""Those of them that are there."""


def sha256_of_history(history: History) -> str:
    """A sha256 over all that models and judges see of a history: columns, values, moments and labels."""
    found = hashlib.sha256(repr((history.task, history.clock, dict(history.kinds))).encode())
    for name in history.features.columns:
        found.update(digest(str(name), _bytes(history.features[name].to_numpy())).encode())
    for values in (history.time, history.known, history.target):
        found.update(digest(_bytes(values)).encode())
    return found.hexdigest()


def replay_digest(
    data_sha256: str, windows: Sequence[Window], predictors: PredictorSettings, drift: DriftSettings, seed: int
) -> str:
    """A sha256 over all that the tasks of a replay depend on beside themselves.

    Args:
        data_sha256: Of the history.
        windows: Of the history.
        predictors: Settings of the models.
        drift: Settings of the looks.
        seed: Of the models.
    """
    code = [(room, _code(_PACKAGE / room)) for room in sorted({_ROOM, *rooms_needed(_ROOM)})]
    libraries = [(name, version(name)) for name in _LIBRARIES]
    if predictors.texts == "vectors":
        libraries += [(name, version(name)) for name in _LIBRARIES_OF_VECTORS if find_spec(name)]
    spans = [(window.start, window.stop, window.begins) for window in windows]
    return digest(data_sha256, spans, predictors.model_dump_json(), drift.model_dump_json(), seed, code, libraries)


def _bytes(values: np.ndarray) -> bytes:
    if values.dtype != object:
        return np.ascontiguousarray(values).tobytes()
    return repr(values.tolist()).encode()


def _code(room: Path) -> str:
    found = hashlib.sha256()
    for path in sorted(room.glob("*.py")):
        found.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()
