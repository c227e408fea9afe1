"""The command `answers`."""

from pathlib import Path

import click

from ...project_base.commands import CONFIG_OPTION


@click.command()
@click.argument("result", default="")
@CONFIG_OPTION
@click.option("--with", "before", type=click.Path(path_type=Path), help="Answers that the team gave: answers.yaml.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file instead of standard output.")
def answers(result: str, config: Path, before: Path | None, out: Path | None) -> None:
    """Write what RESULT and its review say as an answers file that `advisor recommend` reads.

    What was measured replaces what stands in --with; everything else there stays as it is, such as the time within
    which answers are wanted, also where prompting.most_ms is another one, which is told.
    """
    from ...project_base.config import load_settings
    from ...project_base.files import write_text
    from ..measuring.opening import Opened
    from ..measuring.shelf import find_trial, review_path
    from ..prompts.prompt_file import read_prompt
    from ..prompts.versions import kept_path
    from ..reviewing.heaps import Verdicts
    from ..settings import ProjectSettings
    from .answers_file import advise, as_yaml, conflicts, read_answers
    from .findings import labelled_items

    opened = Opened(load_settings(config, ProjectSettings))
    trial = find_trial(opened.runs_folder, result)
    kept = kept_path(opened.runs_folder, opened.prompt).with_name(f"{trial.label}.md")
    prompt = read_prompt(kept) if kept.exists() else opened.prompt
    given, figures = read_answers(before) if before is not None else ({}, {})
    verdicts = Verdicts(trial, review_path(opened.runs_folder, trial))
    labelled = labelled_items(trial, verdicts) + len(opened.examples)
    advice = advise(trial, verdicts, opened.own, prompt.declaration.shape, labelled)
    text = as_yaml(advice, trial, given, figures)
    if out is None:
        click.echo(text, nl=False)
    else:
        write_text(out, text)
        click.echo(str(out))
    for told in conflicts(advice, given):
        click.echo(f"note: {told}", err=True)
    for told in advice.missing:
        click.echo(f"note: unknown: {told}", err=True)
    click.echo(f"next: advisor recommend {out or 'FILE'}", err=True)
