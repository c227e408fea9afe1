"""Amounts in words: ranges as wide as they are, two digits that count, and nothing that costs shown as nothing."""

from __future__ import annotations

from advisor.documents.costs import Amount

__all__ = ["exact", "money", "quantity", "times_thousand"]

_CENT = 0.01
_LONG = 1e15


def money(amount: Amount, currency: str) -> str:
    """A sum of money; what is less than a cent says so."""
    if amount.high is None:
        return f"from {currency} {_cents(amount.low)}"
    if amount.high < _CENT:
        return f"under {currency} {_CENT}"
    if amount.low < _CENT:
        return f"up to {currency} {_cents(amount.high)}"
    return f"{currency} {_ends(_cents(amount.low), _cents(amount.high))}"


def quantity(amount: Amount, unit: str = "") -> str:
    """An amount of anything else, in its unit."""
    if amount.high is None:
        said = f"from {_digits(amount.low)}"
    elif amount.low <= 0:
        said = f"up to {_digits(amount.high)}"
    else:
        said = _ends(_digits(amount.low), _digits(amount.high))
    return f"{said} {unit}".rstrip()


def exact(amount: Amount, unit: str) -> str:
    """An amount as it was reckoned with, so that a reader can do it again."""
    low = f"{amount.low:,.10g}"
    return f"from {low} {unit}" if amount.high is None else f"{_ends(low, f'{amount.high:,.10g}')} {unit}"


def times_thousand(amount: Amount) -> Amount:
    """The amount for a thousand."""
    return Amount(low=amount.low * 1000, high=None if amount.high is None else amount.high * 1000)


def _ends(low: str, high: str) -> str:
    return low if low == high else f"{low} to {high}"


def _cents(number: float) -> str:
    return f"under {_CENT}" if number < _CENT else _digits(number)


def _digits(number: float) -> str:
    """Two digits that count; whole numbers from ten on."""
    if number <= 0:
        return "0"
    rounded = float(f"{number:.2g}")
    return f"{rounded:,.0f}" if 10 <= rounded < _LONG else f"{rounded:g}"
