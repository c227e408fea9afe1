"""`advisor recommend`: the verdict."""

from __future__ import annotations

from pathlib import Path

import click

from advisor.cli.options import rules_option, set_option


@click.command("recommend", short_help="The verdict for an answers file, with reasons.")
@click.argument("files", nargs=-1, metavar="FILE...")
@set_option
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@rules_option
def command(files: tuple[str, ...], settings: tuple[str, ...], form: str, rules: Path | None) -> None:
    """Recommend an approach for the answers in FILE (`-` reads standard input).

    Without a FILE nothing is known but what --set gives. Several FILEs give one line each.

    \b
    advisor recommend answers.yaml
    advisor recommend answers.yaml --set volatility=daily --format json
    """  # noqa: D301  (click reads the escape)
    from advisor.ask.answers_file import read_answers, with_answers
    from advisor.cli.output import emit
    from advisor.documents import Answers
    from advisor.errors import AnswersError
    from advisor.knowledge import load_knowledge
    from advisor.pipeline import advise

    if files.count("-") > 1:
        raise click.UsageError("standard input (-) can be read once")
    knowledge = load_knowledge(rules)
    with_answers(Answers(), settings, knowledge)  # what is wrong in them is wrong for every file: say it once
    several = len(files) > 1
    problems: list[str] = []
    for file in files or (None,):
        try:
            answers = read_answers(file, knowledge) if file is not None else Answers()
        except AnswersError as fault:
            if not several:
                raise
            problems += fault.problems
            continue
        recommendation = advise(with_answers(answers, settings, knowledge), knowledge)
        emit(recommendation, form, label=file if several else None)
    if problems:
        raise AnswersError(problems, "mend these; the other files have their lines")
