"""What only a server can do: be away, refuse, lose a connection, keep a table that nobody asked for."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ...project_base.errors import UserError
from ...project_base.optional import require
from ..pgvector_store import PgvectorStore
from ..settings import Settings
from ..stores import discard

SETTINGS = Settings(store="pgvector")
ROWS = np.eye(8, dtype=np.float32)
SECRET = "hunter2"


@pytest.fixture
def server(postgresql: str) -> Iterator[Any]:
    """A connection of an administrator."""
    with require("psycopg", "psycopg").connect(postgresql, autocommit=True) as connection:
        yield connection


@pytest.fixture
def saved(postgresql: str, tmp_path: Path) -> Iterator[Path]:
    PgvectorStore.build(ROWS, SETTINGS).save(tmp_path)
    yield tmp_path
    discard(tmp_path, SETTINGS)


def tables(server: Any) -> set[str]:
    return {name for (name,) in server.execute("SELECT tablename FROM pg_tables WHERE tablename LIKE 'vectors_%'")}


def test_a_table_belongs_to_one_folder_and_goes_with_it(server: Any, tmp_path: Path) -> None:
    before = tables(server)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        PgvectorStore.build(ROWS, SETTINGS).save(tmp_path / name)
    assert len(tables(server) - before) == 2
    # The owner has changed to another store meanwhile.
    discard(tmp_path / "one", Settings(store="faiss"))
    assert len(tables(server) - before) == 1
    np.testing.assert_array_equal(PgvectorStore.load(tmp_path / "two", SETTINGS).vectors(), ROWS)
    discard(tmp_path / "two", SETTINGS)
    assert tables(server) == before


def test_a_copied_project_leaves_the_table_to_the_original(server: Any, saved: Path, tmp_path: Path) -> None:
    before = tables(server)
    copied, moved = tmp_path / "copied", tmp_path / "moved"
    shutil.copytree(saved, copied, ignore=shutil.ignore_patterns("copied", "moved"))
    assert discard(copied, SETTINGS) == frozenset()
    assert tables(server) == before
    original = tmp_path / "original"
    original.mkdir()
    PgvectorStore.build(ROWS, SETTINGS).save(original)
    original.rename(moved)
    discard(moved, SETTINGS)
    assert tables(server) == before


def test_a_failed_save_leaves_no_table(server: Any, tmp_path: Path) -> None:
    before = tables(server)
    with pytest.raises(UserError, match="refused a statement"):
        PgvectorStore.build(np.full((3, 4), np.nan, dtype=np.float32), SETTINGS).save(tmp_path)
    assert tables(server) == before
    with pytest.raises(UserError, match="has no table"):
        PgvectorStore.load(tmp_path, SETTINGS)
    discard(tmp_path, SETTINGS)


def test_a_table_with_other_rows_is_refused(server: Any, saved: Path) -> None:
    (table,) = (name for name in tables(server) if name in (saved / "pgvector.json").read_text())
    sql = require("psycopg.sql", "psycopg")
    server.execute(sql.SQL("DELETE FROM {} WHERE position = 3").format(sql.Identifier(table)))
    with pytest.raises(UserError, match="7 vectors of 8 numbers, not 8 of 8"):
        PgvectorStore.load(saved, SETTINGS)


def test_a_reader_is_told_that_its_table_is_gone(server: Any, saved: Path) -> None:
    store = PgvectorStore.load(saved, SETTINGS)
    discard(saved, SETTINGS)
    with pytest.raises(UserError, match="has no table"):
        store.search(ROWS[0], 2)


def test_a_file_cannot_name_a_table_that_is_not_ours(server: Any, saved: Path) -> None:
    server.execute("CREATE TABLE IF NOT EXISTS invoices (n integer)")
    content = (saved / "pgvector.json").read_text()
    ours = next(name for name in tables(server) if name in content)
    (saved / "pgvector.json").write_text(content.replace(ours, "invoices"))
    discard(saved, SETTINGS)
    assert server.execute("SELECT to_regclass('invoices')").fetchone() != (None,)
    (saved / "pgvector.json").write_text(content)


def test_a_lost_connection_is_opened_again(server: Any, saved: Path) -> None:
    store = PgvectorStore.load(saved, SETTINGS)
    assert store.search(ROWS[2], 1)[1].tolist() == [2]
    server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    assert store.search(ROWS[5], 1)[1].tolist() == [5]


def test_a_graph_is_built_from_the_number_of_rows_that_is_set(server: Any, tmp_path: Path) -> None:
    settings = Settings(store="pgvector", hnsw_from=8, hnsw_m=4, hnsw_ef_construction=8)
    PgvectorStore.build(ROWS, settings).save(tmp_path)
    indexes = [row[0] for row in server.execute("SELECT indexdef FROM pg_indexes WHERE tablename LIKE 'vectors_%'")]
    assert sum("USING hnsw" in definition for definition in indexes) == 1
    discard(tmp_path, settings)


def test_vectors_too_long_for_a_graph_are_searched_exactly(postgresql: str, tmp_path: Path) -> None:
    settings = Settings(store="pgvector", index="hnsw")
    PgvectorStore.build(np.eye(3, 2_500, dtype=np.float32), settings).save(tmp_path)
    store = PgvectorStore.load(tmp_path, settings)
    assert store.search(np.eye(3, 2_500, dtype=np.float32)[1], 1)[1].tolist() == [1]
    discard(tmp_path, settings)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "is not set"),
        (f"postgresql://someone:{SECRET}@127.0.0.1:1/none", "nothing answers"),
        (f"host=/nowhere user=someone password={SECRET}", "nothing answers"),
        (f"postgres {SECRET}", "no connection string"),
    ],
)
def test_a_server_out_of_reach_is_named_without_its_secrets(
    saved: Path, monkeypatch: pytest.MonkeyPatch, address: str, reason: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", address)
        for attempt in (
            lambda: PgvectorStore.load(saved, SETTINGS),
            lambda: PgvectorStore.build(ROWS, SETTINGS).save(saved),
        ):
            content = (saved / "pgvector.json").read_bytes()
            with pytest.raises(UserError, match=reason) as caught:
                attempt()
            (saved / "pgvector.json").write_bytes(content)
            said = f"{caught.value} {caught.value.next_step} {caught.value.__context__} {caught.value.__cause__}"
            assert "DATABASE_URL" in said
            assert SECRET not in said
        # Whoever removes an index is not kept from it by a server that is away, but the table is not forgotten.
        assert discard(saved, SETTINGS) == {"pgvector.json"}


@pytest.mark.parametrize(
    ("part", "other", "reason"),
    [("postgres:@", f"nobody:{SECRET}@", "no such user"), ("/postgres?", "/nothing?", "no such database")],
)
def test_a_refused_user_or_database_is_named_without_its_secrets(
    postgresql: str, saved: Path, monkeypatch: pytest.MonkeyPatch, part: str, other: str, reason: str
) -> None:
    assert part in postgresql
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", postgresql.replace(part, other))
        with pytest.raises(UserError, match=reason) as caught:
            PgvectorStore.load(saved, SETTINGS)
    assert SECRET not in f"{caught.value} {caught.value.next_step} {caught.value.__context__}"


def test_a_user_without_the_right_to_create_is_told_what_to_ask_for(
    postgresql: str, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.execute("CREATE EXTENSION IF NOT EXISTS vector")
    server.execute("DROP ROLE IF EXISTS reader")
    server.execute("CREATE ROLE reader LOGIN")
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", postgresql.replace("postgres:@", "reader:@"))
        with pytest.raises(UserError, match="may not create") as caught:
            PgvectorStore.build(ROWS, SETTINGS).save(tmp_path)
    assert "GRANT CREATE" in caught.value.next_step


def test_what_is_saved_holds_no_part_of_the_connection_string(postgresql: str, saved: Path) -> None:
    assert [file.name for file in saved.iterdir()] == ["pgvector.json"]
    content = (saved / "pgvector.json").read_text()
    assert "postgres" not in content
    assert postgresql.rpartition("=")[2] not in content
