"""What comes along with a component: files of its own beside those that every project has."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from advisor import resources
from advisor.documents import Recommendation
from advisor.knowledge import Knowledge
from advisor.scaffold.plan import ProjectPlan, plan_project
from advisor.scaffold.write import write_project
from tests import projects

WORKFLOW = ".github/workflows/retraining.yml"
CRON = "retraining.cron"


@pytest.fixture(scope="module")
def retraining(recommendation: Recommendation, knowledge: Knowledge) -> ProjectPlan:
    pattern = replace(knowledge.patterns["scheduled"], component="retraining")
    return plan_project(recommendation, pattern, knowledge, "demo")


def text(plan: ProjectPlan, path: str) -> str:
    return next(file.content for file in plan.files if file.path == path).decode()


def steps(plan: ProjectPlan) -> dict[str, str]:
    """The commands of the workflow, by the names of their steps."""
    job: Mapping[str, Any] = yaml.safe_load(text(plan, WORKFLOW))["jobs"]["retrain"]
    return {step["name"]: step["run"] for step in job["steps"] if "run" in step}


def test_the_files_of_a_component_lie_where_its_folder_says(
    retraining: ProjectPlan, recommendation: Recommendation, knowledge: Knowledge
) -> None:
    made = {file.path: file.made for file in retraining.files}
    assert made[CRON] == made[WORKFLOW] == "rendered"
    others = {file.path for file in projects.plan(recommendation, knowledge, "plain_rag").files}
    assert not {CRON, WORKFLOW} & others
    recorded = {record.path for record in retraining.manifest.files}
    assert {CRON, WORKFLOW} <= recorded, "an update has to know them"


def test_no_two_templates_make_the_same_file() -> None:
    templates = resources.folder("templates")
    rooms = {path.parent.name for path in resources.folder("reference_impls").glob("*/component.yaml")}
    roots = [templates / "project", *(templates / "along").iterdir()]
    assert {root.name for root in roots[1:]} <= rooms
    made = [path.relative_to(root).as_posix() for root in roots for path in root.rglob("*") if path.is_file()]
    assert len(set(made)) == len(made)
    assert all(name.endswith(".jinja") for name in made)


def test_the_workflow_is_sound(retraining: ProjectPlan) -> None:
    given = yaml.safe_load(text(retraining, WORKFLOW))
    # YAML 1.1 reads the key `on` as true; GitHub does not.
    triggers = given[True]
    assert re.fullmatch(r"\d+ \d+ \* \* \*", triggers["schedule"][0]["cron"])
    assert triggers["workflow_dispatch"]["inputs"]["now"]["type"] == "boolean"
    assert given["permissions"] == {"contents": "write"}
    assert given["concurrency"] == {"group": "retraining", "cancel-in-progress": False}
    retrain = next(step for step in given["jobs"]["retrain"]["steps"] if "retrain $NOW" in step.get("run", ""))
    assert retrain["env"]["NOW"] == "${{ inputs.now && '--now' || '' }}"
    # The order that works from the first run on, as the tests of the commands have it.
    commands = [command for run in steps(retraining).values() for command in re.findall(r"python -m demo (.*)", run)]
    assert commands == [
        'kept > "$RUNNER_TEMP/kept"',
        "monitor --if-in-service",
        "replay --if-needed",
        "retrain $NOW",
        'status | tee -a "$GITHUB_STEP_SUMMARY"',
    ]
    # What a person types in never stands inside a command.
    assert not [name for name, run in steps(retraining).items() if "${{" in run]


def test_every_command_that_is_named_is_there(retraining: ProjectPlan) -> None:
    from reference_impls.project_base.cli import RoomCommands

    commands = RoomCommands("main", "retraining")
    told = "\n".join((text(retraining, CRON), text(retraining, WORKFLOW), text(retraining, "README.md")))
    named = set(re.findall(r"python -m demo ([a-z]+)((?: --[a-z-]+)*)", told))
    assert {"monitor", "retrain", "status", "replay", "check", "models", "rollback"} <= {name for name, _ in named}
    for name, options in named:
        command = commands.get_command(None, name)  # type: ignore[arg-type]  # the names need no context
        assert command is not None, name
        known = {option for parameter in command.params for option in parameter.opts}
        assert set(options.split()) <= known, name


def test_the_lines_for_cron_are_lines_of_cron(retraining: ProjectPlan) -> None:
    lines = [line for line in text(retraining, CRON).splitlines() if line and not line.startswith("#")]
    assert [line.partition("=")[0] for line in lines[:2]] == ["SHELL", "PROJECT"]
    for line in lines[2:]:
        assert re.match(r"\d+ \d+ \* \* \*  cd \"\$PROJECT\" && .*python -m demo (monitor|retrain)", line)
        assert "%" not in line, "cron ends a command there"
    assert len(lines) == 4


def git(folder: Path, *words: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(["git", *words], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def shell(folder: Path, command: str, *, fails: bool = False, **variables: str) -> str:
    """Runs a step as GitHub does: bash, which stops at the first command that fails."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "PATH": path}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command],
        cwd=folder,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == fails, done.stderr
    return done.stdout + done.stderr


