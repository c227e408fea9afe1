"""`advisor ask`: the questionnaire."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from advisor.cli.options import rules_option

INTERRUPTED = 130


@click.command("ask", short_help="The questionnaire: asks only what can still change the verdict.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the answers go; answers.yaml by default.")
@click.option("--resume", type=click.Path(path_type=Path), metavar="FILE", help="Go on with these answers.")
@click.option("--all", "everything", is_flag=True, help="Ask the rest too when the verdict is settled.")
@click.option("--plain", is_flag=True, help="Line by line, without arrows and colours.")
@rules_option
def command(out: Path | None, resume: Path | None, everything: bool, plain: bool, rules: Path | None) -> None:
    """Ask what decides between prompting, RAG, fine-tuning, retraining and hybrids; most decisive first.

    Every answer is saved as it is given. Ctrl-C stops; `advisor ask --resume FILE` goes on.
    """
    from advisor.ask.answers_file import read_answers
    from advisor.ask.lines import LineAsker
    from advisor.ask.session import Asker, Session
    from advisor.cli.output import emit, say
    from advisor.documents import Answers
    from advisor.errors import AnswersError
    from advisor.knowledge import load_knowledge
    from advisor.pipeline import advise

    knowledge = load_knowledge(rules)
    target = out or resume or Path("answers.yaml")
    if target.exists() and (resume is None or not target.samefile(resume)):
        raise AnswersError(
            f"{target}: stands there already, and is not overwritten",
            f"go on with it: advisor ask --resume {target}; or choose another --out",
        )
    answers = read_answers(str(resume), knowledge) if resume else Answers()
    asker: Asker = LineAsker()
    if not plain and sys.stdin.isatty() and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from advisor.ask.prompt import TerminalAsker

        asker = TerminalAsker()
    session = Session(answers, target, knowledge, everything=everything)
    try:
        session.run(asker)
    except (KeyboardInterrupt, EOFError):
        say(f"\nsaved {len(session.answers.given)} answers in {target}; go on with: advisor ask --resume {target}")
        sys.exit(INTERRUPTED)
    say(f"\nNothing that is still open can change the verdict. Saved in {target}.\n")
    emit(advise(session.answers, knowledge), "text")
    say(f"\nnext: advisor run {target} my-project")
