import io
import sys

import pytest

from ..bars import progress_bars
from ..progress import show, silent


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_stages_one_after_the_other_and_how_things_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with progress_bars() as progress:
        for label in ("reading", "training"):
            advance = progress(label, 2)
            for loss in ("0.9", "0.4"):
                show(advance, f"loss {loss}")
                advance(1)
    told = terminal.getvalue()
    assert told.index("reading") < told.index("training")
    assert "100%" in told
    assert "loss 0.4" in told
    assert told.count("\n") == 2


def test_elsewhere_there_are_no_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", file := io.StringIO())
    for progress in (silent, None):
        with progress_bars() as bars:
            advance = (progress or bars)("reading", 2)
            show(advance, "loss 0.4")
            advance(2)
    assert file.getvalue() == ""
