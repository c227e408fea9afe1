"""`advisor run` of a fine-tuning project: the ticket routing example, with its real encoder."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
import yaml

from advisor.documents import SmokeResult
from advisor.report.write import load_dossier
from advisor.smoke import RESULT
from tests import projects
from tests.smoke.conftest import ROOT, Finished, advisor

ROUTING = ROOT / "examples" / "ticket-routing.yaml"


@dataclass(frozen=True)
class Figures:
    """What the checks measured, by its name."""

    result: SmokeResult

    def __getitem__(self, name: str) -> float:
        return next(check.measured[name] for check in self.result.checks if name in check.measured)


@pytest.fixture(scope="session")
def routed(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    folder = tmp_path_factory.mktemp("routing")
    done = advisor("run", str(ROUTING), "ticket-routing", cwd=folder)
    return Finished(folder / "ticket-routing", done.returncode, done.stdout, done.stderr)


def test_everything_passes_and_the_last_line_is_the_report(routed: Finished) -> None:
    assert routed.code == 0, routed.stderr
    assert routed.stdout.splitlines()[-1] == "ticket-routing/report.html"
    assert routed.stdout.startswith("Fine-tuning: Frozen encoder with a trained head\n")
    assert "Traceback" not in routed.stderr
    assert "Warning" not in routed.stderr


def test_the_project_is_set_as_the_pattern_says(routed: Finished) -> None:
    config = yaml.safe_load((routed.project / "config.yaml").read_text())
    assert config["fine_tuning"]["task"] == "classification"
    assert config["fine_tuning"]["climb_to"] == "head"
    assert (routed.project / config["fine_tuning"]["examples"]).is_file()


def test_the_checks_are_seen_as_they_pass(routed: Finished) -> None:
    names = re.findall(r"(?m)^ok (.+) \(\d+\.\d s\)$", routed.stderr)
    assert len(names) == 10
    assert "random labels end in nothing to learn" in names
    assert "a worse version is refused, and rollback returns" in names


def test_the_result_is_kept_with_its_figures(routed: Finished) -> None:
    result = SmokeResult.load(routed.project / RESULT)
    assert result.passed
    found = Figures(result)
    assert found["repeats"] >= 18
    assert found["p_of_random_labels"] > 0.05
    assert found["kept_gain"] > 0
    assert found["kept_score"] > found["floor_score"] + 0.4
    assert found["test_score"] > 0.8
    assert found["loss_last"] < found["loss_first"]
    assert found["largest_difference"] < 1e-4
    assert found["regression"] < -0.4
    assert load_dossier(routed.project).smoke == result


def test_the_report_shows_what_was_measured(routed: Finished) -> None:
    page = (routed.project / "report.html").read_text()
    assert "the ladder keeps a rung that beats the floor" in page
    assert "it is ahead of word_counts by" in page


def test_the_smoke_run_leaves_the_project_as_it_was(routed: Finished) -> None:
    manifest = load_dossier(routed.project).manifest
    assert manifest is not None
    beside = projects.tree(routed.project).keys() - {record.path for record in manifest.files}
    assert beside == {".advisor/manifest.json", ".advisor/smoke.json", "report.html"}
