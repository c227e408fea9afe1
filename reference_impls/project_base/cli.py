"""The command line: collects the commands of every room and turns errors into messages and exit codes."""

import errno
import sys
from pathlib import Path
from typing import Any

import click

from .errors import UserError, system_error
from .rooms import room_module, rooms_with


class RoomCommands(click.Group):
    """A group whose commands come from the `commands.py` of the rooms, loaded when first asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, in the order of the rooms."""
        del ctx
        return list(_commands())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or None."""
        del ctx
        return _commands().get(cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; what a user can mend is printed as `error:` and `next:`, with exit code 1."""
        try:
            result = super().invoke(ctx)
            # A full disk behind standard output shows itself only here; it must not end in a traceback.
            sys.stdout.flush()
        except UserError as error:
            message, next_step = error.message, error.next_step
        except ModuleNotFoundError as error:
            message, next_step = _missing(error.name or str(error))
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            told = system_error(error)
            message, next_step = told.message, told.next_step
        else:
            return result
        click.echo(f"error: {message}", err=True)
        click.echo(f"next: {next_step}", err=True)
        return ctx.exit(1)


def _missing(module: str) -> tuple[str, str]:
    if module.startswith((__package__ or "").partition(".")[0]):
        return (
            f"the project is not whole: its module {module} is missing",
            "bring it back, or generate the project anew",
        )
    folder = Path(__file__).parents[2]
    project = f"'{folder}[offline]'" if (folder / "pyproject.toml").is_file() else "the project's folder"
    return (
        f"the library {module} is missing",
        f"install what the project needs: {sys.executable} -m pip install -e {project}",
    )


def _commands() -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    for room in rooms_with("commands.py"):
        for command in room_module(room, "commands").COMMANDS:
            found[command.name] = command
    return found


@click.group(cls=RoomCommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Works on the documents and the models that config.yaml names."""
