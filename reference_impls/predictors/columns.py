"""What a predictor takes of a table: its columns, in their kinds, with no hole that a library would stumble over."""

import difflib
from collections.abc import Mapping

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types

from ..history.base import FARTHEST, Kind
from ..project_base.errors import UserError

MISSING = ""
"""Stands for a missing category or text: being missing is a value of its own."""


def table_of(features: pd.DataFrame, kinds: Mapping[str, Kind]) -> pd.DataFrame:
    """The columns that a predictor needs, [n, columns]: float64 (NaN missing), or object of str.

    Args:
        features: May have more columns, in any order.
        kinds: Of each column that is needed, in the order of the result.

    Raises:
        UserError: Columns are missing, or hold another kind of value; all of them are named.
    """
    have = [str(name) for name in features.columns]
    if absent := [name for name in kinds if name not in have]:
        spare = [name for name in have if name not in kinds]
        raise UserError(
            "; ".join(_absent(name, spare) for name in absent),
            f"give the columns that the model was trained on: {', '.join(kinds)}",
        )
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    if len(numbers) == len(kinds) and all(features[name].dtype == np.float64 for name in numbers):
        return _bounded(features if have == numbers else features[numbers])
    problems: list[str] = []
    made = {name: _column(features[name], name, kind, problems) for name, kind in kinds.items()}
    if problems:
        raise UserError("; ".join(problems), "give these columns as in training, or train the model again")
    return pd.DataFrame(made, index=pd.RangeIndex(len(features)))


def _bounded(numbers: pd.DataFrame) -> pd.DataFrame:
    far = (np.abs(numbers.to_numpy()) > FARTHEST).any()
    return numbers.clip(-FARTHEST, FARTHEST) if far else numbers


def _column(values: pd.Series, name: str, kind: Kind, problems: list[str]) -> pd.Series:
    if kind == "number":
        try:
            made = values.to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError):
            problems.append(f"the column {name} holds {_example(values)!r}, and numbers in training")
            made = np.empty(0)
        return pd.Series(np.clip(made, -FARTHEST, FARTHEST)) if len(made) == len(values) else values
    cells = values.to_numpy(dtype=object)
    holes = pd.isna(cells)
    if holes.any():
        cells = np.where(holes, MISSING, cells)
    # Numbers where names stood are other names: a category 3 is not the category "3" by chance.
    if len(cells) and not isinstance(cells[0], str):
        problems.append(f"the column {name} holds {cells[0]!r}, and {kind} values (texts) in training")
    return pd.Series(cells, dtype=object)


def _example(values: pd.Series) -> object:
    for value in values:
        try:
            float(value)
        except (TypeError, ValueError):
            return value
    return values.iloc[0]


def _absent(name: str, spare: list[str]) -> str:
    near = difflib.get_close_matches(name, spare, 1, cutoff=0.6)
    return f"the column {name} is missing" + (f" (was it renamed to {near[0]}?)" if near else "")
