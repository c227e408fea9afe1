"""`advisor report`: the dossier as one page."""

from __future__ import annotations

from pathlib import Path

import click

from advisor.cli.options import rules_option, set_option


@click.command("report", short_help="The dossier as one HTML file.")
@click.argument("source", metavar="FILE|DEST")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The HTML file to write.")
@set_option
@rules_option
def command(source: str, out: Path, settings: tuple[str, ...], rules: Path | None) -> None:
    """Write one HTML file to decide with, from an answers FILE or from the project in DEST.

    From a project it shows what the project was made for, what it consists of, and what its last smoke run measured.
    """
    from advisor.ask.answers_file import read_answers, with_answers
    from advisor.documents import Dossier
    from advisor.knowledge import load_knowledge
    from advisor.pipeline import advise
    from advisor.report.write import check_report_place, load_dossier, write_report

    check_report_place(out)

    if Path(source).is_dir():
        if settings or rules:
            raise click.UsageError("--set and --rules go with an answers FILE; a project keeps its own recommendation")
        dossier = load_dossier(Path(source))
    else:
        knowledge = load_knowledge(rules)
        answers = with_answers(read_answers(source, knowledge), settings, knowledge)
        dossier = Dossier(recommendation=advise(answers, knowledge))
    write_report(dossier, out)
    click.echo(out)
