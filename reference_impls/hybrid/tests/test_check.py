"""What `check` finds in the owner's own files before anything is trained or judged."""

import json

import pytest

from ..router.checking import check_documents, check_handling
from ..router.handling import Fixed, Handling
from .conftest import Project
from .projects import HANDLING, run

FILES = {"delivery": Fixed(answer="x"), "invoice": Fixed(answer="y", documents=("prices.md",))}


def add_question(project: Project, **row: object) -> None:
    with (project.folder / "questions.jsonl").open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(row) + "\n")


def checked(project: Project) -> str:
    said = run(project.config, "check")
    assert max(map(len, said.stdout.splitlines())) <= 80 or str(project.folder) in said.stdout
    return " ".join((said.stdout + said.stderr).split())


def test_a_misspelt_label_is_told_with_the_one_that_is_meant(project: Project) -> None:
    file = project.folder / "handling.yaml"
    file.write_text(HANDLING.replace("delivery:", "delivry:").replace("[question]", "[Question]"), encoding="utf-8")
    told = checked(project)
    assert "no example has the label Question, delivry of hybrid.handling" in told
    assert "did you mean question for Question, delivery for delivry?" in told
    assert "nothing is written for the label delivery, question: such requests go to retrieval" in told


def test_labels_without_any_match_stop_with_the_one_that_is_meant() -> None:
    (found,) = check_handling(Handling(fixed={"Delivery": FILES["delivery"]}), ["delivery", "question"])
    assert found.blocking
    assert found.says.endswith("did you mean delivery for Delivery?")


def test_documents_of_fixed_answers_are_those_of_the_index() -> None:
    handling = Handling(fixed=FILES)
    assert check_documents(handling, ["prices.md"]) == []
    (found,) = check_documents(handling, ["money/prices.md", "returns.md"])
    assert "prices.md (invoice); did you mean money/prices.md?" in found.says


def test_an_empty_document_folder_stops(project: Project) -> None:
    for file in (project.folder / "docs").iterdir():
        file.unlink()
    said = run(project.config, "check")
    assert said.exit_code == 1
    assert "holds no file" in said.stderr
    assert "corpus.folder" in said.stderr.partition("next:")[2]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"anwsers": ["two years"], "doc": "returns.md"}, "anwsers is no key of a question and is not read; did you"),
        ({"answers": ["x"], "document": "returns.md"}, "did you mean doc?"),
        ({"anser": "x"}, "1 of 13 questions have neither an answer nor a document"),
        (
            {"answers": ["x"], "doc": "retruns.md"},
            "name documents that the index lacks: own (retruns.md); did you mean",
        ),
    ],
)
def test_a_question_that_cannot_judge_is_told(project: Project, row: dict[str, object], says: str) -> None:
    add_question(project, id="own", question="How long is the warranty of the new one?", **row)
    assert says in checked(project)


def test_keys_of_the_owner_and_short_forms_are_left_alone(project: Project) -> None:
    add_question(
        project, id="own", question="How long?", answer="two years", doc="returns.md", topic="x", document="a note"
    )
    assert "is no key" not in checked(project)


def test_labels_that_are_likely_wrong_are_listed(project: Project) -> None:
    lines = (project.folder / "requests.csv").read_text(encoding="utf-8").splitlines()
    turned = [line.replace(",delivery", ",invoice") if number % 12 == 1 else line for number, line in enumerate(lines)]
    (project.folder / "requests.csv").write_text("\n".join(turned) + "\n", encoding="utf-8")
    said = run(project.write(labelled_data__probe="refuse"), "check")
    assert "look at the listed ones" in " ".join(said.stdout.split())
    assert "requests.csv:" in said.stdout
    assert "fine_tuning check" in said.stdout
