"""The helper beside a closed model, as every pattern is asked: look, train, answer, judge, prove."""

from pathlib import Path

from ...fine_tuning.ladder.data import read_data
from ...project_base.checks import Check
from ...project_base.errors import UserError
from ..base import Answerer, Finding, Trained, Work
from ..evaluation import TwoByTwo
from ..retrieval_half import check_index
from ..settings import ProjectSettings
from ..tuned_half import check_labels, climbed
from .answers import open_helped
from .judging import check_apart, judge_helper
from .log import read_log
from .proof import checks_of

_TASK = (
    "a helper marks facts in what a model says, and fine_tuning.task is not extraction",
    "set fine_tuning.task to extraction, and fine_tuning.examples to sentences with their facts marked",
)
_NO_MODEL = Finding(
    "language_models.generator is extractive, which only quotes: there is no closed model to help yet",
    "set language_models.generator to openai_compatible, with model and base_url",
)


def check(settings: ProjectSettings) -> list[Finding]:
    """Looks at examples, log, model and index; see `base.Pattern`."""
    if settings.fine_tuning.task != "extraction":
        return [Finding(*_TASK, blocking=True)]
    log = read_log(Path(settings.hybrid.said))
    findings = [_NO_MODEL] if settings.language_models.generator == "extractive" else []
    if not any(said.fault for said in log):
        findings.append(
            Finding(
                f"no line of the log {settings.hybrid.said} has a fault: nobody can tell what a helper finds",
                "add lines that somebody corrected, with their fault",
                blocking=True,
            )
        )
    try:
        check_apart(log, read_data(settings.fine_tuning_project()).known, settings.labelled_data.near_duplicate)
    except UserError as error:
        findings.append(Finding(error.message, error.next_step, blocking=True))
    return [*findings, *check_labels(settings, Work()), *check_index(settings)]


def train(settings: ProjectSettings, work: Work) -> Trained:
    """Climbs the ladder on sentences with their facts marked.

    Raises:
        UserError: The task is another one, the data forbids it, or lines of the log stand in it.
    """
    if settings.fine_tuning.task != "extraction":
        raise UserError(*_TASK)
    known = read_data(settings.fine_tuning_project()).known
    check_apart(read_log(Path(settings.hybrid.said)), known, settings.labelled_data.near_duplicate)
    return climbed(settings, work)[1]


def open_answers(settings: ProjectSettings, work: Work) -> Answerer:
    """Opens both halves; see `base.Pattern`."""
    return open_helped(settings, work)


def evaluate(settings: ProjectSettings, work: Work) -> TwoByTwo:
    """Judges the helper on the log and live; see `judging.judge_helper`."""
    return judge_helper(settings, work)


def checks(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The smoke checks of the helper; see `base.Pattern`."""
    return checks_of(settings, workdir)
