"""The kinds of model that this room opens; nothing here loads torch."""

from collections.abc import Callable, Mapping

from ..labelled_data.base import Classifier, Tagger
from ..registry.model_folder import ModelFolder
from .onnx_models import KIND, open_onnx

LOADERS: Mapping[str, Callable[[ModelFolder, object], Classifier | Tagger]] = {KIND: open_onnx}
"""How a model folder of each kind is opened."""
