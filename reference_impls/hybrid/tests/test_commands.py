"""The commands on a whole project: the order of the work, and what goes wrong when parts do not belong together."""

import json
import shutil
from pathlib import Path

import httpx
import pytest
import yaml

from ...project_base.errors import QuestionError
from ...project_base.tests.generated import PACKAGE
from ...registry.registry import Registry
from ...registry.version import model_digest
from ...serving.app import make_app
from ...serving.tests.in_thread import running
from ..base import Reply, Work
from ..evaluation import read_table
from ..http_api import make_service
from ..patterns import PATTERNS, load_pattern
from ..result_files import result_file
from ..router.limits import read_limits, write_limits
from .conftest import Project
from .projects import config, run

PARCEL = "parcel dodo lele courier"


def test_train_evaluate_promote_and_ask_follow_one_another(project: Project) -> None:
    early = run(project.config, "ask", PARCEL)
    assert early.exit_code == 1
    assert "no version of" in early.stderr
    shutil.rmtree(project.folder / "hybrid-results")
    refused = run(project.config, "promote", "1")
    assert refused.exit_code == 1
    assert "was not judged beside both halves alone yet" in refused.stderr
    judged = run(project.config, "evaluate")
    assert judged.exit_code == 0, judged.output
    assert "without retrieval" in judged.stdout
    (file,) = (project.folder / "hybrid-results").iterdir()
    found = read_table(file)
    assert found.items == 12 + sum(each.id.startswith("requests.csv") for each in found.outcomes)
    assert found.tables[0].rows
    run(project.config, "promote", "1", "--force", "--why", "test")
    asked = run(project.config, "ask", PARCEL, "--format", "json")
    assert asked.exit_code == 0, asked.output
    reply = Reply.model_validate_json(asked.stdout)
    assert (reply.way, reply.text) == ("fixed", "The parcel is on its way.")
    assert reply.version.startswith("0001")


def test_a_filter_leads_to_the_documents_whatever_the_label(project: Project) -> None:
    answers = load_pattern("router").open_answers(project.settings(), Work(version="1"))
    assert answers.ask(PARCEL).way == "fixed"
    # No document has such metadata, which only the search can know.
    with pytest.raises(QuestionError, match="no document has metadata"):
        answers.ask(PARCEL, where={"department": "legal"})


def test_a_result_that_does_not_pay_keeps_the_version_out_of_service(project: Project) -> None:
    file = next((project.folder / "hybrid-results").iterdir())
    document = json.loads(file.read_text(encoding="utf-8"))
    assert file == result_file(project.folder / "hybrid-results", "router", document["version"])
    document["verdict"] = "does_not_pay"
    file.write_text(json.dumps(document), encoding="utf-8")
    refused = run(project.config, "promote", "1")
    assert refused.exit_code == 1
    assert "drop --help" in refused.stderr
    document["model_sha256"] = "0" * 64
    file.write_text(json.dumps(document), encoding="utf-8")
    assert "of another model" in run(project.config, "promote", "1").stderr


def test_a_version_that_pays_is_put_in_service(project: Project) -> None:
    file = next((project.folder / "hybrid-results").iterdir())
    document = json.loads(file.read_text(encoding="utf-8"))
    document["verdict"] = "pays"
    file.write_text(json.dumps(document), encoding="utf-8")
    promoted = run(project.config, "promote", "1")
    assert promoted.exit_code == 0, promoted.output


def test_an_index_that_is_older_than_the_retriever_is_refused_with_what_to_do(project: Project, trained: Path) -> None:
    file = project.write(embedding__model=str(_other_encoder(project, trained)))
    said = run(file, "check")
    assert said.exit_code == 1
    assert "they cannot be compared" in said.stderr
    assert "index" in said.stderr.partition("next:")[2]


def test_a_classifier_of_another_base_model_is_refused_with_what_to_do(project: Project, trained: Path) -> None:
    # The ladder keeps word counts here; a head rests on the encoder.
    own = project.folder / "own-encoder"
    shutil.copytree(trained / "encoder", own)
    assert run(project.write(embedding__model=str(own)), "fine_tuning", "train", "head").exit_code == 0
    first, head = (version.path for version in Registry(project.folder / "models").versions())
    limits = read_limits(first, ("delivery", "invoice"), 0.8)
    write_limits(head, limits.model_copy(update={"model_sha256": model_digest(head)}))
    # While its own encoder is there, a version answers on that one, whatever is set for the next.
    shutil.rmtree(own)
    file = project.write(embedding__model=str(_other_encoder(project, trained)))
    assert run(file, "index").exit_code == 0
    said = run(file, "ask", PARCEL, "--version", "2")
    assert said.exit_code == 1
    assert "trained on" in said.stderr
    assert "next:" in said.stderr


