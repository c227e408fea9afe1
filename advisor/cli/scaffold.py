"""`advisor scaffold`: writes the project."""

from __future__ import annotations

from pathlib import Path

import click

from advisor.cli.options import rules_option, set_option
from advisor.values import Approach


@click.command("scaffold", short_help="Write the project of the recommended approach.")
@click.argument("file", metavar="FILE")
@click.argument("destination", metavar="DEST", type=click.Path(path_type=Path))
@set_option
@click.option(
    "--approach",
    type=click.Choice([one.value for one in Approach]),
    help="Insist on this approach instead of the verdict.",
)
@click.option("--pattern", metavar="PATTERN", help="Insist on this pattern (advisor rules list --patterns).")
@click.option("--update", is_flag=True, help="Bring the project in DEST up to date; files that you changed stay yours.")
@rules_option
def command(
    file: str,
    destination: Path,
    settings: tuple[str, ...],
    approach: str | None,
    pattern: str | None,
    update: bool,
    rules: Path | None,
) -> None:
    """Write a working project of what is recommended for the answers in FILE into the new folder DEST."""
    from advisor.ask.answers_file import read_answers, with_answers
    from advisor.cli.output import audit, say, say_choice, say_vetoes
    from advisor.errors import ScaffoldError
    from advisor.knowledge import load_knowledge
    from advisor.pipeline import advise
    from advisor.scaffold.plan import check_choice, choose_pattern, package_name, plan_project
    from advisor.scaffold.update import read_manifest, update_project
    from advisor.scaffold.write import check_destination, write_project

    knowledge = load_knowledge(rules)
    check_choice(knowledge, approach, pattern)
    answers = with_answers(read_answers(file, knowledge), settings, knowledge)
    recommendation = advise(answers, knowledge)
    audit(recommendation)
    manifest, kept = None, False
    if update:
        manifest = read_manifest(destination)
        if manifest.own_rules and rules is None:
            raise ScaffoldError(
                f"{destination}: was made with rules of your own ({', '.join(path for path, _ in manifest.own_rules)})",
                "give their folder again with --rules, so that the update does not drop them",
            )
        kept = approach is None and pattern is None
        if kept:
            pattern = manifest.pattern
            if recommendation.pattern != pattern:
                say(f"note: the verdict is {recommendation.pattern} now; the project stays {pattern} without --pattern")
    else:
        check_destination(destination)
    chosen = choose_pattern(recommendation, knowledge, approach, pattern)
    (say_vetoes if kept else say_choice)(recommendation, chosen)
    if manifest is not None:
        plan = plan_project(recommendation, chosen, knowledge, manifest.package)
        changes = update_project(plan, destination)
        for change in changes:
            beside = f" (yours stays; ours stands beside it as {change.path}.new)" if change.fate == "edited" else ""
            click.echo(f"{change.fate:<9}{change.path}{beside}")
        if not changes:
            click.echo("up to date: nothing changed")
        return
    package = package_name(destination.resolve().name)
    plan = plan_project(recommendation, chosen, knowledge, package)
    manifest = write_project(plan, destination)
    say(f"{manifest.approach}, {manifest.pattern}: {len(manifest.files)} files; start with {destination / 'README.md'}")
    click.echo(destination)
