"""Copies of what may be read: made whole, or brought up to date by the calls whose revision differs.

A copy holds the readable tables (`qa.store.readable`), all of them or the rows of some teams, and one table about
itself, `snapshot`. A call is replaced whole: what is left of it is deleted, what there is of it is copied. Every
function reads one state of the source, in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from qa.store import readable
from qa.store.database import Connection, first
from qa.store.readable import CALLS, KEYS, OF_CALLS, SHARED, Shape
from qa.store.rotation import remove
from qa.store.schema import Table, making

COPY = '"/copy"'
"""What an attached copy is called, as SQL: no store is, for a database is called as its file, and no file so."""

ABOUT = Table(
    "snapshot",
    "One row about this snapshot of a store.",
    """
    as_of TIMESTAMPTZ NOT NULL      | When the store was as it is here (UTC); a later look may have found it unchanged.
    shape VARCHAR NOT NULL          | A hash of the tables, columns and views that there are here.
    calls BIGINT NOT NULL           | How many calls there were when the file was written whole.
    replaced BIGINT NOT NULL        | How many calls have been taken out of it since, to be replaced or for good.
    """,
)

Teams = Collection[str] | None


def bring_up(
    con: Connection, path: Path, *, source: str, teams: Teams = None, go_on: Callable[[], bool] = lambda: True
) -> None:
    """Make the file a copy of the source as it is now: by what changed, or whole where that is better or must be.

    Whatever is the matter with a copy, a new one is right; `go_on` says whether one is still wanted.
    """
    if path.exists():
        try:
            if update(con, path, source=source, teams=teams):
                return
        except duckdb.Error:
            if not go_on():
                raise
        remove(path)
    build(con, path, source=source, teams=teams)


def build(con: Connection, path: Path, *, source: str, teams: Teams = None, storage: str | None = None) -> None:
    """Write a copy into a new file. `storage` names the oldest DuckDB version that is to open it."""
    as_of = datetime.now(UTC)
    with _attached(con, path, storage), _transaction(con):
        shape = readable.shape(con, source)
        source = readable.quoted(source)
        for statement in readable.making(shape, source, COPY):
            con.execute(statement)
        for table in OF_CALLS:
            columns = shape.columns(table)
            con.execute(
                f"INSERT INTO {COPY}.main.{table} SELECT {columns} FROM {_wanted(table, source, teams)}",
                _bound(teams),
            )
        for table in SHARED:
            con.execute(f"INSERT INTO {COPY}.main.{table} FROM ({_shared(table, shape, source, teams)})")
        _make_views(con, shape, source)
        for statement in making(ABOUT._replace(name=f"{COPY}.main.{ABOUT.name}")):
            con.execute(statement)
        con.execute(
            f"INSERT INTO {COPY}.main.snapshot SELECT ?, ?, count(*), 0 FROM {COPY}.main.calls",
            [as_of, shape.version],
        )


def update(con: Connection, path: Path, *, source: str, teams: Teams = None) -> bool:
    """Bring a copy up to date. False, with nothing done, where it is better written whole.

    That is so when it has another shape, or when more than half of the calls that it was written with have been taken
    out of it since: deleted rows stay in the file until all about them are.
    """
    as_of = datetime.now(UTC)
    with _attached(con, path), _transaction(con):
        shape = readable.shape(con, source)
        found = first(con, f"SELECT shape, calls, replaced FROM {COPY}.main.snapshot")
        if found is None or found[0] != shape.version:
            return False
        source = readable.quoted(source)
        _differences(con, source, teams)
        stale = _count(con, "_stale_call_id")
        if 2 * (found[2] + stale) > max(found[1], _count(con, f"{COPY}.main.calls")):
            return False
        for table, key in OF_CALLS.items():
            if stale:
                con.execute(f"DELETE FROM {COPY}.main.{table} WHERE {key} IN (FROM temp._stale_{key})")
            con.execute(
                f"INSERT INTO {COPY}.main.{table} SELECT {shape.columns(table)} FROM {source}.main.{table} "
                f"WHERE {key} IN (FROM temp._fresh_{key})"
            )
        for table in SHARED:
            _replace(con, table, _shared(table, shape, source, teams))
        con.execute(f"UPDATE {COPY}.main.snapshot SET as_of = ?, replaced = replaced + ?", [as_of, stale])
    return True


def _differences(con: Connection, source: str, teams: Teams) -> None:
    """The ids of what has to go and what has to come, in temporary tables: `_stale_call_id`, `_fresh_call_id`, …"""
    wanted = f"SELECT call_id, revision FROM {_wanted(CALLS, source, teams)}"
    kept = f"SELECT call_id, revision FROM {COPY}.main.calls"
    for name, one, other in (("stale", kept, wanted), ("fresh", wanted, kept)):
        database = COPY if name == "stale" else source
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE _{name}_call_id AS "
            f"SELECT call_id FROM ({one}) ANTI JOIN ({other}) USING (call_id, revision)",
            _bound(teams),
        )
        for key, table in KEYS.items():
            con.execute(
                f"CREATE OR REPLACE TEMP TABLE _{name}_{key} AS "
                f"SELECT {key} FROM {database}.main.{table} WHERE call_id IN (FROM temp._{name}_call_id)"
            )


def _wanted(table: str, source: str, teams: Teams) -> str:
    if teams is None:
        return f"{source}.main.{table}"
    if table == CALLS:
        return f"(FROM {source}.main.calls WHERE team IN (SELECT unnest($teams::VARCHAR[])))"
    return (
        f"(FROM {source}.main.{table} "
        f"WHERE call_id IN (SELECT call_id FROM {source}.main.calls WHERE team IN (SELECT unnest($teams::VARCHAR[]))))"
    )


def _bound(teams: Teams) -> dict[str, list[str]]:
    return {} if teams is None else {"teams": sorted(teams)}


def _shared(table: str, shape: Shape, source: str, teams: Teams) -> str:
    mine = "true" if teams is None else SHARED[table].format(wanted=f"{COPY}.main.scorecards")
    return f"SELECT {shape.columns(table)} FROM {source}.main.{table} WHERE {mine}"


def _replace(con: Connection, table: str, wanted: str) -> None:
    """Put the wanted rows in the table's place, if they differ: writing what is there already would swell the file."""
    there = f"FROM {COPY}.main.{table}"
    differing = f"(({wanted}) EXCEPT ALL ({there})) UNION ALL (({there}) EXCEPT ALL ({wanted}))"
    if _count(con, f"({differing})"):
        con.execute(f"DELETE {there}")
        con.execute(f"INSERT INTO {COPY}.main.{table} {wanted}")


def _make_views(con: Connection, shape: Shape, source: str) -> None:
    con.execute(f"USE {COPY}.main")
    for statement in readable.making_views(shape, COPY):
        con.execute(statement)
    con.execute(f"USE {source}.main")


def _count(con: Connection, relation: str) -> int:
    found = first(con, f"SELECT count(*) FROM {relation}")
    assert found is not None
    return int(found[0])


@contextmanager
def _attached(con: Connection, path: Path, storage: str | None = None) -> Iterator[None]:
    version = f", STORAGE_VERSION {readable.literal(storage)}" if storage else ""
    # A store that is open for reading only would have its copy so too.
    con.execute(f"ATTACH {readable.literal(str(path))} AS {COPY} (READ_WRITE{version})")
    try:
        yield
        con.execute(f"CHECKPOINT {COPY}")
    finally:
        con.execute(f"DETACH {COPY}")


@contextmanager
def _transaction(con: Connection) -> Iterator[None]:
    con.begin()
    try:
        yield
    except BaseException:
        con.rollback()
        raise
    con.commit()
