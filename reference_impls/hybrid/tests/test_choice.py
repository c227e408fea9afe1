"""A router's threshold: what answers is what was judged, and one that routes nothing is told to be dropped."""

import json

from ...registry.registry import Registry
from ..evaluation import read_table
from ..gate import gate
from .conftest import Project
from .projects import run

PARCEL = "parcel dodo lele courier"


def result(project: Project) -> dict[str, object]:
    (file,) = (project.folder / "hybrid-results").iterdir()
    return dict(json.loads(file.read_text(encoding="utf-8")))


def test_a_new_threshold_of_the_version_in_service_answers_once_it_was_judged(project: Project) -> None:
    assert run(project.config, "promote", "1", "--force", "--why", "test").exit_code == 0
    assert run(project.config, "ask", PARCEL).exit_code == 0
    before = result(project)["choice"]
    candidate = Registry(project.folder / "models").find("1")
    config = project.write(hybrid__wanted_accuracy=0.7)
    assert "was chosen for 0.8" in str(gate(config)(candidate, None))
    trained = run(config, "train")
    assert trained.exit_code == 0, trained.output
    assert "answers by this threshold once `evaluate` has judged it" in " ".join(trained.stdout.split())
    assert "its result is of another threshold" in str(gate(config)(candidate, None))
    refused = run(config, "ask", PARCEL)
    assert refused.exit_code == 1
    assert f"the threshold by which {candidate.id} would answer was not judged" in " ".join(refused.stderr.split())
    assert f"evaluate {candidate.id}" in refused.stderr.partition("next:")[2]
    # One that is named is looked at before it is judged.
    assert run(config, "ask", PARCEL, "--version", "1").exit_code == 0
    judged = run(config, "evaluate", "1")
    assert f"{candidate.id} is in service" in judged.stderr
    assert result(project)["choice"] not in ("", before)
    assert run(config, "ask", PARCEL).exit_code == 0
    # Back to the former one: what is on file is of another threshold again.
    assert run(project.write(), "ask", PARCEL).exit_code == 1


def test_the_version_in_service_is_judged_anew_at_a_new_threshold(project: Project) -> None:
    assert run(project.config, "promote", "1", "--force", "--why", "test").exit_code == 0
    config = project.write(hybrid__wanted_accuracy=0.7)
    assert run(config, "train").exit_code == 0
    assert run(config, "train", "--again").exit_code == 0
    judged = run(config, "evaluate", "2")
    assert judged.exit_code == 0, judged.output
    assert "is in service, and is judged on the same items" in " ".join(judged.stderr.split())


def test_a_router_that_routes_nothing_is_told_to_be_dropped(project: Project) -> None:
    config = project.write(hybrid__wanted_accuracy=0.999)
    trained = run(config, "train")
    assert trained.exit_code == 0, trained.output
    assert "the router routes nothing" in " ".join(trained.stdout.split())
    following = trained.stderr.partition("next:")[2]
    assert "lower hybrid.wanted_accuracy (0.999)" in following
    assert "drop --keep rag" in following
    judged = run(config, "evaluate", "1")
    said = " ".join(judged.stdout.split())
    assert "THE SECOND HALF DOES NOT PAY. The second half does not pay: no threshold can promise 0.999" in said
    assert "the router routes nothing" in said
    assert judged.stderr.strip().splitlines()[-1].endswith("drop --keep rag")
    refused = run(config, "promote", "1")
    assert refused.exit_code == 1
    assert "the router routes nothing" in " ".join(refused.stderr.split())


def test_what_is_not_shown_to_pay_is_not_put_in_service(project: Project) -> None:
    (file,) = (project.folder / "hybrid-results").iterdir()
    found = read_table(file).model_copy(update={"verdict": "cannot_tell", "no_gain": "", "why": "Few items."})
    file.write_text(found.to_json(), encoding="utf-8")
    refused = run(project.config, "promote", "1")
    assert refused.exit_code == 1
    assert "it is not shown to be worth a second half. Few items." in " ".join(refused.stderr.split())
    assert run(project.config, "promote", "1", "--force", "--why", "we take the risk").exit_code == 0
