"""`advisor run`: the main job in one."""

from __future__ import annotations

from pathlib import Path

import click

from advisor.cli.options import rules_option, set_option
from advisor.values import Approach


@click.command("run", short_help="Recommend, scaffold, smoke, report: the main job in one.")
@click.argument("file", metavar="FILE")
@click.argument("destination", metavar="DEST", type=click.Path(path_type=Path))
@set_option
@click.option("--approach", type=click.Choice([str(one) for one in Approach]), help="Insist on this approach.")
@click.option("--pattern", metavar="PATTERN", help="Insist on this pattern (advisor rules list --patterns).")
@click.option("--out", type=click.Path(path_type=Path), help="The report; DEST/report.html by default.")
@click.option(
    "--timeout", type=click.FloatRange(min=1), default=600, show_default=True, help="Seconds for the smoke run."
)
@rules_option
def command(
    file: str,
    destination: Path,
    settings: tuple[str, ...],
    approach: str | None,
    pattern: str | None,
    out: Path | None,
    timeout: float,
    rules: Path | None,
) -> None:
    """From the answers in FILE to a project in DEST that has been proven to run, and one HTML report.

    The last line is the path of the report. It is written also when the smoke run fails; the exit code is 4 then.
    """
    from advisor.ask.answers_file import read_answers, with_answers
    from advisor.cli.output import emit, say, say_choice
    from advisor.documents import Dossier
    from advisor.errors import SmokeFailed
    from advisor.knowledge import load_knowledge
    from advisor.pipeline import advise
    from advisor.report.write import check_report_place, write_report
    from advisor.scaffold.plan import check_choice, choose_pattern, package_name, plan_project
    from advisor.scaffold.write import check_destination, write_project
    from advisor.smoke import run_smoke

    knowledge = load_knowledge(rules)
    check_choice(knowledge, approach, pattern)
    answers = with_answers(read_answers(file, knowledge), settings, knowledge)
    check_destination(destination)
    if out is not None:
        check_report_place(out)
    recommendation = advise(answers, knowledge)
    emit(recommendation, "text")
    chosen = choose_pattern(recommendation, knowledge, approach, pattern)
    say("")
    say_choice(recommendation, chosen)
    plan = plan_project(recommendation, chosen, knowledge, package_name(destination.resolve().name))
    manifest = write_project(plan, destination)
    say(f"project: {destination} ({len(manifest.files)} files); its checks run now, offline:")
    smoke = run_smoke(destination, manifest, isolated=False, timeout=timeout)
    page = out or destination / "report.html"
    write_report(Dossier(recommendation=recommendation, manifest=manifest, smoke=smoke), page)
    click.echo(page)
    if not smoke.passed:
        raise SmokeFailed(
            (f"{check.name}: {check.message}" for check in smoke.checks if not check.passed),
            f"the report says more: {page}; run the checks again with: advisor smoke {destination}",
        )
