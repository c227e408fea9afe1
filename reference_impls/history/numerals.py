"""Numbers that are written as text: thousands, decimal commas, percent and currency signs."""

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from numpy.typing import NDArray

_SIGNS = re.compile(r"[$€£¥%\s\u00a0\u202f'\u2019]")
_GROUPED_COMMA = re.compile(r"[-+]?\d{1,3}(,\d{3})+(\.\d+)?")
_GROUPED_POINT = re.compile(r"[-+]?\d{1,3}(\.\d{3})+(,\d+)?")
_DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")
_AMBIGUOUS = re.compile(r"[-+]?[1-9]\d{0,2},\d{3}")
_SPACED = re.compile(r"\d[\s\u00a0\u202f'\u2019]\d")
_SPACED_WELL = re.compile(r"[^\d]*\d{1,3}([\s\u00a0\u202f'\u2019]\d{3})+([.,]\d+)?[^\d]*")
_CODE = re.compile(r"0\d+")


class AmbiguousNumbers(Exception):
    """A comma may divide thousands or begin the decimals; the message is an example."""


def numbers_of(texts: Sequence[str], decimal: Literal["auto", "point", "comma"]) -> NDArray[np.float64]:
    """The numbers that texts mean.

    Args:
        texts: [k] Different texts of one column, without missing ones.
        decimal: What stands before the decimals; auto takes what fits all of them.

    Returns:
        [k] float64; NaN where a text is no number.

    Raises:
        AmbiguousNumbers: Both readings fit, and they differ.
    """
    if decimal != "comma":
        values = _parsed(list(texts))
        if not np.isnan(values).any():
            return values
    cleaned = [_cleaned(text) for text in texts]
    if decimal == "comma" or (decimal == "auto" and _decimal_commas(cleaned)):
        return _parsed([_with_point(text) for text in cleaned])
    return _parsed([text.replace(",", "") if _GROUPED_COMMA.fullmatch(text) else text for text in cleaned])


def is_code(texts: Sequence[str]) -> bool:
    """Whether numerals are rather a code (a postal code, an account): leading zeros that a number would lose."""
    return any(_CODE.fullmatch(text) for text in [text for text in texts if text.startswith("0")])


def _parsed(texts: list[str]) -> NDArray[np.float64]:
    values: NDArray[np.float64] = pd.to_numeric(pd.Series(texts, dtype=object), errors="coerce").to_numpy(np.float64)
    return values


def _cleaned(text: str) -> str:
    if _SPACED.search(text) and not _SPACED_WELL.fullmatch(text):
        return text
    return _SIGNS.sub("", text)


def _decimal_commas(texts: Sequence[str]) -> bool:
    with_comma = [text for text in texts if "," in text]
    if not with_comma:
        return False
    grouped = all(_GROUPED_COMMA.fullmatch(text) for text in with_comma)
    as_decimals = all(_DECIMAL_COMMA.fullmatch(text) or _GROUPED_POINT.fullmatch(text) for text in with_comma)
    # 12.5 beside 1,234 leaves only thousands; 1.234 beside 1,5 only decimals.
    points = any(re.fullmatch(r"[-+]?\d*\.(\d{1,2}|\d{4,})", text) for text in texts)
    if grouped and as_decimals and not points:
        raise AmbiguousNumbers(next((text for text in with_comma if _AMBIGUOUS.fullmatch(text)), with_comma[0]))
    return as_decimals and not grouped


def _with_point(text: str) -> str:
    return text.replace(".", "").replace(",", ".") if _GROUPED_POINT.fullmatch(text) else text.replace(",", ".")
