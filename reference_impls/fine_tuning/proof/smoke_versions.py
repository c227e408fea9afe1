"""Smoke checks of what comes after training: evaluation, service, the way back, and prediction."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from ...project_base.checks import CheckFailed, Outcome
from ...project_base.terminal import shortened
from ...registry.evaluations import evaluation_file
from ...registry.model_folder import MODEL_FILE, open_model, write_model
from ...registry.registry import Registry
from ...registry.version import Version
from ..answering.rows_out import ADDED
from ..held_out.floors import NOTHING_LEARNT
from ..held_out.model_evaluation import ModelEvaluation
from ..ladder.ladder import LADDER, Ladder
from ..ladder.rungs import LADDERS
from ..ladder.scoring import SHOWN
from .smoke_project import SmokeProject
from .smoke_rows import Row, rows_of, write_rows

_HARMLESS = {".json", ".safetensors", ".onnx", ".txt", ".jinja", ".md"}
"""Tables, weights, graphs of operators, words and templates of conversations: nothing in them is run."""
_EMPTY = 3


def served(project: SmokeProject) -> Outcome:
    """The kept version is judged by the test data, described, and put in service."""
    version = Ladder.model_validate_json((project.runs / LADDER).read_bytes()).version
    refused = project.run("promote", version)
    if not refused.code:
        raise CheckFailed(f"{version} was put in service although nobody had evaluated it")
    found = evaluated(project, version)
    card = evaluation_file(project.runs, version).with_suffix(".md").read_text(encoding="utf-8")
    if f"{found.score:.3f}" not in card:
        raise CheckFailed(f"the model card does not name the score {found.score:.3f}")
    project.asked("promote", version)
    low, high = found.interval
    floor = found.floors[0]
    return Outcome(
        f"{version} is in service: {SHOWN[found.metric]} {found.score:.3g} (95 % interval {low:.3g} to {high:.3g}) on "
        f"{found.rows} held-out rows, {floor.rung} {floor.score:.3g}; before it was evaluated it was refused",
        {"test_score": found.score, "test_floor_score": floor.score, "test_rows": found.rows},
    )


def not_forgotten(project: SmokeProject, rung: str) -> Outcome:
    """The tuned model is kept and judged like every other one, and what it forgot is measured.

    Args:
        project: Where.
        rung: `lora` or `full`, which was trained before.
    """
    project.asked("train", rung, config=project.folder / "tuning.yaml")
    found = evaluated(project, newest(project).id)
    forgetting = found.forgetting
    if forgetting.before is None or forgetting.after is None:
        raise CheckFailed(f"nobody knows what it has forgotten: {forgetting.why}")
    return Outcome(
        f"{found.version}: {SHOWN[found.metric]} {found.score:.3f} on the test rows, {found.outcome} beside the one in "
        f"service; {forgetting.measure} {forgetting.before:.3g} before the training, {forgetting.after:.3g} after it: "
        f"{forgetting.verdict}",
        {"tuned_score": found.score, "general_before": forgetting.before, "general_after": forgetting.after},
    )


def regressed(project: SmokeProject) -> Outcome:
    """A worse version is found out and refused; forced in, it gives way to the one before it."""
    registry = Registry(project.models)
    present = registry.in_service()
    if present is None:
        raise CheckFailed("no version is in service")
    worse = next(rung.name for rung in LADDERS[project.task] if rung.name in NOTHING_LEARNT)
    project.asked("train", worse)
    candidate = newest(project).id
    found = evaluated(project, candidate)
    if found.outcome != "regressed":
        raise CheckFailed(f"{candidate} was called {found.outcome} beside {present.version}")
    if not project.run("promote", candidate).code:
        raise CheckFailed(f"{candidate} was put in service although it is worse")
    project.asked("promote", candidate, "--force", "--why", "smoke run")
    forced = registry.in_service()
    project.asked("rollback")
    back = registry.in_service()
    if forced is None or back is None or (forced.version, back.version) != (candidate, present.version):
        raise CheckFailed(f"rollback left {back.version if back else 'nothing'} in service, and not {present.version}")
    change = found.against.regression.difference if found.against else None
    return Outcome(
        f"{candidate} regressed and was refused; forced in, it gave way to {present.version} by rollback",
        {"regression": change.difference if change else 0.0},
    )


def predicted(project: SmokeProject) -> Outcome:
    """A file is predicted row by row; a row without text keeps its place and says what is wrong with it."""
    answers = ask(project, None, project.folder / f"answers{project.examples.suffix}")
    said = answers[0][ADDED[project.task][0]]
    return Outcome(
        f"{len(answers)} rows in, as many out; the empty one says '{answers[_EMPTY]['error']}', the first answer is "
        f"{shortened(json.dumps(said, ensure_ascii=False), 80)}",
        {"predicted_rows": len(answers)},
    )


def ask(project: SmokeProject, model: Path | None, out: Path) -> list[Row]:
    """Predicts a file in which one row is empty.

    Args:
        project: Where.
        model: The folder of a model; None for the version in service.
        out: Where the answers go.

    Raises:
        CheckFailed: Not every row came back in its place, or not the empty one alone has an error.
    """
    text = "instruction" if project.task == "generation" else "text"
    rows: list[Row] = [{text: row[text]} for row in rows_of(project.examples)[-6:]]
    rows.insert(_EMPTY, {text: ""})
    file = write_rows(project.folder / f"asked{project.examples.suffix}", rows)
    project.asked("predict", str(file), "--out", str(out), *(("--model", str(model)) if model else ()))
    answers = rows_of(out)
    if [row[text] for row in answers] != [row[text] for row in rows]:
        raise CheckFailed(f"{len(rows)} rows were given, and others came back, or in another order")
    errors = [place + 1 for place, row in enumerate(answers) if row["error"]]
    if errors != [_EMPTY + 1]:
        raise CheckFailed(f"row {_EMPTY + 1} of {len(rows)} is empty, and errors were told of the rows {errors}")
    return answers


def other_base(project: SmokeProject) -> Outcome:
    """An adapter answers on the base model that it was trained on, and on no other one."""
    model = open_model(project.tuned)
    about = dict(model.about)
    if project.task == "generation":
        about["base_digest"] = "0" * 64
    else:
        about["base"] = {**cast("Mapping[str, object]", about["base"]), "id": "another encoder"}
    moved = project.folder / "other-base"

    def copy(part: Path) -> None:
        for name in model.files:
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(model.path / name, part / name)

    write_model(moved, model.kind, about, copy)
    words = ("predict", "--text", "The tag is silent.", "--model")
    project.asked(*words, str(model.path))
    said = project.run(*words, str(moved))
    if not said.code or "trained on" not in said.told:
        raise CheckFailed(f"it answered on another base, or failed otherwise: {said.told or said.out}")
    return Outcome(f"refused: {shortened(said.told, 200)}")


def harmless(project: SmokeProject) -> Outcome:
    """All that was written of models holds tables, weights and graphs; nothing that is run when it is opened."""
    folders = [project.models, project.tuned, *project.folder.glob("exported*")]
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file() and not _lock(file)]
    others = [str(file.relative_to(project.folder)) for file in files if file.suffix not in _HARMLESS]
    if others or not any(file.name == MODEL_FILE for file in files):
        raise CheckFailed(f"a model wrote {', '.join(others) or 'no files'}")
    kinds = sorted({file.suffix for file in files})
    return Outcome(f"{len(files)} files of models, all {', '.join(kinds)}", {"model_files": len(files)})


def evaluated(project: SmokeProject, version: str) -> ModelEvaluation:
    """Judges a version by the test data."""
    project.asked("evaluate", version)
    return ModelEvaluation.model_validate_json(evaluation_file(project.runs, version).read_bytes())


def newest(project: SmokeProject) -> Version:
    """The version that was added last."""
    return Registry(project.models).versions()[-1]


def _lock(file: Path) -> bool:
    return file.name.startswith(".") and file.name.endswith(".lock")
