import numpy as np
import pytest
from numpy.typing import NDArray

from ...project_base.errors import UserError
from ..base import History
from ..leakage import Leak, find_leaks, refuse_leaks, without
from ..settings import Settings
from .histories import labels, made

SETTINGS = Settings(target="y")
ROWS = 2000


def noise(seed: int, rows: int = ROWS) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(size=rows)


def only(history: History) -> Leak:
    leaks = find_leaks(history, SETTINGS)
    assert len(leaks) == 1, [str(leak) for leak in leaks]
    return leaks[0]


def test_a_sum_of_columns_that_is_the_target_is_found_with_its_terms_alone() -> None:
    counts = np.random.default_rng(0).poisson(20, size=(ROWS, 2)).astype(float)
    columns = {"casual": counts[:, 0], "registered": counts[:, 1], "wind": noise(1), "sum of wind": noise(1) + noise(2)}
    leak = only(made(columns, counts.sum(axis=1)))
    assert leak.columns == ("casual", "registered")
    assert leak.what == "gives the target away"
    assert leak.blocking
    assert "casual + registered is y" in leak.evidence


def test_weights_signs_and_constants_of_a_sum_are_told() -> None:
    columns = {"a": noise(1), "b": noise(2), "c": noise(3)}
    leak = only(made(columns, 2.5 * columns["a"] - columns["c"] + 7))
    assert leak.columns == ("a", "c")
    assert "2.5 x a - c + 7 is y" in leak.evidence


def test_a_product_that_is_rounded_is_found() -> None:
    generator = np.random.default_rng(0)
    price, quantity = generator.uniform(1, 90, ROWS).round(2), generator.integers(1, 9, ROWS).astype(float)
    leak = only(made({"price": price, "quantity": quantity, "z": noise(1)}, (price * quantity * 1.19).round(2)))
    assert leak.columns == ("price", "quantity")
    assert "1.19 x price x quantity" in leak.evidence


def test_a_sum_is_found_beside_missing_values() -> None:
    columns = {"a": noise(1), "b": noise(2), "gaps": noise(3)}
    target = columns["a"] + columns["b"]
    columns["a"][::10] = np.nan
    columns["gaps"][100:] = np.nan
    assert ("a", "b") in [leak.columns for leak in find_leaks(made(columns, target), SETTINGS)]


def test_a_sum_with_noise_is_an_honest_model() -> None:
    columns = {"a": noise(1), "b": noise(2)}
    assert find_leaks(made(columns, columns["a"] + columns["b"] + 0.1 * noise(3)), SETTINGS) == ()


def test_a_column_that_orders_the_rows_as_the_target_does_is_found() -> None:
    target = np.exp(noise(1))
    leak = only(made({"a": noise(1) ** 3, "b": noise(2)}, target))
    assert (leak.columns, leak.what, leak.blocking) == (("a",), "gives the target away", True)


def test_a_code_of_the_label_is_found() -> None:
    flags = noise(1) > 0.5
    codes = np.where(
        flags, np.random.default_rng(2).integers(10, 14, ROWS), np.random.default_rng(3).integers(0, 9, ROWS)
    )
    words = codes.astype(str).astype(object)
    for column in (codes.astype(float), words):
        leak = only(made({"code": column, "b": noise(2)}, labels(flags)))
        assert (leak.columns, leak.what, leak.blocking) == (("code",), "gives the target away", True)


def test_one_column_for_each_label_is_found() -> None:
    generator = np.random.default_rng(0)
    target = generator.choice(["a", "b", "c", "d"], ROWS).astype(object)
    leak = only(made({"is_b": (target == "b").astype(float), "z": noise(1)}, target))
    assert leak.columns == ("is_b",)
    assert "'b'" in leak.evidence


def test_a_strong_column_is_no_leak_until_it_is_nearly_all() -> None:
    flags = noise(1) > 0
    assert find_leaks(made({"a": noise(1) + 0.3 * noise(2)}, labels(flags)), SETTINGS) == ()
    leak = only(made({"a": noise(1) + 0.02 * noise(2)}, labels(flags)))
    assert not leak.blocking


def test_a_column_that_is_filled_with_the_label_is_found() -> None:
    filled = noise(2)
    filled[1800:] = np.nan
    known = np.arange(1.0, ROWS + 1)
    known[1800:] = np.inf
    target = noise(1)
    target[1800:] = np.nan
    leak = only(made({"a": noise(3), "outcome": filled}, target, known=known))
    assert (leak.columns, leak.what, leak.blocking) == (("outcome",), "is not known in time", True)
    assert "in 0% of 200 rows" in leak.evidence


