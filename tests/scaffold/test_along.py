"""What comes along with a component: files of its own beside those that every project has."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import replace
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


def shell(folder: Path, command: str, **variables: str) -> str:
    """Runs a step as GitHub does: bash, which stops at the first command that fails."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, **variables}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_models_and_results_come_back_in_the_next_run(retraining: ProjectPlan, tmp_path: Path) -> None:
    write_project(retraining, tmp_path / "demo")
    origin = tmp_path / "origin.git"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(origin))
    git(tmp_path / "demo", "init", "-q", "-b", "main")
    git(tmp_path / "demo", "add", "-A")
    git(tmp_path / "demo", "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "made")
    git(tmp_path / "demo", "push", "-q", str(origin), "main")
    run = steps(retraining)
    for number in ("1", "2"):
        clone = tmp_path / f"run{number}"
        temporary = tmp_path / f"temporary{number}"
        temporary.mkdir()
        git(tmp_path, "clone", "-q", "--depth", "1", origin.as_uri(), str(clone))
        said = shell(clone, run["Bring back models and results"])
        assert ("first run" in said) == (number == "1")
        kept = clone / "models" / "champion.json"
        if number == "2":
            assert kept.read_text() == "run 1"
            assert (clone / "runs" / "metrics.jsonl").is_file()
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(f"run {number}")
        (clone / "runs").mkdir(exist_ok=True)
        (clone / "runs" / "metrics.jsonl").write_text("{}\n")
        shell(clone, run["Keep models and results"], RUNNER_TEMP=str(temporary), GITHUB_RUN_ID=number)
        assert git(clone, "status", "--porcelain") == "", "what is kept stands in the branch alone"
    assert git(origin, "show", "retraining-state:models/champion.json") == "run 2"
    assert git(origin, "rev-list", "--count", "retraining-state") == "1"
    assert git(origin, "rev-list", "--count", "main") == "1"
    assert git(origin, "ls-tree", "--name-only", "retraining-state").split() == ["models", "runs"]
