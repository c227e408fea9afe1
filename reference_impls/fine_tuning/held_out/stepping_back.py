"""Whether a version is a step back from another one: on the test rows, and on the rows that must stay right."""

from collections.abc import Sequence
from typing import Any

from ...labelled_data.base import Example, Model
from ...project_base.errors import UserError
from ...registry.version import Version, model_digest
from ..answering.answering import task_of
from ..ladder.judging import judge
from ..ladder.models import open_model_of
from ..ladder.results import Outcome
from .beside import changed_rows, compared
from .cases import ask_cases, judge_cases, read_cases
from .held_out import unseen_by, vanished
from .model_evaluation import Beside
from .trial import Trial


def cases_of(trial: Trial) -> tuple[Example, ...]:
    """The rows that must stay right; none where the settings name no file.

    Raises:
        UserError: The file or one of its rows is wrong.
    """
    file = trial.settings.fine_tuning.regression_cases
    return read_cases(file, trial.task, trial.settings.labelled_data) if file else ()


def against(
    trial: Trial,
    outcomes: Sequence[Outcome],
    other: Version | None,
    cases: Sequence[Example],
    ours: Sequence[Outcome],
) -> dict[str, Any]:
    """The parts `cases`, `against` and `outcome` of an evaluation.

    Args:
        trial: Data, settings and who watches.
        outcomes: Of this version on the test rows.
        other: To compare with; None for none.
        cases: The rows that must stay right.
        ours: What this version makes of them.

    Raises:
        UserError: The other version cannot be opened.
    """
    file = trial.settings.fine_tuning.regression_cases
    if other is None:
        return {"cases": judge_cases(file, cases, ours, None) if cases else None}
    places, known = unseen_by(other, trial.data.digest, trial.data.test, trial.data.present)
    if not places and not cases:
        trial.notes.append(f"{other.id} was trained on all of the test rows, and cannot be compared with by them")
        return {}
    model = _opened(trial, other)
    judged_cases = judge_cases(file, cases, ours, ask_cases(trial.task, model, cases)) if cases else None
    found = _beside(trial, model, other, [outcomes[place] for place in places], places, known) if places else None
    outcome = found.regression.outcome if found else None
    if judged_cases and judged_cases.broken:
        outcome = "regressed"
    return {"cases": judged_cases, "against": found, "outcome": outcome}


def _opened(trial: Trial, other: Version) -> Model:
    folder = trial.registry.open(other.id, "size")
    try:
        task_of(folder, other.id, trial.settings)
        return open_model_of(folder, trial.settings)
    except UserError as error:
        raise UserError(
            f"{other.id} cannot be compared with: {error.message}",
            f"{error.next_step}; or give --against another version, or none",
        ) from error


def _beside(
    trial: Trial, model: Model, other: Version, ours: Sequence[Outcome], places: Sequence[int], known: bool
) -> Beside:
    data = trial.data
    rows = [data.test[place] for place in places]
    advance = trial.progress(f"judging {other.id}", len(rows))
    theirs = judge(trial.task, model, rows, advance=advance).outcomes
    labels = [str(row.target) for row in rows] if trial.task == "classification" else None
    found = compared(trial.task, data.metric, ours, theirs, labels)
    event = trial.registry.in_service()
    return Beside(
        version=other.id,
        model_sha256=model_digest(other.path),
        in_service=event is not None and event.version == other.id,
        same_data=other.about.get("data") == data.digest,
        rows=len(rows),
        left_out=len(data.test) - len(rows),
        seen_known=known,
        vanished=vanished(other, data.digest, data.present),
        regression=found,
        newly_wrong=changed_rows(found.newly_wrong, rows, ours, theirs),
        newly_right=changed_rows(found.newly_right, rows, ours, theirs),
    )
