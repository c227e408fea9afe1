"""Rows of retrieved context: what stands in them, what never does, and what is to be refused."""

import re

import pytest

from ...embedding.load import load_embedder
from ...encoders.tests.tiny import save_encoder
from ...evaluation.questions import Question
from ...labelled_data.base import Example
from ...language_models.base import Prompt
from ...language_models.prompting import NO_ANSWER, read_generation
from ...project_base.errors import UserError
from ...rag.indexing import update_index
from ...rag.passages import Evidence
from ...retrieval.index import open_index
from ...retrieval.search import Retriever
from ..pairs import Pairs, linked_documents
from ..retrieved_context_tuning.building import Built, build_rows, evidence_in, wanted_response
from ..retrieved_context_tuning.pattern import check_apart
from ..rows import Row
from ..settings import ProjectSettings
from ..tuned_inside_rag.examples import cited
from .projects import settings

_SOURCE = re.compile(r'source="([^"]*?) > ')
_TOPICS = ("warranty", "battery", "humidity", "invoice", "antenna", "courier", "bracket", "firmware", "voltage", "log")


def text_of(number: int) -> str:
    return f"General words on {_TOPICS[number]}. The {_TOPICS[number]} value is {number}7 units."


def question(number: int) -> Question:
    return Question(
        id=f"q{number}",
        question=f"What is the {_TOPICS[number]} value?",
        answers=(f"{number}7 units",),
        gold_docs=(f"d{number}.md",),
    )


ASKED = [question(number) for number in range(10)]
OPEN = Question(id="open", question="Who won the cup?", answerable=False)
PAIRS = Pairs(tuple(ASKED[:6]), (ASKED[6], OPEN), tuple(ASKED[7:]), linked_documents([*ASKED, OPEN]), "digest")


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> ProjectSettings:
    folder = tmp_path_factory.mktemp("rows")
    save_encoder(folder / "encoder")
    (folder / "docs").mkdir()
    for number in range(10):
        (folder / "docs" / f"d{number}.md").write_text(f"# Part {number}\n\n{text_of(number)}\n", encoding="utf-8")
    return settings(
        folder,
        corpus__folder=str(folder / "docs"),
        embedding__model=str(folder / "encoder"),
        embedding__device="cpu",
        embedding__backend="torch",
        hybrid__rows_per_question=5,
        hybrid__without_gold=0.2,
        rag__passages=4,
    )


@pytest.fixture(scope="module")
def retriever(given: ProjectSettings) -> Retriever:
    embedder = load_embedder(given.embedding)
    update_index(given.rag_project(), embedder)
    index = open_index(given.corpus, given.retrieval, given.vector_stores, embedder.id)
    return Retriever(index, embedder, given.retrieval)


@pytest.fixture(scope="module")
def built(given: ProjectSettings, retriever: Retriever) -> Built:
    return build_rows(PAIRS, retriever, given)


def shown(text: str) -> set[str]:
    return set(_SOURCE.findall(text))


def test_no_document_of_the_test_stands_in_a_row_to_learn_from(built: Built) -> None:
    held = {"d7.md", "d8.md", "d9.md"}
    assert len(built.learn) == 8 * 5
    assert not any(shown(row.turns[-1].text) & held for row in built.learn)
    assert all(row.group not in held for row in built.learn)
    assert len(built.test) == 3 * 5


def test_a_share_lacks_the_right_passage_and_is_to_be_refused(built: Built) -> None:
    # A fifth of the 35 rows of answerable questions, and all five of the other one.
    assert built.refusals == 7 + 5
    assert built.with_gold == 28
    for row in built.learn:
        gold = row.group in shown(row.turns[-1].text)
        assert gold == (row.response != NO_ANSWER)


def test_right_passages_stand_among_distractors_anywhere_and_are_quoted_with_their_number(built: Built) -> None:
    places = set()
    for row in built.learn:
        text = row.turns[-1].text
        if row.response == NO_ANSWER:
            continue
        number = int(re.findall(r"\[(\d+)\]", row.response)[0])
        places.add(number)
        assert f'number="{number}" source="{row.group} > ' in text
        assert len(shown(text)) == 4
        assert re.search(r'^"The \w+ value is \d7 units\." \[\d\] \d7 units \[\d\]$', row.response)
    assert len(places) > 1


def test_rows_of_one_question_have_other_distractors(built: Built) -> None:
    own = [shown(row.turns[-1].text) for row in built.learn if row.group == "d0.md"]
    assert len({frozenset(each) for each in own}) > 1


def test_the_same_seed_builds_the_same_rows(built: Built, given: ProjectSettings, retriever: Retriever) -> None:
    assert build_rows(PAIRS, retriever, given) == built


def test_a_target_is_read_as_a_quote_and_a_refusal_as_nothing() -> None:
    passage = text_of(3)
    prompt = Prompt("What?", tuple(Evidence("d", "h", text, 0, 1).passage() for text in (text_of(1), passage)))
    found = read_generation(wanted_response(question(3), passage, 2), prompt)
    assert found.quotes[0].passage == 1
    assert found.quotes[0].text == "The invoice value is 37 units."
    assert read_generation(NO_ANSWER, prompt).text == ""


def test_evidence_is_the_sentence_with_the_answer_else_the_nearest() -> None:
    passage = "It rains. The cable costs 18 euros today. The cable is blue and long."
    asked = Question(id="1", question="What does the cable cost?", answers=("18 euros",))
    assert evidence_in(asked, passage) == "The cable costs 18 euros today."
    other = Question(id="1", question="Is the cable blue or long?")
    assert evidence_in(other, passage) == "The cable is blue and long."


def example(row: Row) -> Example:
    return Example(row.turns[-1].text, row.response, "rows:1", row.turns, row.group)


def test_a_version_that_met_what_judges_it_is_refused(built: Built) -> None:
    check_apart(PAIRS, [example(row) for row in built.learn], 0.8)
    with pytest.raises(UserError, match=r"has learnt from what is to judge it now, such as d7\.md"):
        check_apart(PAIRS, [example(row) for row in built.test], 0.8)


def test_a_response_cites_what_supports_it_and_is_left_out_where_nothing_does() -> None:
    evidence = [Evidence("a", "A", "A cable costs 18 euros.", 0, 9), Evidence("b", "B", "Batteries last a year.", 0, 9)]
    wanted = "Thank you. Batteries last a year. [7] A cable costs 18 euros."
    assert cited(wanted, evidence, frozenset({"a"})) == (
        "Thank you. Batteries last a year. [2] A cable costs 18 euros. [1]"
    )
    assert cited("A cable costs 19 euros.", evidence, frozenset()) is None
