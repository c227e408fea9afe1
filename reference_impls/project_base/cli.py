"""The command line: collects the commands of every room and turns errors into messages and exit codes."""

import errno
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from .commands import CONFIG
from .errors import UserError, system_error
from .rooms import room_module, rooms_needed, rooms_with
from .setting_lines import setting_lines


class RoomCommands(click.Group):
    """A group whose commands come from the `commands.py` of the rooms, loaded when first asked for.

    A name that several rooms have belongs to the room that needs the others. The commands that stand back, or all where
    no room needs the others, are reached through their room: `rag evaluate`.

    Args:
        name: Of the group.
        leading: A room whose commands come first whatever other rooms have.
        attrs: As click takes them.
    """

    def __init__(self, name: str | None = None, leading: str = "", **attrs: Any) -> None:
        super().__init__(name, **attrs)
        self.leading = leading

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands, in the order of the rooms, then the rooms whose commands stand back."""
        del ctx
        commands, behind = _commands(self.leading)
        return [*commands, *behind]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or the commands of the room of that name, or None."""
        del ctx
        commands, _ = _commands(self.leading)
        if cmd_name in commands:
            return commands[cmd_name]
        rooms = rooms_with("commands.py")
        return _of_room(cmd_name) if cmd_name in rooms else None

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; what a user can mend is printed as `error:` and `next:`, with exit code 1.

        Between the two stand the lines of config.yaml with the settings that they name.
        """
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
        for line in setting_lines(f"{message} {next_step}", ctx.meta[CONFIG]) if CONFIG in ctx.meta else ():
            click.echo(f"       {line}", err=True)
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


def _commands(leading: str) -> tuple[dict[str, click.Command], list[str]]:
    """The commands by name, and the rooms that have others."""
    owners: dict[str, dict[str, click.Command]] = {}
    for room in rooms_with("commands.py"):
        for command in room_module(room, "commands").COMMANDS:
            owners.setdefault(command.name, {})[room] = command
    found: dict[str, click.Command] = {}
    behind: set[str] = set()
    for name, by_room in owners.items():
        first = leading if leading in by_room else _above(by_room)
        if first is not None:
            found[name] = by_room[first]
        behind |= by_room.keys() - {first}
    return found, sorted(behind)


def _above(rooms: Iterable[str]) -> str | None:
    """The one of several rooms that needs all the others, if there is one."""
    others = set(rooms)
    if len(others) == 1:
        return others.pop()
    return next((room for room in sorted(others) if others - {room} <= rooms_needed(room)), None)


def _of_room(room: str) -> click.Group:
    commands = room_module(room, "commands").COMMANDS
    return click.Group(room, commands, help=f"The commands of the component {room}.")


@click.group(cls=RoomCommands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Works on the documents and the models that config.yaml names."""
