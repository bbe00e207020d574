"""Calls taken out of everything: at once out of every answer, and then out of every file, with a receipt.

First a tombstone is written beside the recordings, which an owner who starts again goes by; then the sidecar, the
recording and the rows go. The store's file keeps the bytes of deleted rows until it is written anew (`sweep`), which
is done once for as many erasures as there are by then; the snapshots are written anew with it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from qa.errors import CallNotFound
from qa.store import calls, room, schema
from qa.store.database import Connection, first
from qa.store.files import Files
from qa.store.schema import Table
from qa.store.sidecars import Sidecars
from transcription.disk import sync_folder

TABLE = Table(
    "erasures",
    "One row a call that was erased: the receipt. Nothing of the call itself stands here.",
    """
    call_id VARCHAR PRIMARY KEY     | The id that the call had, which was drawn at random.
    requested_at TIMESTAMPTZ NOT NULL | When it was taken out of every answer (UTC).
    done_at TIMESTAMPTZ             | When no file of the store held a byte of it any more (UTC); NULL until then.
    """,
)
_KEPT = ("audit", TABLE.name)

BEYOND_REACH = (
    "backups of the store and its recordings",
    "snapshots and answers that were downloaded",
    "what webhooks and events were told",
)
"""Copies that the store cannot know of."""


class Erasure(msgspec.Struct, frozen=True):
    """The receipt of an erasure. Until `done_at` is there, deleted bytes may stand in the store's own file.

    `beyond_reach` names the copies that have to be seen to by whoever made them. Moments are in UTC.
    """

    call_id: str
    requested_at: datetime
    done_at: datetime | None
    beyond_reach: tuple[str, ...] = BEYOND_REACH


class Tombstones:
    """The calls that are erased, as files: what an owner who starts again goes by before anything else."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, call_ids: Iterable[str]) -> None:
        """Write them, on disk for good when this returns; raises StoreUnavailable."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            for call_id in call_ids:
                descriptor = os.open(self.root / call_id, os.O_CREAT | os.O_WRONLY, 0o600)
                os.fsync(descriptor)
                os.close(descriptor)
            sync_folder(self.root)
            sync_folder(self.root.parent)
        except OSError as error:
            raise room.unwritten(error, what=f"cannot write down erasures in {self.root}") from error

    def all(self) -> set[str]:
        """The ids of all of them."""
        return {path.name for path in self.root.iterdir()} if self.root.is_dir() else set()


def create(con: Connection) -> None:
    """Make the table: a step of the store's history."""
    for statement in schema.making(TABLE):
        con.execute(statement)


def with_team(con: Connection) -> None:
    """A step of the store's history: a receipt is for those who could see the call."""
    con.execute("ALTER TABLE erasures ADD COLUMN team VARCHAR")
    con.execute(schema.comment_on("COLUMN", "erasures.team", "The team that the call was of; NULL in older receipts."))


def erase(con: Connection, recordings: Mapping[str, str], sidecars: Sidecars, files: Files, *, now: datetime) -> None:
    """Delete every row of these calls, write their receipts, in the connection's transaction; remove their files.

    `recordings` are the hashes of their recordings by call id; a recording stays while another call has it too.
    """
    ids = sorted(recordings)
    con.execute(
        "INSERT INTO erasures (call_id, requested_at, team) SELECT call_id, $now, team FROM calls "
        "WHERE call_id IN (SELECT unnest($ids::VARCHAR[])) "
        "ON CONFLICT DO UPDATE SET requested_at = excluded.requested_at, done_at = NULL, team = excluded.team",
        {"now": now, "ids": ids},
    )
    for table in _tables(con):
        con.execute(f"DELETE FROM {table} WHERE call_id IN (SELECT unnest(?))", [ids])
    for call_id, sha256 in recordings.items():
        sidecars.remove(call_id)
        if not calls.find_same(con, sha256):
            files.remove(sha256)


def erase_again(
    con: Connection, tombstones: Tombstones, sidecars: Sidecars, files: Files, *, now: datetime
) -> frozenset[str]:
    """At start: what was being erased when the last owner ended, or came back with an old log or a backup, goes.

    Gives the recordings of calls that only a sidecar knew: they go too, once it is known that no other call has them.
    """
    erased = tombstones.all()
    left = dict(
        con.execute(
            "SELECT call_id, sha256 FROM calls WHERE call_id IN (SELECT unnest(?))", [sorted(erased)]
        ).fetchall()
    )
    alone = set()
    for call_id in erased - left.keys():
        if (sidecar := sidecars.read(call_id)) is not None:
            alone.add(sidecar.sha256)
        sidecars.remove(call_id)
    if left:
        erase(con, left, sidecars, files, now=now)
    return frozenset(alone)


def remove_unknown(con: Connection, files: Files, recordings: Iterable[str]) -> None:
    """Remove those recordings that no call has."""
    for sha256 in recordings:
        if not calls.find_same(con, sha256):
            files.remove(sha256)


def unfinished(con: Connection) -> tuple[str, ...]:
    """The erased calls of which bytes may stand in the store's file."""
    return tuple(call_id for (call_id,) in con.execute("SELECT call_id FROM erasures WHERE done_at IS NULL").fetchall())


def finish(con: Connection, call_ids: Iterable[str], *, now: datetime) -> None:
    """No file holds a byte of these calls any more."""
    con.execute("UPDATE erasures SET done_at = ? WHERE call_id IN (SELECT unnest(?))", [now, list(call_ids)])


def read(con: Connection, call_id: str, *, teams: Collection[str] | None = None) -> Erasure:
    """The receipt of an erasure of a call of these teams, None are all; raises CallNotFound."""
    found = first(
        con,
        "SELECT call_id, requested_at, done_at FROM erasures "
        "WHERE call_id = $call_id AND ($teams::VARCHAR[] IS NULL OR team IN (SELECT unnest($teams::VARCHAR[])))",
        {"call_id": call_id, "teams": None if teams is None else sorted(teams)},
    )
    if found is None:
        raise CallNotFound(f"no call {call_id} was erased")
    return _to_erasure(found)


def _to_erasure(line: tuple[Any, ...]) -> Erasure:
    call_id, requested_at, done_at = line
    return Erasure(call_id, requested_at, done_at)


def _tables(con: Connection) -> list[str]:
    """Every table that has rows of calls, whatever step has made it."""
    found = con.execute(
        "SELECT table_name FROM duckdb_columns() JOIN duckdb_tables() USING (database_name, table_name) "
        "WHERE column_name = 'call_id' AND NOT duckdb_tables.internal AND database_name = current_database()"
    ).fetchall()
    return [table for (table,) in found if table not in _KEPT]
