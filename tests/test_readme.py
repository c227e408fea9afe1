"""The README cannot lie: help texts are those of the commands, and every example of it runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
import yaml
from click.testing import CliRunner

from advisor.cli import cli
from advisor.knowledge import load_knowledge
from benchmarks.patterns import MEASURED, table
from tests.golden import rebaselining

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
HELP = re.compile(r"(<!-- help: (advisor[^>]*?) -->\n```text\n)(.*?)(```)", re.DOTALL)
OUTPUT = re.compile(r"(<!-- output: (advisor[^>]*?) -->\n```text\n)(.*?)(```)", re.DOTALL)
PATTERNS = re.compile(r"(<!-- patterns -->\n)(.*?)(<!-- end of patterns -->)", re.DOTALL)


def printed(words: str, *more: str) -> str:
    done = CliRunner().invoke(cli, [*shlex.split(words)[1:], *more], prog_name="advisor", terminal_width=80)
    assert done.exit_code == 0
    return done.stdout


@pytest.mark.parametrize(("block", "more"), [(HELP, ("--help",)), (OUTPUT, ())], ids=["help", "results"])
def test_what_is_printed_is_what_the_commands_say(block: re.Pattern[str], more: tuple[str, ...]) -> None:
    text = README.read_text()
    fresh = block.sub(lambda found: f"{found[1]}{printed(found[2], *more)}{found[4]}", text)
    if rebaselining():
        README.write_text(fresh)
    assert block.search(text), "the README shows no such block"
    assert fresh == README.read_text(), "README.md is stale: make golden"


def test_the_table_has_every_pattern_with_what_was_measured() -> None:
    text = README.read_text()
    fresh = PATTERNS.sub(lambda found: f"{found[1]}{table(load_knowledge())}{found[3]}", text)
    if rebaselining():
        README.write_text(fresh)
    assert PATTERNS.search(text), "the README shows no such block"
    assert fresh == README.read_text(), "README.md is stale: make golden"


def test_what_was_measured_belongs_to_a_pattern() -> None:
    told = yaml.safe_load(MEASURED.read_text(encoding="utf-8"))
    assert told.keys() <= load_knowledge().patterns.keys()
    assert {key for each in told.values() for key in each} <= {"measured", "bring"}


def test_every_command_is_in_the_readme() -> None:
    text = README.read_text()
    names = cli.list_commands(click.Context(cli))
    assert len(names) > 7
    for name in names:
        assert f"advisor {name}" in text, name


def examples() -> list[str]:
    """The lines of the README's console blocks that call advisor without a terminal, a network or minutes of work."""
    lines = []
    for block in re.findall(r"```console\n(.*?)```", README.read_text(), re.DOTALL):
        lines += [line.split("  #")[0].strip() for line in block.splitlines()]
    slow = (
        "advisor ask",
        "advisor run",
        "advisor smoke",
        "advisor scaffold",
        "advisor report my-project",
        "advisor rules score",
    )
    return [line for line in lines if line.startswith("advisor ") and not line.startswith(slow)]


@pytest.mark.parametrize("line", examples())
def test_every_example_runs(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for example in (ROOT / "examples").glob("*.yaml"):
        (tmp_path / "examples").mkdir(exist_ok=True)
        (tmp_path / "examples" / example.name).write_bytes(example.read_bytes())
        (tmp_path / "answers.yaml").write_bytes(example.read_bytes())
    done = CliRunner().invoke(cli, shlex.split(line)[1:], prog_name="advisor")
    assert done.exit_code == 0, done.output


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README.read_text()):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_at_least_the_examples_are_checked() -> None:
    assert len(examples()) >= 5
