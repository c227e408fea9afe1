import itertools
import re

import pytest

from ...project_base.errors import UserError
from ..patterns import MOST_WAYS, pattern_fault, searcher
from ..statements import for_psycopg, parameters_in, statement_fault, without_end
from .conftest import Declare

GOOD = """\
lookups:
  stock:
    title: Pieces in stock
    questions: [How many bolts are there, How many nuts are there]
    parameters:
      part: {kind: choice, values: {bolt: [bolts], nut: []}}
    source: {sqlite: stock.sql}
    statement: SELECT pieces FROM stock WHERE part = :part
    answer: "{part}: {pieces}"
"""


def test_a_declaration_has_sound_defaults(declare: Declare) -> None:
    stock = declare(GOOD)["stock"]
    assert stock.readers == ("*",)
    assert stock.most_rows == 5
    assert str(stock.source.sqlite).startswith("/")


@pytest.mark.parametrize(
    ("line", "changed", "expected"),
    [
        ("    title: Pieces in stock\n", "", ":2: lookups.stock.title is missing (what it answers"),
        ("title:", "titel:", ":3: unknown key lookups.stock.titel; did you mean title?"),
        (
            "[How many bolts are there, How many nuts are there]",
            "[How many bolts are there]",
            ":4: lookups.stock.questions",
        ),
        ("kind: choice", "kind: guess", ":6: lookups.stock.parameters.part.kind"),
        ("values:", "vaules:", "did you mean values?"),
        (
            "{kind: choice, values: {bolt: [bolts], nut: []}}",
            "{kind: choice}",
            ":6: lookups.stock.parameters.part: kind",
        ),
        ("values: {bolt: [bolts], nut: []}", "query: DELETE FROM stock", "it must begin with SELECT or WITH"),
        ("values: {bolt: [bolts], nut: []}", "query: 'SELECT :part'", "not part"),
        ("kind: choice, values: {bolt: [bolts], nut: []}", "kind: pattern, pattern: (a+)+b", "'(a+)+b' is not allowed"),
        ("kind: choice, values: {bolt: [bolts], nut: []}", "kind: number, least: 3, most: 2", "least is above most"),
        (
            "kind: choice, values: {bolt: [bolts], nut: []}",
            "kind: tenant, pattern: a",
            "does not belong to kind: tenant",
        ),
        ("{sqlite: stock.sql}", "{sqlite: a.db, postgresql: PG}", "exactly one of sqlite, postgresql and http"),
        ("{sqlite: stock.sql}", "{}", "exactly one of"),
        ("{sqlite: stock.sql}", "{postgresql: 'postgresql://me:secret@db/x'}", "NAME of the environment variable"),
        ("SELECT pieces", "DROP TABLE stock; SELECT pieces", "must begin with SELECT"),
        ("= :part", "= :part; DELETE FROM stock", "more than one statement"),
        ("= :part", "= 'bolt'", "part: declared under parameters, but not used"),
        ("= :part", "= :part AND x = :y", "y: used, but not declared"),
        ('"{part}: {pieces}"', '"{part: 3"', "answer: write places as {column}"),
        ('"{part}: {pieces}"', '"{pieces}"\n    nothing: "no {pieces}"', "nothing: nothing is called pieces"),
        ('"{part}: {pieces}"', '"{pieces}"\n    readers: []', ":10: lookups.stock.readers"),
    ],
)
def test_mistakes_are_named_with_their_line(declare: Declare, line: str, changed: str, expected: str) -> None:
    assert line in GOOD
    with pytest.raises(UserError) as caught:
        declare(GOOD.replace(line, changed))
    assert "lookups.yaml:" in caught.value.message
    assert expected in caught.value.message


def test_all_mistakes_are_gathered(declare: Declare) -> None:
    with pytest.raises(UserError) as caught:
        declare(GOOD.replace("kind: choice", "kind: guess").replace("title:", "titel:").replace("SELECT", "UPDATE"))
    assert [f"lookups.yaml:{line}:" in caught.value.message for line in (3, 6, 8)] == [True] * 3


HTTP = """\
lookups:
  order:
    title: Orders
    questions: [Where is order 11, Where is order 12]
    parameters: {order: {kind: number}}
    source: {http: {url: "https://shop.example/orders/{order}", columns: {state: state}}}
    answer: "{state}"
"""