def test_a_sensor_that_broke_before_the_labels_end_is_no_leak() -> None:
    broken = noise(2)
    broken[1500:] = np.nan
    known = np.arange(1.0, ROWS + 1)
    known[1800:] = np.inf
    target = noise(1)
    target[1800:] = np.nan
    assert find_leaks(made({"a": noise(3), "sensor": broken}, target, known=known), SETTINGS) == ()


def test_a_column_that_is_filled_for_one_label_alone_is_found() -> None:
    flags = noise(1) > 1
    reason = noise(2)
    reason[~flags | (noise(3) > 0)] = np.nan
    leak = only(made({"a": noise(4), "cancel_reason": reason}, labels(flags)))
    assert (leak.columns, leak.what) == (("cancel_reason",), "is not known in time")
    amount = np.where(flags, np.abs(noise(5)), 0.0)
    date = np.where(flags, noise(6), np.nan)
    leak = only(made({"a": noise(4), "claim_date": date}, amount))
    assert (leak.columns, leak.what) == (("claim_date",), "is not known in time")


def test_a_single_gap_is_no_leak_where_every_target_differs() -> None:
    target = noise(1, 60)
    gap = noise(2, 60)
    gap[target.argmin()] = np.nan
    assert find_leaks(made({"a": noise(3, 60), "gap": gap}, target), SETTINGS) == ()


def test_columns_that_stand_for_time_are_named_and_do_not_block() -> None:
    steps = np.arange(ROWS)
    columns = {
        "instant": steps.astype(float),
        "year": np.where(steps < 900, 0.0, 1.0),
        "mileage": steps + noise(1),
        "version": np.array([f"v{step // 400}" for step in steps], dtype=object),
        "month": (steps // 80 % 12).astype(float),
        "hour": (steps % 24).astype(float),
        "rare": np.where(steps == ROWS - 1, 1.0, 0.0),
        "a": noise(2),
    }
    leaks = find_leaks(made(columns, noise(3)), SETTINGS)
    assert {leak.columns for leak in leaks} == {("instant",), ("year",), ("mileage",), ("version",)}
    assert {leak.what for leak in leaks} == {"stands for time"}
    assert not any(leak.blocking for leak in leaks)


def test_names_of_rows_are_told() -> None:
    generator = np.random.default_rng(0)
    columns = {
        "uuid": np.array([f"{number:x}" for number in generator.integers(0, 2**60, ROWS)], dtype=object),
        "number": generator.permutation(ROWS).astype(float),
        "customer id": generator.choice(10**9, ROWS, replace=False).astype(float),
        "amount": generator.choice(10**9, ROWS, replace=False).astype(float),
    }
    leaks = find_leaks(made(columns, noise(1)), SETTINGS)
    assert {leak.columns for leak in leaks} == {("uuid",), ("number",), ("customer id",)}
    assert {leak.what for leak in leaks} == {"names the row"}


def test_a_blocking_leak_is_refused_with_what_to_set() -> None:
    target = noise(1)
    leaks = find_leaks(made({"copy": target * 2, "a": noise(2)}, target), SETTINGS)
    with pytest.raises(UserError, match="copy: gives the target away") as caught:
        refuse_leaks(leaks, Settings(target="y", ignore="b"))
    assert "history.ignore to b, copy" in caught.value.next_step
    refuse_leaks(leaks, Settings(target="y", leaks="warn"))
    refuse_leaks([leak for leak in leaks if not leak.blocking], SETTINGS)


def test_a_history_without_some_columns() -> None:
    history = made({"a": noise(1), "b": noise(2)}, noise(3))
    assert list(without(history, ["a", "unknown"]).features) == ["b"]
    assert without(history, ["a"]).kinds == {"b": "number"}


def test_a_few_rows_show_nothing() -> None:
    target = noise(1, 20)
    assert find_leaks(made({"copy": target}, target), SETTINGS) == ()


def test_a_target_that_hardly_ever_varies_is_given_away_by_nothing() -> None:
    """Whatever says 0 everywhere explains all that is left where the only other row was fitted."""
    columns = {f"x{number}": noise(number, 60) for number in range(40)}
    for row in range(10):
        target = np.where(np.arange(60) == row, 0.86, 0.0)
        assert not [leak for leak in find_leaks(made(columns, target), SETTINGS) if leak.blocking]
