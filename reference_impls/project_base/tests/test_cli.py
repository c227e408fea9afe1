import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ..cli import main
from ..errors import UserError
from ..settings import Settings

PACKAGE = Settings.__module__.rpartition(".project_base.")[0]
ROOT = Path(__file__).parents[2].parents[PACKAGE.count(".")]


def command_line(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", *(["-c", code] if code else ["-m", PACKAGE, *arguments])]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_help_loads_no_model_library() -> None:
    code = (
        f"import sys; from {PACKAGE}.project_base.cli import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('loaded:', sorted({'torch', 'transformers', 'faiss', 'numpy'} & set(sys.modules)))"
    )
    done = command_line(code=code)
    assert "loaded: []" in done.stdout, done.stderr
    assert "smoke" in done.stdout


def test_a_missing_configuration_is_an_error_without_a_traceback(tmp_path: Path) -> None:
    done = command_line("smoke", "--config", str(tmp_path / "config.yaml"))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert "\nnext: " in done.stderr


def test_an_unknown_option_is_a_usage_error() -> None:
    assert command_line("smoke", "--no-such-option").returncode == 2


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (UserError("it is wrong", "mend it"), "error: it is wrong\nnext: mend it\n"),
        (
            OSError(28, "No space left on device", "index"),
            "error: index: No space left on device\nnext: free some space",
        ),
        (PermissionError(13, "Permission denied", "index"), "error: index: Permission denied\nnext: change the perm"),
    ],
)
def test_errors_become_two_lines(monkeypatch: pytest.MonkeyPatch, raised: Exception, expected: str) -> None:
    @click.command("fail")
    def fail() -> None:
        raise raised

    monkeypatch.setattr(main, "get_command", lambda _ctx, _name: fail)
    result = CliRunner().invoke(main, ["fail"])
    assert result.exit_code == 1
    assert result.stderr.startswith(expected)
