"""Options that several commands share, so that they mean the same everywhere."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["rules_option", "set_option"]

rules_option = click.option(
    "--rules",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="A folder of your own rules: its files are added to the built-in ones, or replace those of the same path.",
)

set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="FACT=VALUE",
    help="Set or replace one answer, or one figure of costs; may be repeated.",
)
