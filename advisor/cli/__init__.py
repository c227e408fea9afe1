"""The command line: one file per command, and one place where errors become messages and exit codes."""

from __future__ import annotations

import gc
import io
import os
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from advisor import __version__
from advisor.errors import AdvisorError, nearest

__all__ = ["cli", "main"]

_COMMANDS = ("ask", "recommend", "explain", "scaffold", "smoke", "report", "run", "rules")
"""In the order of the work; each is the `command` of the module of its name."""

_SHOWN = 50
"""Problems that are printed; who has more of them has the wrong file."""


class _ReaderGone(Exception):
    """Who reads our output has what they wanted, as in `advisor rules list | head -1`."""


class _Commands(click.Group):
    """A group that keeps the order of the work, imports a command when it is wanted, and offers the nearest one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = import_module(f"advisor.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            guess = nearest(args[0], _COMMANDS)
            hint = f" Did you mean {guess}?" if guess else ""
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise _ReaderGone from None  # click would end with exit code 1


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, "-V", "--version", prog_name="advisor", message="%(prog)s %(version)s")
def cli() -> None:
    """Prompt, retrieve (RAG), fine-tune, retrain or combine: decide with reasons, then get a project that runs.

    \b
    advisor ask --out answers.yaml         the questionnaire
    advisor run answers.yaml my-project    recommendation, project, proof and report in one
    """  # noqa: D301  (click reads the escape)


def main() -> NoReturn:
    """Runs the command line and exits with the code of the outcome."""
    # Two tenths of the time of a short command: looking through every installed distribution for pydantic plugins, of
    # which we use none, and searching thousands of fresh, living objects for garbage.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(500_000)
    _settle_streams()
    try:
        code = cli.main(prog_name="advisor", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(code if isinstance(code, int) else 0)
    except (_ReaderGone, BrokenPipeError):
        # Python would complain once more when it closes the streams.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for stream in (sys.stdout, sys.stderr):
            os.dup2(nowhere, stream.fileno())
        sys.exit(0)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as fault:
        fault.show()
        sys.exit(fault.exit_code)
    except AdvisorError as fault:
        from advisor.cli.output import remark

        for problem in fault.problems[:_SHOWN]:
            remark(f"error: {problem}")
        if len(fault.problems) > _SHOWN:
            remark(f"error: ... and {len(fault.problems) - _SHOWN} more")
        if fault.next_step:
            click.echo(f"next: {fault.next_step}", err=True)
        sys.exit(fault.exit_code)
    except OSError as fault:
        at = f"{fault.filename}: " if fault.filename else ""
        click.echo(f"error: {at}{fault.strerror or fault}", err=True)
        click.echo("next: check that there is room on the disk and that you may write there", err=True)
        sys.exit(1)


def _settle_streams() -> None:
    """A closed stream gives and takes nothing, and a character that the terminal does not have is no reason to fail."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_RDWR), mode, encoding="utf-8", closefd=False))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
