import pytest

from ...retrieval.lexical import stop_words
from ..answer import QuotedSentence
from ..groundedness import Statement, numbers_of, statements, supported

PASSAGE = (
    "Returns > Warranty\nThe warranty of the Bridge B1 lasts 36 months and covers 1,200 cycles.\nTags have 24 months."
)
STOPPED = stop_words("english")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It lasts a year [1]. It is red [2][3].", [("It lasts a year.", (1,)), ("It is red.", (2, 3))]),
        ("It lasts a year. [1] It is red. [2]", [("It lasts a year.", (1,)), ("It is red.", (2,))]),
        ("As [1] says, it lasts a year.", [("As says, it lasts a year.", (1,))]),
        ("It lasts a year. It is red [1].", [("It lasts a year.", ()), ("It is red.", (1,))]),
        ('He said "yes." [1] [2] Then', [('He said "yes."', (1, 2)), ("Then", ())]),
        ("Two things:\n- one [1]\n- two [2]", [("Two things:", ()), ("- one", (1,)), ("- two", (2,))]),
        ("[1]", []),
    ],
)
def test_a_citation_belongs_to_the_sentence_that_it_ends(
    text: str, expected: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert [(statement.text, statement.cited) for statement in statements(text)] == expected


def test_an_answer_of_quotes_is_cut_along_them() -> None:
    quotes = (QuotedSentence(text="| B1 |\n36 |", source=2), QuotedSentence(text="See above. Or below.", source=1))
    assert statements("| B1 | 36 | [2] See above. Or below. [1]", quotes) == [
        Statement("| B1 |\n36 |", (2,)),
        Statement("See above. Or below.", (1,)),
    ]
    assert len(statements("| B1 | 36 | [2] See above. Or below. [1] And more [1].", quotes)) > 2


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("The warranty of the Bridge B1 lasts 36 months and covers\n1,200 cycles.", True),
        ("For the Bridge B1 the warranty is 36 months.", True),
        ("The warranty covers 1200 cycles.", True),
        ("For the Bridge B1 the warranty is 48 months.", False),
        ("For the Bridge B1 the warranty is 3 months.", False),
        ("Refunds reach your bank account within the week.", False),
        ("36", True),
    ],
)
def test_numbers_and_content_words_must_stand_in_the_cited_text(sentence: str, expected: bool) -> None:
    assert supported(Statement(sentence, (1,)), {1: PASSAGE}, STOPPED) is expected


def test_support_counts_only_where_it_is_cited() -> None:
    sentence = "The warranty of the Bridge B1 lasts 36 months."
    passages = {1: PASSAGE, 2: "Tags > Battery\nThe battery lasts five years."}
    assert not supported(Statement(sentence, ()), passages, STOPPED)
    assert not supported(Statement(sentence, (2,)), passages, STOPPED)
    assert not supported(Statement(sentence, (9,)), passages, STOPPED)
    assert supported(Statement(sentence, (2, 1)), passages, STOPPED)


def test_stop_words_support_nothing() -> None:
    sentence = Statement("The sky of the and the is green.", (1,))
    assert not supported(sentence, {1: "Which of the and the is it?"}, STOPPED)


def test_numbers_are_read_as_written() -> None:
    assert numbers_of("1,200 or 1200.5, at 10:30, v1.2.3 and 5.") == {"1200", "1200.5", "10:30", "1.2.3", "5"}
