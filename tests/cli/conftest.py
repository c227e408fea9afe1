"""The command line called in this process, where a process of its own is not the point."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from advisor.cli import main

ROOT = Path(__file__).resolve().parent.parent.parent


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Call = Callable[..., Done]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Call:
    """`call("recommend", "answers.yaml")` in a folder of its own; `given` is what stands on standard input."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")

    def call_advisor(*words: object, given: str = "") -> Done:
        monkeypatch.setattr("sys.argv", ["advisor", *(str(word) for word in words)])
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(given.encode()), isatty=lambda: False))
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, out, err)

    return call_advisor


@pytest.fixture
def help_desk() -> Path:
    """The answers of `make demo`."""
    return ROOT / "examples" / "help-desk.yaml"
