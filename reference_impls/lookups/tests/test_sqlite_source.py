import sqlite3
from pathlib import Path

import pytest

from ...project_base.errors import UserError
from ..sqlite_source import ask_sqlite
from ..tables import LARGEST_CELL

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(x) FROM n"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    file = tmp_path / "a b#?%.sqlite"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE t (a TEXT, b INTEGER)")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [("x", 1), ("y", 2), ("it's; --", 3)])
    connection.close()
    return file


def test_values_are_bound_and_rows_limited(database: Path) -> None:
    found = ask_sqlite(database, "SELECT a, b FROM t WHERE a = :a", {"a": "it's; --"}, 5, 5)
    assert (found.columns, found.rows, found.complete) == (("a", "b"), (("it's; --", 3),), True)
    assert ask_sqlite(database, "SELECT a FROM t WHERE a = :a", {"a": "' OR 1=1 --"}, 5, 5).rows == ()
    cut = ask_sqlite(database, "SELECT a FROM t ORDER BY b", {}, 2, 5)
    assert (cut.rows, cut.complete) == ((("x",), ("y",)), False)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM t",
        "INSERT INTO t VALUES ('z', 9)",
        "DROP TABLE t",
        "WITH x AS (SELECT 1) DELETE FROM t",
        "CREATE TEMP TABLE u (a)",
        "ATTACH DATABASE '{other}' AS o",
        "VACUUM INTO '{other}'",
        "PRAGMA query_only = OFF",
        "SELECT load_extension('x')",
        "SELECT * FROM pragma_database_list",
        "BEGIN IMMEDIATE",
    ],
)
def test_nothing_but_reading_is_allowed(database: Path, tmp_path: Path, statement: str) -> None:
    """Even a statement that the check of the declarations would have let through."""
    before = database.read_bytes()
    other = tmp_path / "other.sqlite"
    with pytest.raises(UserError):
        ask_sqlite(database, statement.format(other=other), {}, 5, 5)
    assert database.read_bytes() == before
    assert not other.exists()


def test_a_query_without_end_is_stopped(database: Path) -> None:
    with pytest.raises(UserError, match=r"did not end within 0\.2 s"):
        ask_sqlite(database, ENDLESS, {}, 5, 0.2)


def test_a_change_is_seen_at_once(database: Path) -> None:
    statement = "SELECT b FROM t WHERE a = 'x'"
    assert ask_sqlite(database, statement, {}, 1, 5).rows == ((1,),)
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE t SET b = 100 WHERE a = 'x'")
    connection.close()
    assert ask_sqlite(database, statement, {}, 1, 5).rows == ((100,),)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("missing.sqlite", None, "there is no database"),
        ("noise.sqlite", b"this is no database, but quite long enough to be one" * 100, "refuses the query"),
        ("broken.sql", b"CREATE TABLE (", "no script that fills a database"),
        ("attach.sql", b"ATTACH DATABASE 'x.sqlite' AS x;", "not authorized"),
        ("latin.sql", b"\xff", "no script that fills a database"),
        ("endless.sql", ENDLESS.encode(), "no script that fills a database: interrupted"),
    ],
)
def test_what_is_no_database_is_told(tmp_path: Path, name: str, content: bytes | None, expected: str) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UserError) as caught:
        ask_sqlite(file, "SELECT 1 FROM t", {}, 1, 0.5)
    assert expected in caught.value.message
    assert not (tmp_path / "x.sqlite").exists()


def test_a_wrong_column_is_told(database: Path) -> None:
    with pytest.raises(UserError, match="no such column: absent"):
        ask_sqlite(database, "SELECT absent FROM t", {}, 1, 5)


def test_cells_come_out_as_plain_values(database: Path) -> None:
    statement = "SELECT x'00', NULL, 1.5, 9e999, printf('%.*c', 100000, 'a')"
    row = ask_sqlite(database, statement, {}, 1, 5).rows[0]
    assert row[:4] == ("(binary data)", None, 1.5, "inf")
    assert len(str(row[4])) == LARGEST_CELL + len(" ...")
    with pytest.raises(UserError, match="too big"):
        ask_sqlite(database, "SELECT zeroblob(2000000)", {}, 1, 5)
