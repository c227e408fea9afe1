"""Judges a version by the test data, which nothing else reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ...labelled_data.base import Classifier, Example, Writer
from ...project_base.errors import UserError
from ...registry.model_folder import ModelFolder
from ...registry.records import now
from ...registry.version import Version, model_digest
from ..answering.answering import Rules, task_of
from ..ladder.digests import data_digest
from ..ladder.judging import Judged, judge, samples_of
from ..ladder.models import open_model_of
from ..ladder.results import Outcome
from ..ladder.scoring import score
from .cases import ask_cases
from .confidence import Chosen, abstaining, chosen_for, columns, probability_scores
from .floors import Trained, beside, floors
from .forgetting import forgetting_of
from .held_out import check_held_out, looks
from .measuring import class_scores, label_scores, of_classes, of_losses, of_spans
from .model_evaluation import Floor, ModelEvaluation
from .stepping_back import against, cases_of
from .trial import Trial

_SAMPLES = 3
_FEW = 100


@dataclass(frozen=True)
class Evaluated:
    """An evaluation, and what is kept with the version from now on.

    Attributes:
        evaluation: What was found.
        rules: How the probabilities of a classifier are read; None for other tasks and where nothing is known.
        trained_on: The examples that taught the version.
    """

    evaluation: ModelEvaluation
    rules: Rules | None
    trained_on: tuple[Example, ...]


def evaluate(trial: Trial, version: Version, other: Version | None) -> Evaluated:
    """Judges a version: figures, calibration, abstaining, floors, the version in service, forgetting.

    Args:
        trial: Data, settings and who watches.
        version: Of the registry.
        other: To compare with; None for none.

    Raises:
        UserError: The version was made of other data, or a model or the cases cannot be opened.
    """
    settings, test = trial.settings, trial.data.test
    check_held_out(version, trial.data.digest, test)
    folder = trial.registry.open(version.id, "size")
    task_of(folder, version.id, settings)
    cases = cases_of(trial)
    model = open_model_of(folder, settings)
    labels = () if trial.task == "generation" else cast("Classifier", model).labels
    judged = judge(trial.task, model, test, labels, trial.progress(f"judging {version.id}", len(test)))
    trained = _trained(trial, version)
    chosen = _chosen(trial, version, folder, refit=not trained.validation)
    parts: dict[str, Any] = {
        **_identity(trial, version, folder, labels, len(trained.train)),
        **_figures(trial, judged, labels),
        **_confidence(judged, labels, test, chosen),
        "floors": _floors(trial, version, folder, trained, judged.outcomes),
        "forgetting": forgetting_of(model, folder, settings),
        "samples": samples_of(cast("Writer", model), test[:_SAMPLES]) if trial.task == "generation" else (),
        "outcomes": tuple(judged.outcomes),
    }
    ours = ask_cases(trial.task, model, cases) if cases else []
    # Two tuned models need not stand in memory at once.
    del model
    parts |= against(trial, judged.outcomes, other, cases, ours)
    _remark(trial, labels)
    evaluation = ModelEvaluation.model_validate(parts | {"notes": tuple(trial.notes)})
    return Evaluated(evaluation, chosen.rules() if chosen else None, tuple(trained.train))


def _identity(
    trial: Trial, version: Version, folder: ModelFolder, labels: Sequence[str], trained_on: int
) -> dict[str, Any]:
    about = version.about
    base = folder.about.get("base")
    test_data = data_digest({"test": trial.data.test})
    return {
        "version": version.id,
        "model_sha256": model_digest(version.path),
        "when": now(),
        "task": trial.task,
        "rung": str(about.get("rung") or version.kind),
        "kind": version.kind,
        "base": str(base.get("name", "")) if isinstance(base, dict) else str(base or ""),
        "data_name": str(about.get("data_name") or Path(trial.settings.fine_tuning.examples).name),
        "data": trial.data.digest,
        "test_data": test_data,
        "trained_on": trained_on,
        "rows": len(trial.data.test),
        "looks": looks(trial.runs_folder, version.id, test_data),
        "labels": tuple(labels),
        "despite": tuple(cast("list[str]", about.get("despite") or ())),
        "seed": about.get("seed"),
        "settings": about.get("settings") or {},
        "made_with": folder.made_with,
    }


def _trained(trial: Trial, version: Version) -> Trained:
    data = trial.data
    if version.about.get("trained_on") == len(data.train):
        return Trained(data.train, data.validation)
    return Trained((*data.train, *data.validation), ())


def _chosen(trial: Trial, version: Version, folder: ModelFolder, *, refit: bool) -> Chosen | None:
    """What validation chose for the probabilities; None, with a note, where that is not known."""
    if trial.task != "classification":
        return None
    told = folder.about.get("calibration")
    try:
        chosen, note = chosen_for(
            version,
            told if isinstance(told, dict) else None,
            trial.runs_folder,
            trial.settings.fine_tuning.abstain_accuracy,
            refit=refit,
        )
        trial.notes.extend([note] if note else [])
        return chosen
    except UserError as error:
        trial.notes.append(f"probabilities are not calibrated: {error.message} ({error.next_step})")
        return None


def _figures(trial: Trial, judged: Judged, labels: Sequence[str]) -> dict[str, Any]:
    metric, outcomes = trial.data.metric, judged.outcomes
    value, interval = score(metric, outcomes)
    found: dict[str, Any] = {"metric": metric, "score": value, "interval": interval}
    if trial.task == "classification":
        classes = class_scores(outcomes, labels)
        return found | {"classes": classes, "measures": of_classes(classes)}
    if trial.task == "extraction":
        spans = label_scores(outcomes, labels)
        return found | {"spans": spans, "measures": of_spans(spans, outcomes)}
    return found | {"measures": of_losses(outcomes)}


def _confidence(
    judged: Judged, labels: Sequence[str], test: Sequence[Example], chosen: Chosen | None
) -> dict[str, Any]:
    if judged.probabilities is None or chosen is None:
        return {}
    true = columns([str(example.target) for example in test], labels)
    return {
        "probabilities": probability_scores(judged.probabilities, true, chosen),
        "abstaining": abstaining(judged.probabilities, true, chosen),
    }


def _floors(
    trial: Trial, version: Version, folder: ModelFolder, trained: Trained, outcomes: Sequence[Outcome]
) -> tuple[Floor, ...]:
    task, metric, test = trial.task, trial.data.metric, trial.data.test
    rung = str(version.about.get("rung") or version.kind)
    if task != "generation":
        return floors(
            task,
            metric,
            rung,
            trained,
            test,
            outcomes,
            trial.ways,
            seed=trial.settings.labelled_data.seed,
            progress=trial.progress,
            note=trial.notes.append,
        )
    if rung == "untuned":
        return ()
    from ...generators.kinds import open_base  # noqa: PLC0415 -- heavy

    base = open_base(folder.about, trial.settings.generators)
    return (beside(task, metric, "untuned", base, test, outcomes, trial.progress),)


def _remark(trial: Trial, labels: Sequence[str]) -> None:
    test = trial.data.test
    if len(test) < _FEW:
        trial.notes.append(f"{len(test)} test rows are few: the intervals say how little they can tell")
    if trial.task != "classification":
        return
    targets = {str(example.target) for example in test}
    if len(targets) == 1:
        trial.notes.append(f"all test rows carry the label {next(iter(targets))!r}: the others are not judged")
    elif missing := sorted(set(labels) - targets):
        named = ", ".join(repr(label) for label in missing[:5]) + (" and others" if len(missing) > 5 else "")
        trial.notes.append(f"no test row carries {named}, so nothing is known of these labels")
