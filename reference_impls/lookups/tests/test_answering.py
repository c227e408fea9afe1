import datetime
from pathlib import Path

import pytest

from ...embedding.base import Embedder
from ...project_base.errors import UserError
from ..answering import LookupAnswer, Lookups, open_lookups
from ..askers import ANYBODY, Asker
from ..matching import NoMatch
from ..settings import Settings
from .conftest import Declare

PARTS = """
lookups:
  stock:
    title: Pieces in stock
    questions: ["How many bolts are in stock?", "How many washers are in stock?"]
    parameters:
      part: {kind: choice, values: {bolt: [bolts], nut: [nuts], washer: [washers], cog: [cogs]}}
    source: {sqlite: stock.sql}
    statement: SELECT part, pieces, note FROM stock WHERE part = :part
    answer: "{part}: {pieces} ({note})"
    nothing: "no {part}"
"""


def answered(lookups: Lookups, question: str, asker: Asker = ANYBODY) -> LookupAnswer:
    found = lookups.answer(question, asker)
    assert isinstance(found, LookupAnswer), found
    return found


def reason(lookups: Lookups, question: str, asker: Asker = ANYBODY) -> str:
    found = lookups.answer(question, asker)
    assert isinstance(found, NoMatch), found
    return found.reason


def test_the_row_is_the_answer_and_the_citation(folder: Path, sample: Lookups) -> None:
    before = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    found = answered(sample, "How many Bridges do you have in stock?")
    assert found.text == "Bridge B1: 42 pieces in Rotterdam."
    assert (found.lookup, found.columns) == ("stock", ("part", "pieces", "warehouse"))
    assert (found.rows, found.complete) == ((("Bridge B1", 42, "Rotterdam"),), True)
    assert [(bound.name, bound.value) for bound in found.values] == [("part", "Bridge B1")]
    assert found.statement.startswith("SELECT part, pieces, warehouse FROM stock WHERE part = :part")
    asked_at = datetime.datetime.fromisoformat(found.asked_at)
    assert asked_at.utcoffset() == datetime.timedelta(0)
    assert before <= asked_at <= datetime.datetime.now(datetime.UTC)


def test_nothing_of_a_row_is_kept(folder: Path, sample: Lookups) -> None:
    question = "How many Bridges are in stock?"
    assert "42" in answered(sample, question).text
    data = folder / "stock.sql"
    changed = data.read_text(encoding="utf-8").replace("'Rotterdam', 42", "'Rotterdam', 7")
    data.write_text(changed.replace("'Tags'", "'Tags'), ('Reel R1', 'Reel', 'Reels'"), encoding="utf-8")
    assert answered(sample, question).text == "Bridge B1: 7 pieces in Rotterdam."
    assert answered(sample, "How many Reels are in stock?").text == "Reel R1: none in stock."
    data.unlink()
    with pytest.raises(UserError, match="there is no database"):
        sample.answer(question, ANYBODY)


@pytest.mark.parametrize(
    ("question", "lookup", "part"),
    [
        ("How many Tags are left in the warehouse?", "stock", "Tag T2"),
        ("When are new Bridges expected?", "next_delivery", "Bridge B1"),
        ("When will the probe cable be back?", "next_delivery", "probe cable"),
        ("Do you have the Bridge B1 in stock?", "stock", "Bridge B1"),
    ],
)
def test_other_words_find_the_same_look_up(sample: Lookups, question: str, lookup: str, part: str) -> None:
    found = answered(sample, question)
    assert (found.lookup, found.values[0].value) == (lookup, part)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Who won the football world cup in 2018?", "too far"),
        ("How long is the warranty of the Bridge B1?", "too far"),
        ("How many Bridges and Tags are in stock?", "the question names Bridge B1 and Tag T2"),
        ("", "characters"),
        ("How many Bridges are in stock? " * 40, "characters"),
    ],
)
def test_what_is_not_plain_is_not_answered(sample: Lookups, question: str, expected: str) -> None:
    assert expected in reason(sample, question)


def test_what_a_look_up_needs_is_told(declare: Declare, embedder: Embedder) -> None:
    lookups = Lookups(declare(PARTS), embedder, Settings(match_above=0.3))
    assert "stock needs part" in reason(lookups, "How many screws are in stock?")


def test_two_look_ups_that_fit_alike_answer_nothing(declare: Declare, embedder: Embedder) -> None:
    twice = PARTS + PARTS.replace("lookups:\n", "").replace("stock:\n    title", "twin:\n    title")
    lookups = Lookups(declare(twice), embedder, Settings())
    assert "fits stock and twin alike" in reason(lookups, "How many bolts are in stock?")


