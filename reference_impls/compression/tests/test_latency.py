import time
from collections.abc import Callable, Sequence

import pytest

from ..latency import measure_speed


def slow(seconds: float, heard: list[tuple[str, int]], name: str) -> Callable[[Sequence[str]], None]:
    def answer(texts: Sequence[str]) -> None:
        heard.append((name, len(texts)))
        time.sleep(seconds * len(texts))

    return answer


def test_models_take_turns_and_are_compared_with_the_first() -> None:
    heard: list[tuple[str, int]] = []
    texts = ["a", "b", "c", "d", "e"]
    speeds = measure_speed({name: slow(wait, heard, name) for name, wait in (("one", 0.004), ("two", 0.001))}, texts)
    assert speeds["one"].one_times == speeds["one"].many_times == 1.0
    assert 1.5 < speeds["two"].one_times < 5
    assert speeds["two"].many_times > 1.5
    assert speeds["one"].one_ms_p95 >= speeds["one"].one_ms_p50 >= 4.0
    assert speeds["one"].texts_a_second < 250
    measured = heard[2 * 3 :]
    assert {name for name, _ in measured[:2]} == {"one", "two"}
    # Neither always goes first.
    firsts = {measured[place][0] for place in range(0, 2 * len(texts), 2)}
    assert firsts == {"one", "two"}
    for name in ("one", "two"):
        sizes = [size for who, size in measured if who == name]
        assert sum(size for size in sizes if size == 1) >= 3 * len(texts)
        assert sum(sizes) == 3 * len(texts) * 2


def test_one_text_is_enough() -> None:
    assert measure_speed({"one": lambda _: None}, ["a"])["one"].texts_a_second > 0


@pytest.mark.parametrize(("models", "texts"), [({}, ["a"]), ({"one": len}, [])])
def test_nothing_to_measure_is_an_error(models: dict[str, Callable[[Sequence[str]], int]], texts: list[str]) -> None:
    with pytest.raises(ValueError, match="at least one"):
        measure_speed(models, texts)
