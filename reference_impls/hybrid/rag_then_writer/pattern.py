"""RAG, then a tuned writer, as every pattern is asked: look, train, answer, judge, prove."""

from collections.abc import Sequence
from pathlib import Path

from ...labelled_data.base import Example
from ...project_base.checks import Check
from ...project_base.errors import UserError
from ..base import Answerer, Finding, Trained, Work
from ..evaluation import TwoByTwo
from ..retrieval_half import check_index
from ..settings import ProjectSettings
from ..tuned_half import check_labels, climbed
from ..tuned_writer import check_model, check_task
from .answers import drafts_of, open_written
from .judging import judge_writer, made_by_writer
from .proof import checks_of
from .survival import lost
from .writing import house_words, stated_in

_MOST_LOST = 0.5
"""Share of edited drafts that may lose a fact before training makes no sense: most answers would go out unstyled."""


def check(settings: ProjectSettings) -> list[Finding]:
    """Looks at edited drafts, models and index; see `base.Pattern`."""
    findings = check_model(settings, made_by_writer)
    if any(finding.blocking for finding in findings):
        return findings
    try:
        findings += check_edits(drafts_of(settings))
        findings += check_labels(settings, Work())
    except UserError as error:
        findings.append(Finding(error.message, error.next_step, blocking=True))
    return [*findings, *check_index(settings)]


def check_edits(examples: Sequence[Example]) -> list[Finding]:
    """Whether editors kept every fact of the drafts: a writer learns what they did."""
    house = house_words(examples)
    faults = {example.place: lost(stated_in(example)[1], str(example.target), house) for example in examples}
    changed = {place: found for place, found in faults.items() if found}
    if not changed:
        return []
    place, found = next(iter(changed.items()))
    return [
        Finding(
            f"{len(changed)} of {len(examples)} edited drafts lose or add a fact, such as {place} ({found[0]})",
            "mend these rows or take them out: the writer learns to do the same, and such answers go out unstyled",
            blocking=len(changed) > _MOST_LOST * len(examples),
        )
    ]


def train(settings: ProjectSettings, work: Work) -> Trained:
    """Climbs the ladder of the writing models on drafts and their edited form.

    Raises:
        UserError: The task is another one, or the data forbids it.
    """
    check_task(settings)
    for finding in check_edits(drafts_of(settings)):
        work.tell(f"{finding.says}; {finding.next_step}")
    return climbed(settings, work)[1]


def open_answers(settings: ProjectSettings, work: Work) -> Answerer:
    """Opens both halves; see `base.Pattern`."""
    return open_written(settings, work)


def evaluate(settings: ProjectSettings, work: Work) -> TwoByTwo:
    """Judges the writer on test drafts and live; see `judging.judge_writer`."""
    return judge_writer(settings, work)


def checks(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The smoke checks of the writer; see `base.Pattern`."""
    return checks_of(settings, workdir)
