"""Questions with their documents: the split by document, the right passages, and the wrong ones."""

import pytest

from ...corpus.chunking import Chunk
from ...evaluation.questions import Question
from ...labelled_data.settings import Settings as DataSettings
from ...project_base.errors import UserError
from ..pairs import gold_passages, linked_documents, split_by_document
from ..tuned_retriever.mining import wrong_passages

_WORDS = ("parcel", "radio", "battery", "invoice", "humidity", "bracket", "firmware", "antenna", "courier", "voltage")


def question(number: int, *documents: str, answers: tuple[str, ...] = (), **more: object) -> Question:
    text = f"What of {_WORDS[number % 10]} {_WORDS[number // 10 % 10]}{number} at {_WORDS[(number * 7 + 3) % 10]}?"
    return Question.model_validate(
        {"id": f"q{number}", "question": text, "gold_docs": documents, "answers": answers, **more}
    )


def chunk(document: str, number: int, text: str) -> Chunk:
    return Chunk(f"{document}#{number}", document, document, (), text, 0, len(text), (number,))


def test_no_document_stands_on_two_sides_over_several_steps_too() -> None:
    asked = [question(number, f"d{number % 12}.md") for number in range(48)]
    # These tie documents together: all questions on d0, d1 and d2 go to one side.
    asked += [question(50, "d0.md", "d1.md"), question(51, "d1.md", "d2.md")]
    pairs = split_by_document(asked, DataSettings(test_share=0.3, validation_share=0.2))
    sides = [pairs.documents(side) for side in (pairs.train, pairs.validation, pairs.test)]
    assert all(sides)
    assert sum(map(len, sides)) == len(sides[0] | sides[1] | sides[2])
    assert len(pairs.train) + len(pairs.validation) + len(pairs.test) == 50
    assert any({"d0.md", "d1.md", "d2.md"} <= side for side in sides)
    assert len({linked_documents(asked)[each] for each in ("q0", "q1", "q2", "q50", "q51")}) == 1


def test_the_split_is_the_same_for_the_same_questions() -> None:
    asked = [question(number, f"d{number % 9}.md") for number in range(36)]
    first, second = (split_by_document(each, DataSettings()) for each in (asked, list(reversed(asked))))
    assert first.digest == second.digest
    assert {each.id for each in first.test} == {each.id for each in second.test}


def test_questions_without_documents_are_refused_with_what_to_write() -> None:
    with pytest.raises(UserError, match="names a document") as found:
        split_by_document([question(1)], DataSettings())
    assert "gold_docs" in found.value.next_step


CHUNKS = {
    "a.md": [
        chunk("a.md", 0, "The warranty lasts 36 months for the Bridge."),
        chunk("a.md", 1, "A fault is answered within two days, day and night, by people who know."),
    ],
    "sub/b.md": [chunk("sub/b.md", 0, "A cable costs 18 euros and a probe more.")],
}


def test_right_passages_hold_the_answer_or_lie_within_it() -> None:
    assert [each.id for each in gold_passages(question(1, "a.md", answers=("36 months",)), CHUNKS)] == ["a.md#0"]
    assert [each.id for each in gold_passages(question(1, "a.md", paragraph=1), CHUNKS)] == ["a.md#1"]
    assert [each.id for each in gold_passages(question(1, "b.md", answers=("18 euros",)), CHUNKS)] == ["sub/b.md#0"]
    long = " ".join([CHUNKS["a.md"][1].text] + ["More words on support."] * 20)
    assert [each.id for each in gold_passages(question(1, "a.md", answers=(long,)), CHUNKS)] == ["a.md#1"]
    assert gold_passages(question(1, "gone.md", answers=("x",)), CHUNKS) == []
    # Nothing matches word for word: the passage that shares most words with the answer is taken.
    assert [each.id for each in gold_passages(question(1, "a.md", answers=("answered by day",)), CHUNKS)] == ["a.md#1"]


def test_hard_negatives_are_no_gold_no_double_of_gold_and_hold_no_answer() -> None:
    asked = question(1, "a.md", answers=("36 months",))
    right = [CHUNKS["a.md"][0]]
    double = chunk("copy.md", 0, "The warranty lasts 36 months for the Bridge.")
    nearly = chunk("near.md", 0, "The warranty lasts 36 months for the Bridge")
    holding = chunk("other.md", 0, "Elsewhere it is said that 36 months are usual.")
    wrong = chunk("sub/b.md", 0, "The warranty of a cable lasts a year.")
    found, passed = wrong_passages(asked, right, [CHUNKS["a.md"][1], double, nearly, holding, wrong], 2, 0.8)
    assert found == [wrong]
    assert passed == 3
    # A double is passed over for its text alone, too, where nobody wrote an answer down.
    plain = question(1, "a.md")
    assert wrong_passages(plain, right, [double, nearly, holding], 5, 0.8)[0] == [holding]
