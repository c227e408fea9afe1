"""Ranges: each result holds whatever its parts can make, and what two bills share cancels out."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from advisor.economics.terms import (
    Term,
    between,
    constant,
    larger,
    less,
    rest_of,
    saved,
    smaller,
    total,
    whole,
)

ends = st.tuples(st.floats(0.01, 1e6), st.floats(0.01, 1e6)).map(sorted)


def term(name: str, low: float, high: float) -> Term:
    return Term(low, high, name, (name,))


def reckoned(a: Term, b: Term, c: Term) -> list[Term]:
    return [
        a + b,
        a * b + c,
        (a + b) * c / b,
        less(a, b),
        larger(a, b) * c,
        smaller(a, b) + c,
        between(a, b),
        whole(a / b) * c,
        total([a, b, c]) / constant(1000),
    ]


@given(ends, ends, ends, st.tuples(*[st.floats(0, 1)] * 3))
def test_a_value_within_each_range_gives_a_value_within_the_result(
    a: list[float], b: list[float], c: list[float], at: tuple[float, float, float]
) -> None:
    wide = reckoned(*(term(name, *one) for name, one in zip("abc", (a, b, c), strict=True)))
    inside = [min(low + share * (high - low), high) for (low, high), share in zip((a, b, c), at, strict=True)]
    for one, narrow in zip(wide, reckoned(*(term(n, x, x) for n, x in zip("abc", inside, strict=True))), strict=True):
        slack = 1e-9 * max(1.0, narrow.high)
        assert one.low - slack <= narrow.low <= narrow.high <= one.high + slack, one.text


@given(ends, ends, ends)
def test_the_shown_formula_gives_the_shown_number(a: list[float], b: list[float], c: list[float]) -> None:
    values = {"a": a[0], "b": b[0], "c": c[0]}
    known = {**values, "max": max, "min": min, "ceil": math.ceil, "between": min}
    for one in reckoned(*(term(name, value, value) for name, value in values.items())):
        again = eval(one.text, {"__builtins__": {}}, known)  # noqa: S307  (our own text)
        assert math.isclose(again, one.low, rel_tol=1e-9, abs_tol=1e-9)
        assert set(one.inputs) <= set(values)


def test_no_machine_too_many_for_a_last_digit() -> None:
    queries, rate = term("queries", 1.1, 1.1), term("rate", 0.01, 0.01)
    assert 1.1 / 0.01 == 110 < 1.1 * (1 / 0.01)
    assert whole(queries / rate).high == 110


def test_what_both_sides_share_cancels_out() -> None:
    price, answer = term("price", 2, 5), term("answer", 100, 400)
    long, short = term("long", 5000, 5000), term("short", 100, 200)
    # (5000 + answer) x price - (short + answer) x price = 5000 x price - short x price, with the price open in each:
    # from 5000 x 2 - 200 x 5 = 9000 to 5000 x 5 - 100 x 2 = 24800. The answer plays no part.
    assert saved((long + answer) * price, (short + answer) * price) == (9000, 24800)
    assert saved(price * answer, price * answer) == (0, 0)


def test_a_range_without_end_stays_one() -> None:
    open_end = term("queries", 10, math.inf)
    assert (open_end * constant(2) + constant(1)).high == math.inf
    assert (constant(1) / open_end).low == 0
    assert (open_end * constant(0)).high == 0
    assert rest_of(term("share", 0.25, 0.5)).low == 0.5
