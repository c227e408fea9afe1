"""The smoke checks: what a retraining project promises, tried on the sample from its first day to its last."""

import csv
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

from ...predictors.keeping import TRUSTED
from ...predictors.kinds import LOADERS
from ...project_base.checks import CheckFailed, Outcome
from ...project_base.errors import UserError
from ...project_base.optional import require
from ...project_base.rooms import PACKAGE_NAME
from ...project_base.terminal import last_words, shortened
from ...registry.model_folder import MODEL_FILE, open_model, write_model
from ..operation.journal import read_events
from ..operation.judgement import read_judgement
from ..operation.policies import read_replay
from .invented_requests import CHANGE_DAY
from .smoke_project import SmokeProject

BEFORE, CALM, AFTER, LATER, LAST = "2024-08-01", "2024-10-01", "2025-02-01", "2025-03-25", "2025-05-01"
"""Days of the sample: some before its rules change, some after."""
_HARMLESS = {".json", ".skops"}


def leak_refused(project: SmokeProject) -> Outcome:
    """A column that gives the target away is found, and nothing is trained with it."""
    rows = project.requests(BEFORE)
    project.write_rows(rows, closing_code={"remote": "R1", "parts": "P7", "visit": "V2"})
    said = project.run("retrain", "--now", config=_calendar(project))
    if not said.code or "closing_code" not in said.told:
        raise CheckFailed(f"a column that gives the target away was not refused: {said.told or said.out}")
    if project.in_service():
        raise CheckFailed("a version was put in service all the same")
    return Outcome(f"refused: {shortened(said.told, 160)}")


def replayed(project: SmokeProject) -> Outcome:
    """The replay chooses a policy that beats never to retrain."""
    project.come(LAST)
    project.asked("replay")
    found = read_replay(project.project.runs)
    if found is None:
        raise CheckFailed("the replay left no result")
    replay, choice = found
    never, chosen = replay.played("never"), replay.played(choice.policy)
    measured = {"never": never.metric, "chosen": chosen.metric, "saved": never.cost.total - chosen.cost.total}
    if choice.do_not_retrain or chosen.metric <= never.metric:
        raise CheckFailed(f"it chose {choice.policy}: {choice.why}", measured)
    page = (project.project.runs / "replay.html").read_text(encoding="utf-8")
    if "<script" in page or choice.policy not in page:
        raise CheckFailed("the chart does not show the choice, or holds a script")
    return Outcome(
        f"{choice.policy}: accuracy {chosen.metric:.3f} against {never.metric:.3f} without retraining; it saves "
        f"{measured['saved']:.0f} at the prices of the smoke run",
        measured,
    )


def first_version(project: SmokeProject) -> Outcome:
    """The first version is trained, judged by newer rows, and put in service; predictions keep the order."""
    project.come(BEFORE)
    project.asked("retrain")
    version = project.in_service()
    found = read_judgement(project.project.runs, version) if version else None
    if found is None:
        raise CheckFailed("no judged version is in service")
    out = project.folder / "predicted.csv"
    project.asked("predict", str(project.data), "--out", str(out))
    lines, given = out.read_text(encoding="utf-8").splitlines(), project.data.read_text(encoding="utf-8").splitlines()
    if len(lines) != len(given) or any(
        row.split(",")[0] != other.split(",")[0] for row, other in zip(lines, given, strict=True)
    ):
        raise CheckFailed(f"{len(given)} rows were given, and others came back, or in another order")
    return Outcome(
        f"{version} is in service: accuracy {found.score:.3f} on {found.rows} newer rows, {found.floor.score:.3f} for "
        f"{found.floor.name}; {len(lines) - 1:,} rows predicted in their order",
        {"first_score": found.score, "first_floor": found.floor.score},
    )


def drift_found(project: SmokeProject) -> Outcome:
    """After the change of the rules the watch finds drift; before it there was none."""
    project.come(CALM)
    calm = project.run("monitor", "--fail-on-drift")
    if calm.code:
        raise CheckFailed(f"drift was found before anything changed: {calm.told or calm.out}")
    project.come(AFTER)
    quiet = project.asked("monitor", "--format", "json")
    alarm = project.run("monitor", "--fail-on-drift")
    told = json.loads(quiet.out)
    if told["verdict"] != "drift" or alarm.code == 0:
        raise CheckFailed(f"no drift was found: {told['why']}")
    since = {each["what"]: each["since"] for each in told["watched"]["since"]}
    moved = ", ".join(f"{what} since {when}" for what, when in list(since.items())[:2])
    return Outcome(f"drift after {CHANGE_DAY:%Y-%m-%d}: {moved}; exit code {alarm.code}", {"moved": len(since)})


def picked(project: SmokeProject) -> Outcome:
    """Of rows that nobody has labelled, those of most use are picked, as many as the budget pays for."""
    project.come_unlabelled(BEFORE, AFTER)
    file = project.folder / "to_label.csv"
    project.asked("pick", "--out", str(file))
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    counted = Counter(row["picked"] for row in rows)
    if not rows or any(row["outcome"] or row["received"] < BEFORE for row in rows):
        raise CheckFailed(f"{len(rows)} rows were picked, and some have a label or are old")
    if abs(counted["least sure"] - counted["drawn"]) > 1:
        raise CheckFailed(f"they are not half of each kind: {dict(counted)}")
    return Outcome(f"{counted['least sure']} rows that the version is least sure of, {counted['drawn']} drawn")