@pytest.mark.parametrize(
    ("line", "changed", "expected"),
    [
        ("https://shop.example/", "https://{order}.example/", "the host in url must be written out"),
        ("https://shop.example/", "ftp://shop.example/", "http or https"),
        ("https://shop.example/", "https://me:pw@shop.example/", "no user name, password"),
        ("https://shop.example/", "https://shop.example:0/", "http or https address"),
        ("orders/{order}", "orders", "order: declared under parameters, but not used"),
        ('https://shop.example/orders/{order}"', 'http://shop.example/{order}", key_variable: KEY', "over https only"),
        ('"{state}"', '"{status}"', "answer: nothing is called status"),
        ("columns: {state: state}", "columns: {}", "columns"),
        ('answer: "{state}"', 'answer: "{state}"\n    statement: SELECT 1', "http has url instead"),
    ],
)
def test_mistakes_of_a_service_are_named(declare: Declare, line: str, changed: str, expected: str) -> None:
    assert declare(HTTP)
    assert line in HTTP
    with pytest.raises(UserError) as caught:
        declare(HTTP.replace(line, changed))
    assert expected in caught.value.message


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+b",
        "a*",
        "a+",
        ".",
        "(?:x)",
        r"\1",
        "a{0,64}" * 2,
        "[a-z]{2,60}[a-z]?",
        "a?",
        "",
        "a|",
        "a{3,2}",
        "[[a]]",
        "a{99}",
    ],
)
def test_a_pattern_that_could_be_slow_or_empty_is_refused(pattern: str) -> None:
    assert pattern_fault(pattern)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("OR-[0-9]{6}", "Where is OR-104210?", ["OR-104210"]),
        ("OR-[0-9]{6}", "XOR-104210 and OR-1042107 and OR-104210-a", []),
        (r"[A-Z]{2}\d{3,5}|\d{8}", "AB123 or 12345678", ["AB123", "12345678"]),
        (r"[a-z]-?\d", "a-1 b2", ["a-1", "b2"]),
        (r"é{2}\.", "éé.", ["éé."]),
    ],
)
def test_patterns_find_what_stands_alone(pattern: str, text: str, found: list[str]) -> None:
    assert pattern_fault(pattern) is None
    assert searcher(pattern).findall(text) == found


def test_the_ways_of_a_pattern_are_counted_over_all_alternatives() -> None:
    assert pattern_fault("a{1,10}b{1,10}") is None
    assert f"allowed are {MOST_WAYS}" in str(pattern_fault("a{1,10}b{1,10}|c{1,2}"))


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("SELECT a FROM b WHERE c = :c AND d = :d OR c = :c", ["c", "d"]),
        ("SELECT ':a', \":b\", x::date /* :c */ FROM t -- :d\n WHERE y = :e", ["e"]),
        ("SELECT 'it''s :a' || :b", ["b"]),
        ("SELECT E'it\\'s :a' || :b", ["b"]),
        ("SELECT $x$ :a ; $x$ || :b;", ["b"]),
        ("with x as (select 1) select :a from x", ["a"]),
    ],
)
def test_parameters_are_found_where_they_count(sql: str, names: list[str]) -> None:
    assert statement_fault(sql) is None
    assert parameters_in(sql) == names
    translated = for_psycopg(without_end(sql)) % dict.fromkeys(names, "?")
    assert "%(" not in translated
    assert not translated.endswith(";")


@pytest.mark.parametrize(
    "sql", ["", ";", "SELECT 1; SELECT 2", "SELECT 'a", "-- SELECT 1", "SELECT 1 /* x", "PRAGMA x", "EXPLAIN SELECT 1"]
)
def test_what_is_not_one_reading_statement_is_refused(sql: str) -> None:
    assert statement_fault(sql)


def test_a_percent_sign_stays_one() -> None:
    assert for_psycopg("SELECT a % 2, '%' LIKE :b") % {"b": "?"} == "SELECT a % 2, '%' LIKE ?"


def test_every_kind_of_quote_hides_a_semicolon() -> None:
    for quote, inner in itertools.product(["'{}'", '"{}"', "`{}`", "$${}$$"], [";", ":a", "--", "/*"]):
        sql = f"SELECT {quote.format(inner)}"
        assert (statement_fault(sql), parameters_in(sql)) == (None, [])
        assert re.sub(r"\s", "", for_psycopg(sql)) == re.sub(r"\s", "", sql)
