"""`advisor smoke`: proves that a generated project runs."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("smoke", short_help="Prove that a generated project runs.")
@click.argument("project", metavar="DEST", type=click.Path(path_type=Path))
@click.option("--isolated", is_flag=True, help="In a fresh environment into which only the project is installed.")
@click.option("--timeout", type=click.FloatRange(min=1), default=600, show_default=True, help="Seconds for the checks.")
def command(project: Path, isolated: bool, timeout: float) -> None:
    """Run the own checks of the project in DEST, offline, and keep what they measured in DEST/.advisor/smoke.json.

    They always run, in the interpreter that runs advisor unless --isolated. Exit code 4 when one fails.
    """
    from advisor.errors import SmokeFailed
    from advisor.scaffold.update import read_manifest
    from advisor.smoke import RESULT, run_smoke

    result = run_smoke(project, read_manifest(project), isolated=isolated, timeout=timeout)
    failed = [f"{check.name}: {check.message}" for check in result.checks if not check.passed]
    if not result.passed:
        raise SmokeFailed(failed or ["the checks failed"], f"the full result: {project / RESULT}")
    click.echo(f"passed: {len(result.checks)} checks in {result.seconds:.1f} s")
