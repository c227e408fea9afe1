from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ...labelled_data.base import Advance, Example, Turn, Writer
from ..bases import NOTICE
from ..showing import shown_samples


class Repeating:
    """Writes the same to everybody."""

    def __init__(self, text: str, notice: str = "") -> None:
        self.text = text
        self.notice = notice

    def write(self, conversations: Sequence[Sequence[Turn]], advance: Advance = lambda _: None) -> list[str]:
        advance(len(conversations))
        return [self.text for _ in conversations]

    def losses(self, examples: Sequence[Example], advance: Advance = lambda _: None) -> NDArray[np.float32]:
        advance(len(examples))
        return np.zeros(len(examples), dtype=np.float32)


BASE: Writer = Repeating("la la")
TUNED: Writer = Repeating("Check the cable.")


def test_three_texts_stand_side_by_side(examples: list[Example]) -> None:
    shown = shown_samples(examples, BASE, TUNED, count=2, width=100)
    lines = shown.splitlines()
    assert lines[0] == "1. sample:1"
    assert lines.index("2. sample:21") > 0, "the conversations are spread evenly"
    heads = next(line for line in lines if line.startswith("wanted"))
    first = lines[lines.index(heads) + 2]
    assert first[heads.index("base") :].startswith("la la")
    assert first[heads.index("tuned") :] == "Check the cable."
    assert str(examples[0].target).startswith(first[: heads.index("base")].strip())
    assert max(map(len, lines)) <= 100
    assert "note:" not in shown


def test_on_a_narrow_terminal_they_stand_below_one_another(examples: list[Example]) -> None:
    lines = shown_samples(examples, BASE, TUNED, count=1, width=50).splitlines()
    assert [line for line in lines if line in {"wanted:", "base:", "tuned:"}] == ["wanted:", "base:", "tuned:"]
    assert lines[-1] == "  Check the cable."
    assert max(map(len, lines)) <= 50


@pytest.mark.parametrize(("text", "expected"), [("", "(nothing)"), ("\x1b[2Jgone", " [2Jgone"), ("x " * 600, " ...")])
def test_what_a_model_writes_does_not_steer_the_screen(examples: list[Example], text: str, expected: str) -> None:
    shown = shown_samples(examples, BASE, Repeating(text), count=1, width=50)
    assert expected.strip() in shown
    assert "\x1b" not in shown
    assert len(shown) < 2000


def test_the_stand_in_says_so(examples: list[Example]) -> None:
    assert shown_samples(examples, BASE, Repeating("x", NOTICE)).startswith(f"note: {NOTICE}")


def test_few_examples_are_all_shown(examples: list[Example]) -> None:
    assert "2. sample:2" in shown_samples(examples[:2], BASE, TUNED, count=9)
    assert not shown_samples([], BASE, TUNED)