def _other_encoder(project: Project, trained: Path) -> Path:
    other = project.folder / "other-encoder"
    shutil.copytree(trained / "encoder", other)
    weights = next(other.glob("**/*.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-1] ^= 0x01
    weights.write_bytes(bytes(content))
    return other


def test_a_base_model_that_is_gone_is_told_with_what_to_do(project: Project) -> None:
    file = project.write(embedding__model=str(project.folder / "retired"))
    for command in (("ask", PARCEL, "--version", "1"), ("evaluate", "1")):
        said = run(file, *command)
        assert said.exit_code == 1, said.output
        assert "retired" in said.stderr
        assert "next:" in said.stderr


def test_data_that_changed_since_training_is_not_judged_by(project: Project) -> None:
    with (project.folder / "requests.csv").open("a", encoding="utf-8") as stream:
        stream.write("a wholly new parcel,delivery\n" * 1)
    said = run(project.config, "evaluate", "1")
    assert said.exit_code == 1
    assert "made of other data" in said.stderr


def test_check_says_what_stands_in_the_way(project: Project) -> None:
    assert run(project.config, "check").exit_code == 0
    shutil.rmtree(project.folder / "index")
    said = run(project.config, "check")
    assert said.exit_code == 1
    assert "there is no index" in said.stderr
    (project.folder / "handling.yaml").write_text("fixed: {weather: {answer: x}}\n", encoding="utf-8")
    said = run(project.config, "train")
    assert said.exit_code == 1
    assert "no example has a label with a fixed answer" in said.stderr


def test_another_task_is_refused(project: Project) -> None:
    file = project.write(fine_tuning__task="generation")
    said = run(file, "train")
    assert said.exit_code == 1
    assert "fine_tuning.task is not classification" in said.stderr


def test_each_half_goes_on_with_the_settings_that_drop_writes(project: Project) -> None:
    dropped = run(project.config, "drop", "--keep", "rag")
    assert dropped.exit_code == 0, dropped.output
    file = project.folder / "keep-rag.yaml"
    sections = set(yaml.safe_load(file.read_text(encoding="utf-8")))
    assert {"rag", "corpus"} <= sections
    assert not {"hybrid", "fine_tuning", "registry"} & sections
    assert "How to go on" not in dropped.stdout
    assert PATTERNS["router"].dropping[:40] in dropped.stdout
    again = run(project.config, "drop", "--keep", "rag")
    assert again.exit_code == 1
    assert "stands already" in again.stderr
    assert run(file, "rag", "ask", "How long is the warranty?").exit_code == 0
    elsewhere = run(project.config, "drop", "--keep", "fine_tuning", "--out", str(project.folder.parent / "half.yaml"))
    assert "another folder" in elsewhere.stderr


def test_an_unknown_pattern_is_refused_with_the_allowed_ones(tmp_path: Path) -> None:
    said = run(config(tmp_path, hybrid__pattern="routers"), "check")
    assert said.exit_code == 1
    assert "hybrid.pattern" in said.stderr
    assert "tuned_helper" in said.stderr


def test_an_index_inside_the_documents_is_refused(tmp_path: Path) -> None:
    said = run(config(tmp_path, retrieval__index_folder=str(PACKAGE / "rag" / "sample" / "docs" / "index")), "check")
    assert said.exit_code == 1
    assert "must lie outside corpus.folder" in said.stderr


@pytest.mark.parametrize("pattern", list(PATTERNS))
def test_every_pattern_of_the_table_keeps_the_contract(pattern: str) -> None:
    module = load_pattern(pattern)  # type: ignore[arg-type]
    for name in ("check", "train", "open_answers", "evaluate", "checks"):
        assert callable(getattr(module, name)), name


def test_the_service_answers_each_way_and_keeps_paths_to_itself(project: Project) -> None:
    settings = project.settings()
    router = load_pattern("router").open_answers(settings, Work(version="1"))
    with running(make_app(make_service(settings, lambda: router), settings.serving)) as client:
        _wait(client)
        reply = Reply.model_validate_json(client.post("/ask", json={"question": PARCEL}).content)
        assert reply.way == "fixed"
        assert client.post("/ask", json={"question": " "}).status_code == 400
        assert "Ask" in client.get("/").text
        shutil.rmtree(project.folder / "index")
        broken = client.post("/ask", json={"question": "How long is the warranty of the Bridge B1?"})
        assert broken.status_code == 503
        assert str(project.folder) not in broken.text


def _wait(client: httpx.Client) -> None:
    while not client.get("/health").is_success:
        pass
