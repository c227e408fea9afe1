"""The kinds of models, simplest first, and the loader of each.

Nothing heavy is imported before a model is trained or opened.
"""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..project_base.errors import UserError
from ..registry.model_folder import ModelFolder
from .base import KindOfModel, Predictor


@dataclass(frozen=True)
class KindTraits:
    """What can be done with a kind of model.

    Attributes:
        title: How it is told to people.
        incremental: Whether `fitting.update` can go on training it with new rows alone.
        warm: Whether a training can start from a former model.
    """

    title: str
    incremental: bool
    warm: bool


KINDS: Mapping[KindOfModel, KindTraits] = {
    "linear": KindTraits("logistic or ridge regression", incremental=False, warm=True),
    "incremental": KindTraits("linear model by stochastic gradient descent", incremental=True, warm=True),
    "boosting": KindTraits("gradient-boosted trees", incremental=False, warm=False),
    "forest": KindTraits("forest of randomised trees", incremental=False, warm=True),
}
"""All kinds, simplest first: among equals the first is chosen."""

Load = Callable[[ModelFolder], Predictor]


def checked_kind(name: str) -> KindOfModel:
    """The kind of this name.

    Raises:
        UserError: There is none.
    """
    for kind in KINDS:
        if kind == name:
            return kind
    raise UserError(f"{name!r} is no kind of model; there are {', '.join(KINDS)}", "choose one of them")


def _load(folder: ModelFolder) -> Predictor:
    loaded: Predictor = importlib.import_module(".keeping", __package__).load(folder)
    return loaded


LOADERS: Mapping[str, Load] = dict.fromkeys(KINDS, _load)
"""The loader of each kind of model folder that this room writes."""
