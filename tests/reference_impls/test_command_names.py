"""Commands of several rooms that have the same name, where the rooms stand side by side."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from reference_impls.fine_tuning.commands import COMMANDS as OF_FINE_TUNING
from reference_impls.project_base import cli
from reference_impls.project_base.cli import RoomCommands, main
from reference_impls.project_base.rooms import rooms_needed
from reference_impls.rag.commands import COMMANDS as OF_RAG

CONTEXT = click.Context(main)


def named(commands: list[click.Command], name: str) -> click.Command:
    return next(command for command in commands if command.name == name)


def test_a_name_that_no_room_is_above_needs_its_room() -> None:
    assert main.get_command(CONTEXT, "evaluate") is None
    for room, commands in (("rag", OF_RAG), ("fine_tuning", OF_FINE_TUNING)):
        group = main.get_command(CONTEXT, room)
        assert isinstance(group, click.Group)
        assert group.get_command(CONTEXT, "evaluate") is named(commands, "evaluate")
    shown = CliRunner().invoke(main, ["--help"]).output
    assert "The commands of the component rag." in shown
    assert CliRunner().invoke(main, ["evaluate"]).exit_code == 2
    assert CliRunner().invoke(main, ["rag", "evaluate", "--help"]).exit_code == 0


def test_a_name_that_one_room_has_is_its_own() -> None:
    assert main.get_command(CONTEXT, "calibrate") is named(OF_RAG, "calibrate")
    assert main.get_command(CONTEXT, "ladder") is named(OF_FINE_TUNING, "ladder")
    assert main.get_command(CONTEXT, "no_such_room") is None


def test_a_room_may_lead() -> None:
    assert RoomCommands("main", "rag").get_command(CONTEXT, "evaluate") is named(OF_RAG, "evaluate")
    assert RoomCommands("main", "fine_tuning").get_command(CONTEXT, "evaluate") is named(OF_FINE_TUNING, "evaluate")


def test_the_room_that_needs_the_others_has_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = {"rag": {"project_base"}, "fine_tuning": {"project_base"}, "lookups": {"rag", "fine_tuning"}}
    of = {room: click.Command("evaluate") for room in needs}
    monkeypatch.setattr(cli, "rooms_with", lambda _file: sorted(needs))
    monkeypatch.setattr(cli, "rooms_needed", needs.__getitem__)
    monkeypatch.setattr(cli, "room_module", lambda room, _name: type("Module", (), {"COMMANDS": [of[room]]}))
    commands = RoomCommands("main")
    assert commands.get_command(CONTEXT, "evaluate") is of["lookups"]
    assert commands.list_commands(CONTEXT) == ["evaluate", "fine_tuning", "rag"]
    group = commands.get_command(CONTEXT, "rag")
    assert isinstance(group, click.Group)
    assert group.get_command(CONTEXT, "evaluate") is of["rag"]


def test_what_a_room_needs_is_known_over_several_steps() -> None:
    assert {"embedding", "texts", "project_base"} <= rooms_needed("rag")
    assert "fine_tuning" not in rooms_needed("rag")
