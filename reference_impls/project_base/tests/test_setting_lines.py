from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ..cli import main
from ..commands import CONFIG_OPTION
from ..errors import UserError
from ..setting_lines import setting_lines

CONFIG = "# settings\nlabelled_data:\n  # of the text\n  text: body\n  label: ''\nhistory: {target: y}\nodd: 1\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(CONFIG, encoding="utf-8")
    return file


def test_settings_that_a_message_names_are_found_in_its_order(config: Path) -> None:
    message = "no column y (history.target), nor labelled_data.label; labelled_data.other, a.csv and history.target"
    assert setting_lines(message, config) == [
        f"{config}:6: history.target is y",
        f"{config}:5: labelled_data.label is empty",
    ]


@pytest.mark.parametrize("content", [b"", b"\xff", b"a: [", b"- a", b"labelled_data: text"])
def test_a_file_without_settings_has_no_lines(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_bytes(content)
    assert setting_lines("labelled_data.text", file) == []
    assert setting_lines("labelled_data.text", tmp_path / "nowhere.yaml") == []


def test_a_message_with_lines_of_the_file_needs_no_others(config: Path) -> None:
    assert setting_lines(f"{config}:4: labelled_data.text: not a text", config) == []


def test_an_error_names_the_line_of_its_setting(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command("fail")
    @CONFIG_OPTION
    def fail(config: Path) -> None:
        raise UserError(f"{config.parent / 'a.csv'} has no column body", "set labelled_data.text to one of them")

    monkeypatch.setattr(main, "get_command", lambda _ctx, _name: fail)
    result = CliRunner().invoke(main, ["fail", "--config", str(config)])
    assert result.exit_code == 1
    assert result.stderr == (
        f"error: {config.parent / 'a.csv'} has no column body\n"
        f"       {config}:4: labelled_data.text is body\n"
        "next: set labelled_data.text to one of them\n"
    )
