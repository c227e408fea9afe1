"""Whether the trees of a model lead to leaves: compiled code follows their numbers without looking where they point."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[Any]


def unsound(model: Any) -> str:
    """What is wrong with the trees of a model that was read from a file; empty where all is well, or it has none.

    Children must stand behind their parent, within the tree, and a node may ask only for a column that the model has.

    Args:
        model: A fitted model of scikit-learn.
    """
    columns = int(getattr(model, "n_features_in_", 0))
    for tree in getattr(model, "estimators_", ()):
        grown = tree.tree_
        if int(grown.n_features) != columns:
            return f"a tree asks for {grown.n_features} columns, and the model has {columns}"
        inner = grown.children_left != -1
        if problem := _problem(inner, grown.children_left, grown.children_right, grown.feature, columns):
            return problem
        if (inner != (grown.children_right != -1)).any():
            return "a node of a tree has one child"
    for nodes, bitsets in _boosted(model):
        inner = nodes["is_leaf"] == 0
        if problem := _problem(inner, nodes["left"], nodes["right"], nodes["feature_idx"], columns):
            return problem
        asked = nodes["bitset_idx"][inner & (nodes["is_categorical"] != 0)]
        if len(asked) and asked.max() >= bitsets:
            return "a node of a tree asks for a set of categories that is not there"
    return ""


def _boosted(model: Any) -> Iterator[tuple[Numbers, int]]:
    """The nodes of each boosted tree, and how many sets of categories it has."""
    for stage in getattr(model, "_predictors", ()):
        for tree in stage:
            yield tree.nodes, min(len(tree.binned_left_cat_bitsets), len(tree.raw_left_cat_bitsets))


def _problem(inner: Numbers, left: Numbers, right: Numbers, feature: Numbers, columns: int) -> str:
    places = np.arange(len(inner))[inner]
    for children in (left[inner].astype(np.int64), right[inner].astype(np.int64)):
        if (children <= places).any() or (children >= len(inner)).any():
            return "a node of a tree leads out of it, or back"
    asked = feature[inner].astype(np.int64)
    return "a node of a tree asks for a column that is not there" if ((asked < 0) | (asked >= columns)).any() else ""