def retrained(project: SmokeProject) -> Outcome:
    """A new version learns the new rules, passes the gate, and takes the place of the former one."""
    before = project.in_service()
    project.asked("retrain", "--now")
    after = project.in_service()
    found = read_judgement(project.project.runs, after)
    if before == after or found is None or found.champion is None:
        raise CheckFailed(f"{before} is still in service after a retraining")
    last = [event for event in read_events(project.project.metrics) if event["event"] == "retrain"][-1]
    if (last["decision"], last["in_service"]) != ("promoted", after):
        raise CheckFailed(f"the metrics say {last['decision']} of {last['in_service']}")
    return Outcome(
        f"{after} takes the place of {before}: accuracy {found.score:.3f} against {found.champion.score:.3f} on the "
        f"same {found.rows} newest labelled rows",
        {"challenger": found.score, "champion": found.champion.score},
    )


def worse_refused(project: SmokeProject) -> Outcome:
    """A worse version is refused, judged or not; forced in, it gives way to the one before it by rollback."""
    present = project.in_service()
    project.come(LATER)
    worse = _add_worse(project)
    unjudged = project.run("promote", worse)
    project.asked("evaluate", worse)
    judged = project.run("promote", worse)
    if not unjudged.code or not judged.code or project.in_service() != present:
        raise CheckFailed(
            f"{worse} was put in service although {'it is worse' if unjudged.code else 'nobody judged it'}"
        )
    if "nobody has judged it" not in unjudged.told or "worse than" not in judged.told:
        raise CheckFailed(f"it was refused for other reasons: {unjudged.told}; {judged.told}")
    project.asked("promote", worse, "--force", "--why", "smoke run")
    forced = project.in_service()
    project.asked("rollback")
    if (forced, project.in_service()) != (worse, present):
        raise CheckFailed(f"rollback left {project.in_service()} in service, and not {present}")
    return Outcome(f"refused: {shortened(judged.told, 200)}; forced in, it gave way to {present} by rollback")


def killed(project: SmokeProject) -> Outcome:
    """A training that is killed leaves the version in service, and the next one works."""
    present = project.in_service()
    command = [sys.executable, "-m", PACKAGE_NAME, "retraining", "retrain", "--now", "--config", str(project.config)]
    root = Path(__file__).parents[len(PACKAGE_NAME.split(".")) + 2]
    paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, env=environment) as process:
        lines = process.stderr or ()
        begun = any(line.startswith(b"training:") for line in lines)
        process.send_signal(signal.SIGKILL)
    if not begun:
        raise CheckFailed(f"the training ended with {process.returncode} before it could be killed")
    if project.in_service() != present or project.project.registry.verify():
        raise CheckFailed(f"after a kill {project.in_service()} is in service, or a version is damaged")
    project.asked("retrain", "--now")
    return Outcome(
        f"killed in training, {present} stayed in service; the next training ended with {project.in_service()}"
    )


def harmless(project: SmokeProject) -> Outcome:
    """All that is kept of models is data; a file that names a function is refused before anything is made of it."""
    models = project.project.registry.folder
    files = [file for file in models.rglob("*") if file.is_file() and not file.name.startswith(".")]
    skops = require("skops.io", "skops>=0.11")
    strange = {str(file.relative_to(models)) for file in files if file.suffix not in _HARMLESS}
    for file in files:
        if file.suffix == ".skops":
            strange |= set(skops.get_untrusted_types(file=file)) - TRUSTED
    if strange or not any(file.name == MODEL_FILE for file in files):
        raise CheckFailed(f"models hold {', '.join(sorted(strange)) or 'no files'}")
    try:
        LOADERS["linear"](open_model(_forged(project)))
    except UserError as error:
        return Outcome(
            f"{len(files)} files of models, all data; a forged one was refused: {last_words(error.message, 160)}"
        )
    raise CheckFailed("a model file that names os.system was loaded")


def own_data(project: SmokeProject, config: Path) -> Outcome:
    """The data that the project is set up for can be read, and no column of it gives the target away."""
    said = project.asked("check", config=config)
    return Outcome(shortened(said.out, 200))


def _calendar(project: SmokeProject) -> Path:
    """Without a replay there is no policy yet that `auto` could take."""
    return project.write_config(
        "calendar.yaml", retraining={**project.settings.retraining.model_dump(), "policy": "scheduled"}
    )


def _add_worse(project: SmokeProject) -> str:
    """Adds a version that predicts classes which it has mixed up, as after a fault in an export."""
    opened = project.project
    champion = opened.champion()
    if champion is None:
        raise CheckFailed("no version is in service")
    model = champion.model

    def mix_up(part: Path) -> None:
        for name in model.files:
            content = (model.path / name).read_bytes()
            if name == "predictor.json":
                about = json.loads(content)
                about["classes"] = about["classes"][1:] + about["classes"][:1]
                content = json.dumps(about).encode()
            (part / name).write_bytes(content)

    mixed = write_model(opened.runs / "mixed-up", model.kind, dict(model.about), mix_up, replace=True)
    return opened.registry.add(mixed, champion.about)


def _forged(project: SmokeProject) -> Path:
    model = project.project.registry.champion()
    if model is None:
        raise CheckFailed("no version is in service")

    def forge(part: Path) -> None:
        for name in model.files:
            (part / name).write_bytes((model.path / name).read_bytes())
        target = next(name for name in model.files if name.endswith("model.skops"))
        with zipfile.ZipFile(model.path / target) as archive:
            entries = {entry: archive.read(entry) for entry in archive.namelist()}
        schema = json.loads(entries["schema.json"])
        schema["__module__"], schema["__class__"] = "os", "system"
        entries["schema.json"] = json.dumps(schema).encode()
        with zipfile.ZipFile(part / target, "w") as archive:
            for entry, content in entries.items():
                archive.writestr(entry, content)

    return write_model(project.folder / "forged", "linear", {}, forge, replace=True).path
