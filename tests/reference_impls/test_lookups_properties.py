"""What holds for every question and every value, whatever somebody types."""

import contextlib
import itertools
import sqlite3
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impls.lookups.askers import Asker
from reference_impls.lookups.declarations import HttpSource, Parameter
from reference_impls.lookups.extraction import extract, plain
from reference_impls.lookups.http_source import address_for
from reference_impls.lookups.patterns import pattern_fault, searcher
from reference_impls.lookups.sqlite_source import ask_sqlite
from reference_impls.project_base.errors import UserError

PARAMETERS = {
    "part": Parameter(kind="choice", values={"Bridge B1": ("Bridge", "İstanbul"), "Tag": ("ß", "12")}),
    "code": Parameter(kind="pattern", pattern=r"[A-Z]{2}-?\d{2,4}"),
    "day": Parameter(kind="date"),
    "count": Parameter(kind="number"),
    "tenant": Parameter(kind="tenant"),
}
CHOICES = {"part": {value: (value, *names) for value, names in PARAMETERS["part"].values.items()}}
PIECES = st.sampled_from(
    ["Bridge", "B1", " ", "İ", "ß", "AB-12", "2026-11-20", "12", "1.5", "-", ",", "tenant=x", "\n"]
)
QUESTIONS = st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=12).map("".join))
SOURCE = HttpSource(url="https://shop.example:8443/a/{x}/b?q={x}", columns={"a": "a"})
WORDS = st.sampled_from(
    [
        "SELECT",
        "DELETE FROM t",
        "a",
        "FROM t",
        "DROP TABLE t",
        ";",
        "UPDATE t SET a = 9",
        "1",
        "WITH x AS",
        "(",
        ")",
        "INSERT INTO t VALUES (5)",
        "PRAGMA query_only = 0",
        "ATTACH 'y' AS y",
        "BEGIN",
        "COMMIT",
        "--",
        "\n",
        "*",
        ",",
    ]
)


@given(QUESTIONS, st.sampled_from([None, "north"]))
def test_each_parameter_is_found_plainly_or_not_at_all(question: str, tenant: str | None) -> None:
    found = extract(PARAMETERS, CHOICES, question, Asker(tenant=tenant))
    assert sorted([*found.values, *found.missing, *found.unclear]) == sorted(PARAMETERS)
    assert found.values.get("tenant") == tenant
    assert found.values.get("part") in {None, "Bridge B1", "Tag"}
    spans = sorted(span for places in found.places.values() for span in places)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(spans))
    assert all(0 <= start < end <= len(plain(question)) for start, end in spans)


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_a_value_never_leaves_its_place_in_an_address(value: str) -> None:
    if value in {".", ".."}:
        with pytest.raises(UserError):
            address_for(SOURCE, {"x": value})
        return
    address = urlsplit(address_for(SOURCE, {"x": value}))
    assert (address.scheme, address.netloc, address.fragment) == ("https", "shop.example:8443", "")
    assert [unquote(step) for step in address.path.split("/")] == ["", "a", value, "b"]
    assert unquote(address.query.removeprefix("q=")) == value


@given(st.text("ab[]{}()|?*+.\\d-1,2 ", max_size=12), st.text("ab1 -", max_size=60))
def test_an_accepted_pattern_finds_something_of_its_length(pattern: str, text: str) -> None:
    if pattern_fault(pattern) is None:
        assert all(1 <= len(match) <= 64 for match in searcher(pattern).findall(text))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("database") / "t.sqlite"
    connection = sqlite3.connect(file)
    connection.executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2);")
    connection.close()
    return file


@settings(deadline=None)
@given(words=st.lists(WORDS, max_size=8))
def test_no_statement_changes_the_database(database: Path, words: list[str]) -> None:
    before = database.read_bytes()
    with contextlib.suppress(UserError):
        ask_sqlite(database, " ".join(words), {}, 5, 5)
    assert database.read_bytes() == before
    assert sorted(file.name for file in database.parent.iterdir()) == ["t.sqlite"]
