"""From the columns of a table to what a model computes with; everything is learnt from the training rows alone."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer  # type: ignore[import-untyped]  # scikit-learn has no types
from sklearn.decomposition import TruncatedSVD  # type: ignore[import-untyped]
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer  # type: ignore[import-untyped]
from sklearn.impute import SimpleImputer  # type: ignore[import-untyped]
from sklearn.pipeline import make_pipeline  # type: ignore[import-untyped]
from sklearn.preprocessing import (  # type: ignore[import-untyped]
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from ..history.base import Kind
from .base import KindOfModel
from .settings import Settings, embedding_of
from .vectors import TextVectors
from .words import WordCounts

_DIMENSIONS = 32
"""To how many dimensions trees see a text: they look at one at a time, and at thousands in vain."""
_WHOLE_CELL = r"(?s)\A.*\Z"
_PLACES = 512
"""Places of a category's values in the incremental kind, which cannot know the values to come."""


def preparation(kinds: Mapping[str, Kind], kind: KindOfModel, settings: Settings, seed: int) -> Any:
    """What prepares the columns for a kind of model, not fitted yet.

    Args:
        kinds: Of each column that holds something in the training rows; others are left out.
        kind: Of the model.
        settings: What is told apart.
        seed: Of the projection of texts.
    """
    numbers = [name for name, each in kinds.items() if each == "number"]
    categories = [name for name, each in kinds.items() if each == "category"]
    steps: list[tuple[str, Any, Any]] = []
    if numbers:
        steps.append(("numbers", _numbers(kind), numbers))
    if categories and kind == "incremental":
        steps += [(f"category {place}", _hashed_category(), name) for place, name in enumerate(categories)]
    elif categories:
        steps.append(("categories", _categories(kind, settings), categories))
    for place, name in enumerate(name for name, each in kinds.items() if each == "text"):
        steps.append((f"text {place}", _text(kind, settings, seed), name))
    return ColumnTransformer(steps, sparse_threshold=0.3, verbose_feature_names_out=False)


def categorical_places(kinds: Mapping[str, Kind]) -> list[int]:
    """Where the kind boosting finds the categories among the prepared columns."""
    numbers = sum(each == "number" for each in kinds.values())
    return [numbers + place for place in range(sum(each == "category" for each in kinds.values()))]


def _numbers(kind: KindOfModel) -> Any:
    if kind == "boosting":
        # These trees have a way of their own for what is missing.
        return "passthrough"
    impute = SimpleImputer(strategy="median", add_indicator=True)
    if kind == "forest":
        return impute
    # A linear model follows a value as far out as it lies. The inverse hyperbolic sine is nearly the identity for the
    # middle nine tenths of a column and a logarithm far outside, whatever the sign: Burbidge, Magee, Robb (1988),
    # Alternative transformations to handle extreme values of the dependent variable.
    middle = RobustScaler(quantile_range=(5.0, 95.0))
    return make_pipeline(impute, middle, FunctionTransformer(np.arcsinh), StandardScaler())


def _categories(kind: KindOfModel, settings: Settings) -> Any:
    rare = {"min_frequency": settings.fewest_of_category, "max_categories": settings.most_categories}
    if kind == "linear":
        return OneHotEncoder(handle_unknown="infrequent_if_exist", **rare)
    unknown = np.nan if kind == "boosting" else -1
    return OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=unknown, **rare)


def _hashed_category() -> Any:
    # The whole cell is one word. The place of a value that is new later on stands ready.
    return HashingVectorizer(
        token_pattern=_WHOLE_CELL, lowercase=False, n_features=_PLACES, alternate_sign=False, norm=None
    )


def _text(kind: KindOfModel, settings: Settings, seed: int) -> Any:
    if settings.texts == "vectors":
        parts: list[Any] = [TextVectors(embedding_of(settings).model_dump_json())]
    else:
        parts = [WordCounts(settings.word_features), TfidfTransformer(sublinear_tf=True)]
    if kind in {"forest", "boosting"}:
        parts.append(TruncatedSVD(_DIMENSIONS, n_iter=2, random_state=seed))
    return make_pipeline(*parts)
