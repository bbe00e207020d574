"""Copies of what may be read: made, and brought up to date by the calls whose revision differs.

A copy holds the readable tables (`qa.store.readable`), all of them or the rows of some teams, and one table about
itself, `snapshot`. A call is replaced whole: what is left of it is deleted, what there is of it is copied, within one
transaction with its revision. What differs is found by comparing, so that a copy which was left half done, or belongs
to a store that has been put back from a backup, is right again after the next time.

Calls are copied some thousands at a time: a transaction that is open for long keeps the store from emptying its log.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import duckdb

from qa.store import readable, room
from qa.store.database import Connection, first
from qa.store.readable import KEYS, OF_CALLS, SHARED, Shape
from qa.store.rotation import remove
from qa.store.schema import Table, making

ABOUT = Table(
    "snapshot",
    "One row about this snapshot of a store.",
    """
    as_of TIMESTAMPTZ NOT NULL      | When the store was as it is here (UTC); a later look may have found it unchanged.
    shape VARCHAR NOT NULL          | A hash of the tables, columns and views that there are here.
    calls BIGINT NOT NULL           | The most calls that have been in it at once.
    replaced BIGINT NOT NULL        | How many calls have been taken out of it, to be replaced or for good.
    """,
)

AT_A_TIME = 20_000
"""Calls that are copied in one transaction, of some seconds; fewer leave more of the file half filled."""

Teams = Collection[str] | None
Step = Callable[[Connection], AbstractContextManager[None]]


def bring_up(
    con: Connection, path: Path, *, source: str, teams: Teams = None, go_on: Callable[[], bool] = lambda: True
) -> None:
    """Make the file a copy of the source: by what differs, or anew where that is better or must be.

    All that was written before this began is in it, and each call is as it was at one moment. Whatever is the matter
    with a copy, a new one is right; `go_on` says, before each step, whether one is still wanted.
    """
    as_of = datetime.now(UTC)

    @contextmanager
    def step(con: Connection) -> Iterator[None]:
        if not go_on():
            raise duckdb.InterruptException("the copy is no longer wanted")
        with _transaction(con):
            yield

    if path.exists():
        try:
            with _attached(con, path, source, teams) as copy:
                if _worth_keeping(copy):
                    _replace_calls(copy, as_of=as_of, step=step)
                    return
        except duckdb.Error as error:
            if not go_on() or room.is_full(error):
                raise
        remove(path)
    try:
        with _attached(con, path, source, teams) as copy:
            with _transaction(con):
                _make(copy)
            _replace_calls(copy, as_of=as_of, step=step)
    except duckdb.Error as error:
        if room.is_full(error):  # what is written of it so far is room that others need
            remove(path)
        raise


def build(con: Connection, path: Path, *, source: str, storage: str) -> None:
    """Write a copy of one state of the source into a new file; `storage` is the oldest DuckDB that is to open it."""
    with _attached(con, path, source, storage=storage) as copy, _transaction(con):
        _make(copy)
        _replace_calls(copy, as_of=datetime.now(UTC), step=lambda _: nullcontext())


class _Copy(NamedTuple):
    """A copy beside its source, on one connection; `name` and `source` are the two as SQL. `teams` None are all."""

    con: Connection
    name: str
    source: str
    shape: Shape
    teams: Teams

    @property
    def wanted(self) -> str:
        """The calls that are to be in it, as SQL; with the values of `bound`."""
        calls = f"{self.source}.main.calls"
        return calls if self.teams is None else f"(FROM {calls} WHERE team IN (SELECT unnest($teams::VARCHAR[])))"

    @property
    def bound(self) -> dict[str, list[str]]:
        return {} if self.teams is None else {"teams": sorted(self.teams)}


def _make(copy: _Copy) -> None:
    """The tables and views of a copy, empty."""
    con, name, shape = copy.con, copy.name, copy.shape
    for statement in readable.making(shape, copy.source, name):
        con.execute(statement)
    con.execute(f"USE {name}.main")
    try:
        for statement in readable.making_views(shape, name):
            con.execute(statement)
    finally:
        con.execute(f"USE {copy.source}.main")
    for statement in making(ABOUT._replace(name=f"{name}.main.{ABOUT.name}")):
        con.execute(statement)
    con.execute(f"INSERT INTO {name}.main.snapshot VALUES ('-infinity', ?, 0, 0)", [shape.version])


def _worth_keeping(copy: _Copy) -> bool:
    """Whether a copy has the right shape and more than half of its calls may stay.

    Deleted rows leave a file only with all that were written about the same time, so that it would swell.
    """
    with _transaction(copy.con):
        found = first(copy.con, f"SELECT shape, calls, replaced FROM {copy.name}.main.snapshot")
        if found is None or found[0] != copy.shape.version:
            return False
        _differences(copy)
        return bool(2 * (found[2] + _count(copy.con, "temp._stale")) <= found[1])


def _replace_calls(copy: _Copy, *, as_of: datetime, step: Step) -> None:
    con, name = copy.con, copy.name
    with step(con):
        _differences(copy)
        _keys_of(con, "stale", "temp._stale", name)
        stale = _count(con, "temp._stale")
    if stale:
        with step(con):
            for table, key in OF_CALLS.items():
                con.execute(f"DELETE FROM {name}.main.{table} WHERE {key} IN (FROM temp._stale_{key})")
    for some in range(0, _count(con, "temp._fresh"), AT_A_TIME):
        with step(con):
            # Found here and now: a call may have been written again since the differences were listed.
            these = f"(SELECT call_id FROM temp._fresh WHERE number BETWEEN {some} AND {some + AT_A_TIME - 1})"
            wanted = f"(SELECT call_id FROM {copy.wanted} WHERE call_id IN {these})"
            _keys_of(con, "these", wanted, copy.source, copy.bound)
            for table, key in OF_CALLS.items():
                con.execute(
                    f"INSERT INTO {name}.main.{table} SELECT {copy.shape.columns(table)} "
                    f"FROM {copy.source}.main.{table} WHERE {key} IN (FROM temp._these_{key})"
                )
    with step(con):
        for table in SHARED:
            _replace_shared(copy, table)
        con.execute(
            f"UPDATE {name}.main.snapshot SET as_of = ?, replaced = replaced + ?, "
            f"calls = greatest(calls, (SELECT count(*) FROM {name}.main.calls))",
            [as_of, stale],
        )


def _differences(copy: _Copy) -> None:
    """The calls that have to go and that have to come, in the temporary tables `_stale` and (numbered) `_fresh`."""
    wanted = f"SELECT call_id, revision FROM {copy.wanted}"
    kept = f"SELECT call_id, revision FROM {copy.name}.main.calls"
    for name, one, other in (("stale", kept, wanted), ("fresh", wanted, kept)):
        copy.con.execute(
            f"CREATE OR REPLACE TEMP TABLE _{name} AS SELECT call_id, row_number() OVER () - 1 AS number "
            f"FROM (SELECT call_id FROM ({one}) ANTI JOIN ({other}) USING (call_id, revision))",
            copy.bound,
        )


def _keys_of(
    con: Connection, name: str, calls: str, database: str, values: Mapping[str, list[str]] | None = None
) -> None:
    """What the rows of these calls are found by in a database, in temporary tables: `_name_call_id` and so on."""
    con.execute(f"CREATE OR REPLACE TEMP TABLE _{name}_call_id AS SELECT call_id FROM {calls}", values or {})
    for key, table in KEYS.items():
        con.execute(
            f"CREATE OR REPLACE TEMP TABLE _{name}_{key} AS SELECT {key} FROM {database}.main.{table} "
            f"WHERE call_id IN (FROM temp._{name}_call_id)"
        )


def _replace_shared(copy: _Copy, table: str) -> None:
    """Put what is wanted of a table in its place, if it differs: writing what is there already would swell the file."""
    mine = "true" if copy.teams is None else SHARED[table].format(wanted=f"{copy.name}.main.scorecards")
    wanted = f"SELECT {copy.shape.columns(table)} FROM {copy.source}.main.{table} WHERE {mine}"
    there = f"FROM {copy.name}.main.{table}"
    differing = f"(({wanted}) EXCEPT ALL ({there})) UNION ALL (({there}) EXCEPT ALL ({wanted}))"
    if _count(copy.con, f"({differing})"):
        copy.con.execute(f"DELETE {there}")
        copy.con.execute(f"INSERT INTO {copy.name}.main.{table} {wanted}")


def _count(con: Connection, relation: str) -> int:
    found = first(con, f"SELECT count(*) FROM {relation}")
    assert found is not None
    return int(found[0])


@contextmanager
def _attached(
    con: Connection, path: Path, source: str, teams: Teams = None, *, storage: str | None = None
) -> Iterator[_Copy]:
    # No store is called so, for a database is called as its file; and copies may be made side by side.
    name = readable.quoted(f"/copy-{secrets.token_hex(8)}")
    version = f", STORAGE_VERSION {readable.literal(storage)}" if storage else ""
    # A store that is open for reading only would have its copy so too.
    con.execute(f"ATTACH {readable.literal(str(path))} AS {name} (READ_WRITE{version})")
    try:
        yield _Copy(con, name, readable.quoted(source), readable.shape(con, source), teams)
        con.execute(f"CHECKPOINT {name}")
    finally:
        con.execute(f"DETACH {name}")


@contextmanager
def _transaction(con: Connection) -> Iterator[None]:
    con.begin()
    try:
        yield
    except BaseException:
        with suppress(duckdb.Error):  # what made it fail matters, and may have ended it already
            con.rollback()
        raise
    con.commit()