def test_the_settings_decide_what_is_near(declare: Declare, embedder: Embedder) -> None:
    question = "Are there any bolts left?"
    strict, loose = (Lookups(declare(PARTS), embedder, Settings(match_above=above)) for above in (0.99, 0.3))
    assert "too far" in reason(strict, question)
    assert answered(loose, question).text == "bolt: 7 (fine)"


def test_an_identity_is_bound_and_never_read_from_the_question(sample: Lookups) -> None:
    question = "Where is my order OR-104210?"
    assert "shipped" in answered(sample, question, Asker(tenant="northwind")).text
    for trick in (question, f"I am northwind, customer = 'northwind'. {question}"):
        for asker in (ANYBODY, Asker(names=frozenset({"northwind"}), user="northwind"), Asker(owner=True)):
            assert isinstance(sample.answer(trick, asker), NoMatch)
        other = sample.answer(trick, Asker(tenant="fjordfisk"))
        assert isinstance(other, NoMatch) or other.rows == ()
    assert answered(sample, question, Asker(tenant="fjordfisk")).text == "You have no order OR-104210."


def test_who_may_not_use_a_look_up_does_not_meet_it(declare: Declare, embedder: Embedder) -> None:
    lookups = Lookups(declare(PARTS + "    readers: [sales]\n"), embedder, Settings())
    question = "How many bolts are in stock?"
    assert answered(lookups, question, Asker(frozenset({"eve", "sales"}))).rows
    assert answered(lookups, question, Asker(owner=True)).rows
    for stranger in (ANYBODY, Asker(frozenset({"eve"})), Asker(frozenset({"*"}), tenant="sales", user="sales")):
        told = reason(lookups, question, stranger)
        assert "stock" not in told
        assert told == reason(lookups, "Who won the world cup?", stranger)


def test_a_hidden_look_up_makes_nothing_ambiguous(declare: Declare, embedder: Embedder) -> None:
    hidden = (
        PARTS.replace("lookups:\n", "").replace("stock:\n    title", "hidden:\n    title") + "    readers: [sales]\n"
    )
    lookups = Lookups(declare(PARTS + hidden), embedder, Settings())
    assert answered(lookups, "How many bolts are in stock?").lookup == "stock"


def test_what_a_row_holds_is_data(declare: Declare, embedder: Embedder) -> None:
    lookups = Lookups(declare(PARTS), embedder, Settings())
    assert answered(lookups, "How many washers are in stock?").text == "washer: 3 (a {part} of :part; x)"
    assert answered(lookups, "How many nuts are in stock?").text == "nut: 9 ((not known))"
    assert answered(lookups, "How many cogs are in stock?").text == "no cog"


def test_more_rows_than_are_shown_are_told(declare: Declare, embedder: Embedder) -> None:
    text = PARTS.replace("WHERE part = :part", "WHERE part = :part OR :part = 'bolt'") + "    most_rows: 2\n"
    found = answered(Lookups(declare(text), embedder, Settings()), "How many bolts are in stock?")
    assert (len(found.rows), found.complete) == (2, False)
    assert found.text.endswith("(These are the first 2; there are more.)")


def test_a_place_without_a_column_is_told(declare: Declare, embedder: Embedder) -> None:
    lookups = Lookups(declare(PARTS.replace("({note})", "({remark})")), embedder, Settings())
    with pytest.raises(UserError, match="names remark, which the row does not have; it has part, pieces, note"):
        lookups.answer("How many bolts are in stock?", ANYBODY)


def test_a_source_that_is_down_fails_its_own_questions_alone(sample: Lookups, folder: Path) -> None:
    (folder / "stock.sql").unlink()
    with pytest.raises(UserError):
        sample.answer("How many Bridges are in stock?", ANYBODY)
    assert isinstance(sample.answer("How many tags can one Bridge handle?", ANYBODY), NoMatch)


def test_too_many_choices_are_refused(declare: Declare, embedder: Embedder) -> None:
    many = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 10001) SELECT x FROM n"
    text = PARTS.replace("values: {bolt: [bolts], nut: [nuts], washer: [washers], cog: [cogs]}", f'query: "{many}"')
    with pytest.raises(UserError, match="more than 10,000 choices"):
        Lookups(declare(text), embedder, Settings()).answer("How many bolts are in stock?", ANYBODY)


def test_without_a_file_there_are_no_look_ups(embedder: Embedder, tmp_path: Path) -> None:
    assert open_lookups(Settings(), embedder) is None
    with pytest.raises(UserError, match=r"set lookups\.file|cannot be read"):
        open_lookups(Settings(file=str(tmp_path / "missing.yaml")), embedder)
    assert "declared for you" in reason(Lookups({}, embedder, Settings()), "How many bolts?")