def origin_of(plan: ProjectPlan, folder: Path, rows: int = 0, **changes: Mapping[str, object]) -> Path:
    """A repository with the project as its owner pushed it; `changes` are made to config.yaml, `rows` to its data."""
    made, origin = folder / "demo", folder / "origin.git"
    write_project(plan, made)
    config = yaml.safe_load((made / "config.yaml").read_text())
    for section, keys in changes.items():
        config[section] |= keys
    (made / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    if rows:
        draw = random.Random(0)
        values = [draw.gauss(0, 1) for _ in range(rows)]
        told = [
            f"{date(2026, 1, 1) + timedelta(days=row)},{x:.4f},{x > draw.gauss(0, 0.3)}" for row, x in enumerate(values)
        ]
        (made / "rows.csv").write_text("\n".join(["day,x,warm", *told]) + "\n")
    git(folder, "init", "-q", "--bare", "-b", "main", str(origin))
    git(made, "init", "-q", "-b", "main")
    git(made, "add", "-A")
    git(made, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "made")
    git(made, "push", "-q", str(origin), "main")
    return origin


class Run:
    """A run on a machine of GitHub: a new clone, and a folder of its own for the runner."""

    def __init__(self, origin: Path, folder: Path, number: int) -> None:
        self.clone, self._runner = folder / f"run{number}", folder / f"runner{number}"
        self._runner.mkdir()
        self._number = number
        git(folder, "clone", "-q", "--depth", "1", origin.as_uri(), str(self.clone))

    def step(self, command: str, *, fails: bool = False) -> str:
        """What a step says."""
        return shell(
            self.clone,
            command,
            fails=fails,
            RUNNER_TEMP=str(self._runner),
            GITHUB_RUN_ID=str(self._number),
            GITHUB_OUTPUT=str(self._runner / "output"),
            GITHUB_STEP_SUMMARY=str(self._runner / "summary"),
            NOW="",
        )


def test_models_and_results_come_back_in_the_next_run(retraining: ProjectPlan, tmp_path: Path) -> None:
    origin = origin_of(retraining, tmp_path, retraining={"metrics_file": "log/my metrics.jsonl"})
    run = steps(retraining)
    for number in (1, 2):
        machine = Run(origin, tmp_path, number)
        machine.step(run["Say what is kept from run to run"])
        said = machine.step(run["Bring back models and results"])
        assert ("first run" in said) == (number == 1)
        kept, metrics = machine.clone / "models" / "champion.json", machine.clone / "log" / "my metrics.jsonl"
        if number == 2:
            assert kept.read_text() == "run 1"
            assert metrics.is_file()
        for file in (kept, metrics):
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"run {number}")
        # No results yet: a folder that is not there is no reason to lose the others.
        machine.step(run["Keep models and results"])
    assert git(origin, "show", "retraining-state:models/champion.json") == "run 2"
    assert git(origin, "rev-list", "--count", "retraining-state") == "1"
    assert git(origin, "rev-list", "--count", "main") == "1"
    assert git(origin, "ls-tree", "-r", "--name-only", "retraining-state").splitlines() == [
        "log/my metrics.jsonl",
        "models/champion.json",
    ]
    output = (tmp_path / "runner2" / "output").read_text().splitlines()
    assert output == ["paths<<END", "models", "runs", "log/my metrics.jsonl", "END"]


def test_what_cannot_be_kept_stops_a_run_before_it_trains(retraining: ProjectPlan, tmp_path: Path) -> None:
    origin = origin_of(retraining, tmp_path, registry={"folder": "../models"})
    run = steps(retraining)
    machine = Run(origin, tmp_path, 1)
    said = machine.step(run["Say what is kept from run to run"], fails=True)
    assert "registry.folder" in said
    assert list(run).index("Say what is kept from run to run") < list(run).index("Retrain where it is time")
    shutil.rmtree(origin)
    assert "first run" not in machine.step(run["Bring back models and results"], fails=True)


@pytest.mark.soak
def test_an_empty_clone_works_from_its_first_run(retraining: ProjectPlan, tmp_path: Path) -> None:
    """All steps in their order, on a small history: a policy is chosen, a version trained, and then watched."""
    origin = origin_of(
        retraining,
        tmp_path,
        rows=360,
        retraining={"data": "rows.csv", "policy": "auto"},
        history={"target": "warm", "time": "day", "known": "", "window": "60"},
        predictors={"kind": "linear"},
        replay={
            "cadences": "1",
            "sliding_windows": "",
            "half_lives": "",
            "label_budgets": "",
            "drift_triggered": False,
            "incremental": False,
            "warm_start": False,
            "recalibration": False,
            "resamples": 999,
            "processes": 1,
        },
    )
    run = {name: command for name, command in steps(retraining).items() if name != "Install"}
    for number in (1, 2):
        machine = Run(origin, tmp_path, number)
        said = {name: machine.step(command) for name, command in run.items()}
        assert ("is in service now" in said["Retrain where it is time"]) == (number == 1)
        assert ("nothing to watch" in said["Watch"]) == (number == 1)
        assert ("nothing is replayed" in said["Choose a policy"]) == (number == 2)
    assert "due           no" in said["Say how things stand"]
    assert git(origin, "ls-tree", "--name-only", "retraining-state").split() == ["models", "runs"]
