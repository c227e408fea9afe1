"""The router, as every pattern is asked: look, train, answer, judge, prove."""

from pathlib import Path

from ...fine_tuning.ladder.data import read_data
from ...fine_tuning.ladder.results import read_probabilities, read_result
from ...project_base.checks import Check
from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from ...registry.registry import Registry
from ...registry.version import model_digest
from ...retrieval.manifest import read_manifest
from ..base import Answerer, Finding, Trained, Work
from ..evaluation import TwoByTwo
from ..retrieval_half import check_index
from ..settings import ProjectSettings
from ..tuned_half import check_labels, climbed
from .answers import open_router
from .checking import check_documents, check_handling
from .handling import read_handling
from .judging_requests import judge_router
from .limits import choose_limits, write_limits
from .proof import checks_of

_TASK = (
    "a router sorts requests, and fine_tuning.task is not classification",
    "set fine_tuning.task to classification, and fine_tuning.examples to requests with their labels",
)


def check(settings: ProjectSettings) -> list[Finding]:
    """Looks at requests, labels, fixed answers and index; see `base.Pattern`."""
    if settings.fine_tuning.task != "classification":
        return [Finding(*_TASK, blocking=True)]
    handling = read_handling(Path(settings.hybrid.handling))
    data = read_data(settings.fine_tuning_project())
    found = [*check_handling(handling, data.labels), *check_labels(settings, Work()), *check_index(settings)]
    manifest = read_manifest(Path(settings.retrieval.index_folder))
    return [*found, *check_documents(handling, [each.path for each in manifest.documents])] if manifest else found


def train(settings: ProjectSettings, work: Work) -> Trained:
    """Climbs the ladder on the labelled requests, and chooses from which confidence on they are kept from retrieval.

    Raises:
        UserError: The task is another one, the data forbids it, or no example has a label with a fixed answer.
    """
    if settings.fine_tuning.task != "classification":
        raise UserError(*_TASK)
    handling = read_handling(Path(settings.hybrid.handling))
    for finding in check_handling(handling, read_data(settings.fine_tuning_project()).labels):
        if finding.blocking:
            raise UserError(finding.says, finding.next_step)
        work.tell(f"{finding.says}; {finding.next_step}")
    ladder, trained = climbed(settings, work)
    folder = Path(settings.fine_tuning.runs_folder) / ladder.kept
    result = read_result(folder)
    version = Registry(Path(settings.registry.folder)).find(trained.version)
    limits = choose_limits(
        result,
        read_probabilities(folder, result),
        tuple(handling.fixed),
        settings.hybrid.wanted_accuracy,
        model_digest(version.path),
    )
    write_limits(version.path, limits)
    coverage = limits.threshold.answered / limits.judged if limits.threshold else 0.0
    measured = {**trained.measured, "validation_coverage": coverage}
    told = [*trained.told, limits.in_words]
    event = Registry(Path(settings.registry.folder)).in_service()
    if event and event.version == version.id:
        told.append(f"{version.id} is in service, and answers by this threshold once `evaluate` has judged it")
    return Trained(trained.version, tuple(told), measured, "" if limits.threshold else _mended(settings))


def open_answers(settings: ProjectSettings, work: Work) -> Answerer:
    """Opens both halves; see `base.Pattern`."""
    return open_router(settings, work)


def evaluate(settings: ProjectSettings, work: Work) -> TwoByTwo:
    """Judges the router beside both halves alone; see `judging_requests.judge_router`."""
    return judge_router(settings, work)


def checks(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The smoke checks of the router; see `base.Pattern`."""
    return checks_of(settings, workdir)


def _mended(settings: ProjectSettings) -> str:
    """What to do where no threshold keeps anything from retrieval: such a router costs and gives nothing."""
    return (
        f"label more requests or lower hybrid.wanted_accuracy ({settings.hybrid.wanted_accuracy:g}), then "
        f"{command_line('train')}; or go on without a router: {command_line('drop --keep rag')}"
    )
