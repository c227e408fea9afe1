"""The command `smoke`: proves, offline and in a temporary folder, that the project runs."""

import shutil
import tempfile
import textwrap
import time
from pathlib import Path

import click

CONFIG = "project_base.config"
"""Under this name the path of the configuration stands in the context of a command that reads one."""


def _kept(context: click.Context, _: click.Parameter, path: Path) -> Path:
    context.meta[CONFIG] = path
    return path


CONFIG_OPTION = click.option(
    "--config",
    "config",
    type=click.Path(path_type=Path),
    default=Path("config.yaml"),
    show_default=True,
    callback=_kept,
    help="The project's settings.",
)


@click.command()
@CONFIG_OPTION
@click.option("--out", type=click.Path(path_type=Path), help="Also write the results to this JSON file.")
def smoke(config: Path, out: Path | None) -> None:
    """Run the project's own checks; exit code 4 if one fails."""
    from .checks import CheckResult, run_checks, write_results
    from .config import load_settings
    from .environment import apply_environment
    from .errors import UserError
    from .rooms import room_module, rooms_with

    started = time.perf_counter()
    found = {room: room_module(room, "smoke") for room in rooms_with("smoke.py")}
    # A room that is built of others may check them as it uses them.
    covered = {room for module in found.values() for room in getattr(module, "STANDS_FOR", ())}
    modules = [module for room, module in found.items() if room not in covered]
    # All settings are read before the first check: a mistake in the file is an error, not a failed check.
    loaded = [(module, load_settings(config, module.SETTINGS)) for module in modules]
    if not loaded:
        raise UserError("no room of this project has checks", "generate the project again")
    if out is not None and not out.absolute().parent.is_dir():
        raise UserError(f"the folder of {out} does not exist", "make the folder, or choose another --out")

    def report(result: CheckResult) -> None:
        mark = click.style("ok", fg="green") if result.passed else click.style("FAILED", fg="red", bold=True)
        click.echo(f"{mark:<6} {result.name} ({result.seconds:.1f} s)")
        width = min(shutil.get_terminal_size().columns, 100)
        click.echo(textwrap.fill(result.message, width, initial_indent=" " * 7, subsequent_indent=" " * 7))

    results = []
    with tempfile.TemporaryDirectory(prefix="smoke-") as folder:
        for module, settings in loaded:
            apply_environment(settings.project_base.model_copy(update={"offline": True}))
            results += run_checks(module.checks(settings, Path(folder)), report)
    seconds = time.perf_counter() - started
    failed = sum(not result.passed for result in results)
    click.echo(f"{len(results) - failed} of {len(results)} checks passed in {seconds:.1f} s")
    if out is not None:
        write_results(out, results, seconds)
    if failed:
        click.get_current_context().exit(4)


COMMANDS: list[click.Command] = [smoke]
