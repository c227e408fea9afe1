"""What is compared of a column: its rows as bins, levels or words, in one form for all tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from numpy.typing import NDArray
from scipy.stats import chi2_contingency, ks_2samp  # type: ignore[import-untyped]  # scipy has no types
from sklearn.feature_extraction.text import HashingVectorizer  # type: ignore[import-untyped]  # no types

from .base import Aspect, Kind
from .psi import binned, index, quantile_edges

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

GRID = 32
"""Bins of the Kolmogorov-Smirnov statistic: it is taken at the 31 quantiles of both sides together."""
_LEVELS = 50
_FEWEST_OF_A_LEVEL = 5
_BUCKETS = 256


@dataclass(frozen=True, eq=False)
class Compared:
    """One aspect of a column, of the reference and of the current rows.

    Attributes:
        column: Its name.
        kind: What it holds.
        aspect: What is compared of it.
        ordered: Whether the codes have an order: Kolmogorov-Smirnov, else chi-square.
        width: How many codes there are.
        reference: The code of each row, int64 [n]; of words a sparse matrix [n, width] of 0 and 1.
        current: The same of the current rows.
        index_reference: Rows by bin of the stability index, float64 [bins].
        index_current: The same of the current rows.
        index_codes: Bin of each row of both sides, int64 [n], [m]; None where the codes are the bins.
        missing: Share of missing values on both sides.
        p_if_independent: p of the textbook test.
        unseen: Levels of a category that the reference does not have, the commonest first.
        unseen_rows: Current rows that have one of these.
    """

    column: str
    kind: Kind
    aspect: Aspect
    ordered: bool
    width: int
    reference: Any
    current: Any
    index_reference: Floats
    index_current: Floats
    index_codes: tuple[Codes, Codes] | None
    missing: tuple[float, float]
    p_if_independent: float
    unseen: tuple[str, ...] = ()
    unseen_rows: int = 0

    @property
    def psi(self) -> float:
        """The population stability index."""
        return float(index(self.index_reference, self.index_current))


def aspects_of(column: str, kind: Kind, reference: Any, current: Any, bins: int) -> list[Compared]:
    """What is compared of a column.

    Args:
        column: Its name.
        kind: number, category or text.
        reference: Its values, [n], as `history.base.History` has them.
        current: The same, [m].
        bins: Of the stability index.
    """
    if kind == "number":
        return [_ordered(column, kind, "values", _numbers(reference), _numbers(current), bins)]
    first, second = _missing_as_none(reference), _missing_as_none(current)
    if kind == "category":
        return [_levels(column, first, second)]
    lengths = [
        np.array([np.nan if text is None else len(text) for text in side], dtype=np.float64) for side in (first, second)
    ]
    return [_ordered(column, kind, "length", lengths[0], lengths[1], bins), _words(column, first, second)]


def _numbers(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float64)


def _missing_as_none(values: Any) -> list[str | None]:
    return [value if isinstance(value, str) else None for value in values]


def _ordered(column: str, kind: Kind, aspect: Aspect, reference: Floats, current: Floats, bins: int) -> Compared:
    held, now = reference[~np.isnan(reference)], current[~np.isnan(current)]
    grid = quantile_edges(np.concatenate([held, now]), GRID)
    # The bins of the index are quantiles of the reference, as is usual; those of the test are quantiles of both, since
    # permuting must treat the two sides alike.
    edges = quantile_edges(held, bins)
    index_codes = binned(reference, edges), binned(current, edges)
    width = len(edges) + 2
    return Compared(
        column=column,
        kind=kind,
        aspect=aspect,
        ordered=True,
        width=GRID + 1,
        reference=binned(reference, grid),
        current=binned(current, grid),
        index_reference=np.bincount(index_codes[0], minlength=width).astype(np.float64),
        index_current=np.bincount(index_codes[1], minlength=width).astype(np.float64),
        index_codes=index_codes,
        missing=(_share(np.isnan(reference)), _share(np.isnan(current))),
        p_if_independent=float(ks_2samp(held, now, method="asymp").pvalue) if len(held) and len(now) else 1.0,
    )


def _levels(column: str, reference: Sequence[str | None], current: Sequence[str | None]) -> Compared:
    values = np.empty(len(reference) + len(current), dtype=object)
    values[:] = [*reference, *current]
    codes, names = pd.factorize(values)
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    # The rare levels, of both sides together, are one: a difference of a row or two says nothing of each.
    common = [level for level in np.argsort(-counts, kind="stable")[:_LEVELS] if counts[level] >= _FEWEST_OF_A_LEVEL]
    place = np.ones(len(names) + 1, dtype=np.int64)
    place[common] = np.arange(2, 2 + len(common))
    place[-1] = 0
    found = place[codes]
    first, second = found[: len(reference)], found[len(reference) :]
    width = 2 + len(common)
    known = set(codes[: len(reference)].tolist())
    later = codes[len(reference) :]
    fresh = [code for code in np.argsort(-counts, kind="stable").tolist() if code not in known]
    by_level = [np.bincount(side, minlength=width).astype(np.float64) for side in (first, second)]
    return Compared(
        column=column,
        kind="category",
        aspect="values",
        ordered=False,
        width=width,
        reference=first,
        current=second,
        index_reference=by_level[0],
        index_current=by_level[1],
        index_codes=None,
        missing=(_share(first == 0), _share(second == 0)),
        p_if_independent=_chi_square_p(*by_level),
        unseen=tuple(str(names[code]) for code in fresh),
        unseen_rows=int(np.isin(later, fresh).sum()),
    )


def _words(column: str, reference: Sequence[str | None], current: Sequence[str | None]) -> Compared:
    count = HashingVectorizer(n_features=_BUCKETS, alternate_sign=False, norm=None, binary=True, dtype=np.float32)
    sides = [count.transform([text or "" for text in side]) for side in (reference, current)]
    by_word = [np.asarray(side.sum(axis=0), dtype=np.float64).ravel() for side in sides]
    return Compared(
        column=column,
        kind="text",
        aspect="words",
        ordered=False,
        width=_BUCKETS,
        reference=sides[0],
        current=sides[1],
        index_reference=by_word[0],
        index_current=by_word[1],
        index_codes=None,
        missing=(_share([text is None for text in reference]), _share([text is None for text in current])),
        p_if_independent=_chi_square_p(*by_word),
    )


def _chi_square_p(reference: Floats, current: Floats) -> float:
    table = np.stack([reference, current])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] < 2 or not table.sum(axis=1).all():
        return 1.0
    return float(chi2_contingency(table, correction=False).pvalue)


def _share(which: Any) -> float:
    return float(np.mean(which)) if len(which) else 0.0
