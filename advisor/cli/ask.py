"""`advisor ask`: the questionnaire."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from shlex import quote

import click

from advisor.cli.options import rules_option

INTERRUPTED = 130


@click.command("ask", short_help="The questionnaire: asks only what can still change the advice.")
@click.option("--out", type=click.Path(path_type=Path), help="Where the answers go; answers.yaml by default.")
@click.option("--resume", type=click.Path(path_type=Path), metavar="FILE", help="Go on with these answers.")
@click.option(
    "--until",
    type=click.Choice(["settled", "certain", "everything"]),
    default="settled",
    show_default=True,
    help="How far to go. settled: nine in ten ways to answer the rest end in the same advice, and none of the answers "
    "turns or forbids it alone; certain: no way that is tried changes it; everything: nothing is left to ask.",
)
@click.option("--plain", is_flag=True, help="Line by line, without arrows and colours.")
@rules_option
def command(out: Path | None, resume: Path | None, until: str, plain: bool, rules: Path | None) -> None:
    """Ask what decides between prompting, RAG, fine-tuning, retraining and hybrids; most decisive first.

    Every answer is saved as it is given. Ctrl-C stops; `advisor ask --resume FILE` goes on.
    """
    from advisor.ask.answers_file import as_yaml, read_answers
    from advisor.ask.lines import LineAsker, ended
    from advisor.ask.order import Until, could_change
    from advisor.ask.session import Asker, Session
    from advisor.cli.output import emit, say
    from advisor.documents import Answers
    from advisor.errors import AnswersError
    from advisor.knowledge import load_knowledge
    from advisor.pipeline import advise

    knowledge = load_knowledge(rules)
    target = out or resume or Path("answers.yaml")
    untouched = as_yaml(Answers(), knowledge).encode()  # what a questionnaire leaves that was killed at its beginning
    taken = target.exists() and not (target.is_file() and target.read_bytes() == untouched)
    if taken and (resume is None or not target.samefile(resume)):
        raise AnswersError(
            f"{target}: stands there already, and is not overwritten",
            f"go on with it: advisor ask --resume {target}; or choose another --out",
        )
    answers = read_answers(str(resume), knowledge) if resume else Answers()
    asker: Asker = LineAsker()
    between: AbstractContextManager[None] = nullcontext()
    if not plain and sys.stdin.isatty() and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from advisor.ask.prompt import TerminalAsker, quiet_between_questions

        asker, between = TerminalAsker(), quiet_between_questions()
    session = Session(answers, target, knowledge, Until(until))
    resuming = f"advisor ask --resume {quote(str(target))}" + (f" --rules {quote(str(rules))}" if rules else "")
    far = "" if until == "settled" else f" --until {until}"
    try:
        with between:
            progress = session.run(asker)
    except (KeyboardInterrupt, EOFError):
        if session.leave_nothing_empty():
            options = f" --out {quote(str(target))}" if out else ""
            own = f" --rules {quote(str(rules))}" if rules else ""
            say(f"\nnothing was answered, so that no file is left\nnext: advisor ask{options}{own}")
            sys.exit(INTERRUPTED)
        count = len(session.answers.given)
        say(f"\nsaved {count} answer{'' if count == 1 else 's'} in {target}; go on with: {resuming}{far}")
        _say_spared(session.spared)
        sys.exit(INTERRUPTED)
    _say_spared(session.spared)
    could = could_change(session.answers, knowledge) if session.until is Until.SETTLED else frozenset()
    say(f"\n{ended(progress, session.until, len(could), resuming)}\nSaved in {target}.\n")
    recommendation = advise(session.answers, knowledge)
    emit(recommendation, "text")
    if recommendation.approach is None:
        say(f"\nnext: find out or give up what is named above, then: advisor recommend {quote(str(target))}")
    else:
        say(f"\nnext: advisor run {quote(str(target))} my-project")


def _say_spared(spared: Path | None) -> None:
    from advisor.cli.output import say

    if spared is not None:
        say(f"the file as you wrote it, with your remarks, is {spared}")
