"""The installed command line, used from a folder that has nothing to do with the checkout."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from advisor.documents import Manifest, SmokeResult
from advisor.smoke import RESULT
from tests import projects
from tests.packaging.conftest import ROOT, Environment

EXAMPLE = ROOT / "examples" / "help-desk.yaml"


def test_the_light_environment_is_light(light: Environment) -> None:
    heavy = ("torch", "transformers", "faiss", "numpy", "sklearn", "bs4", "httpx", "pytest", "packaging")
    code = (
        f"import importlib.util as u; print([m for m in {heavy!r} if u.find_spec(m)]); import advisor; print(advisor)"
    )
    done = light.start(str(light.python), "-c", code)
    absent, where = done.stdout.splitlines()
    assert absent == "[]"
    assert str(light.folder) in where


def test_help_of_every_command(light: Environment) -> None:
    done = light.run("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("ask", "recommend", "explain", "scaffold", "smoke", "report", "run", "rules"):
        assert f"  {name} " in done.stdout
        one = light.run(name, "--help")
        assert (one.returncode, one.stderr) == (0, ""), name
    assert light.start(str(light.python), "-m", "advisor", "--version").stdout == "advisor 0.1.0\n"


def test_recommend_gives_what_the_checkout_gives(light: Environment, full: Environment) -> None:
    done = light.run("recommend", str(EXAMPLE), "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["approach"] == "rag"
    assert done.stdout == full.run("recommend", str(EXAMPLE), "--format", "json").stdout


def test_the_rules_that_were_installed_are_sound(light: Environment) -> None:
    done = light.run("rules", "check")
    assert done.returncode == 0, done.stderr


def test_a_report_needs_no_extra(light: Environment) -> None:
    done = light.run("report", str(EXAMPLE), "--out", "page.html")
    assert (done.returncode, done.stdout) == (0, "page.html\n"), done.stderr
    assert (light.elsewhere / "page.html").stat().st_size > 10_000


def test_a_project_needs_no_extra_and_is_that_of_the_checkout(light: Environment, tmp_path: Path) -> None:
    done = light.run("scaffold", str(EXAMPLE), "desk")
    assert (done.returncode, done.stdout) == (0, "desk\n"), done.stderr
    project = light.elsewhere / "desk"
    manifest = Manifest.load(project / ".advisor" / "manifest.json")
    assert projects.tree(project / "desk" / "rag") == projects.tree(ROOT / "reference_impls" / "rag")
    assert not [record.path for record in manifest.files if "__pycache__" in record.path or ".pyc" in record.path]
    again = light.run("scaffold", str(EXAMPLE), "desk", "--update")
    assert again.stdout == "up to date: nothing changed\n", again.stderr
    shutil.rmtree(project)


def test_smoke_without_the_extra_says_what_to_install(light: Environment) -> None:
    assert light.run("scaffold", str(EXAMPLE), "dry").returncode == 0
    done = light.run("smoke", "dry")
    assert (done.returncode, done.stdout) == (4, "")
    assert "Traceback" not in done.stderr
    (error,) = (line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert " is missing; install what the project needs: " in error
    assert f"{light.python} -m pip install -e '{light.elsewhere / 'dry'}[offline]'" in error
    kept = SmokeResult.load(light.elsewhere / "dry" / RESULT)
    assert not kept.passed


def test_run_without_the_extra_still_writes_the_report(light: Environment) -> None:
    done = light.run("run", str(EXAMPLE), "ran")
    assert done.returncode == 4
    assert done.stdout.splitlines()[-1] == "ran/report.html"
    assert "Traceback" not in done.stderr
    assert (light.elsewhere / "ran" / "report.html").is_file()


def test_with_the_extra_the_project_runs(full: Environment) -> None:
    done = full.run("scaffold", str(EXAMPLE), "desk")
    assert (done.returncode, done.stdout) == (0, "desk\n"), done.stderr
    where = full.start(str(full.python), "-c", "import advisor; print(advisor.__file__)")
    assert where.stdout.startswith(str(full.folder))
    proven = full.run("smoke", "desk")
    assert proven.returncode == 0, proven.stderr
    assert proven.stdout.startswith("passed: ")


def test_an_editable_install_sees_a_changed_rule_at_once(editable: tuple[Environment, Path]) -> None:
    environment, checkout = editable
    assert "volatility: How fast the facts change\n" in environment.run("rules", "list").stdout
    criterion = checkout / "rules" / "criteria" / "volatility.yaml"
    text = criterion.read_text()
    assert "title: How fast the facts change\n" in text
    criterion.write_text(text.replace("title: How fast the facts change\n", "title: How restless the world is\n"))
    assert "volatility: How restless the world is\n" in environment.run("rules", "list").stdout


def test_an_editable_install_scaffolds_what_stands_there_now(editable: tuple[Environment, Path]) -> None:
    environment, checkout = editable
    (checkout / "reference_impls" / "rag" / "more.py").write_text('"""New."""\n')
    done = environment.run("scaffold", str(EXAMPLE), "desk")
    assert done.returncode == 0, done.stderr
    assert (environment.elsewhere / "desk" / "desk" / "rag" / "more.py").is_file()
