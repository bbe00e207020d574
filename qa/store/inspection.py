"""A store looked at without a change to it: opened for reading only, whatever version of ours made it.

What is read here is for `qa.doctor`; each method may raise StoreProblem where DuckDB cannot read what it needs.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Self

from qa.access import Key
from qa.store import erasures, jobs, keys, migrations
from qa.store.database import Database, first
from qa.store.types import State

_HEADERS_BYTES = 3 * 4096
"""What a DuckDB file has before its first block."""

_MOMENTS = (
    ("calls", "received_at"),
    ("transcripts", "made_at"),
    ("jobs", "greatest(enqueued_at, finished_at)"),
    ("audit", "done_at"),
    ("keys", "created_at"),
    ("erasures", "requested_at"),
)
"""What the store writes by the clock."""


class Steps(NamedTuple):
    """How many steps of its history the store has, and how many this program knows."""

    done: int
    known: int


class Failed(NamedTuple):
    """How many calls' latest job failed: those that can be tried again, and those that cannot."""

    can_retry: int
    cannot: int


class Inspection:
    """An open store; use it in a `with` block."""

    def __init__(self, path: Path, database: Database) -> None:
        self.path = path
        self._database = database

    @classmethod
    def open(cls, path: Path) -> Self:
        """Raises StoreHeld while another process owns it, and StoreProblem where it cannot be read."""
        return cls(path, Database.open(path, read_only=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def steps(self) -> Steps:
        """Raises StoreProblem where the store is from a newer version, or is none of ours."""
        with self._database.reading() as con:
            missing = migrations.pending(con, self.path)
        return Steps(len(migrations.STEPS) - len(missing), len(migrations.STEPS))

    def lacking_bytes(self) -> int:
        """How many bytes the file is shorter than it says itself: a copy that was broken off can be opened."""
        with self._database.reading() as con:
            found = first(con, "SELECT block_size * total_blocks FROM pragma_database_size()")
        assert found is not None
        return max(0, int(found[0]) + _HEADERS_BYTES - self.path.stat().st_size)

    def newest_at(self) -> datetime | None:
        """The latest moment that the store knows of; None where it holds nothing."""
        with self._database.reading() as con:
            there = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
            moments = [
                found[0]
                for table, moment in _MOMENTS
                if table in there and (found := first(con, f"SELECT max({moment}) FROM {table}")) and found[0]
            ]
        return max(moments, default=None)

    def recordings(self) -> dict[str, str]:
        """The recordings that should lie beside the store: a call's id by SHA-256. Of text there is none."""
        rows = self._rows(
            "SELECT sha256, any_value(call_id) FROM calls WHERE call_id NOT IN "
            "(SELECT call_id FROM transcripts WHERE made_with = 'written') GROUP BY sha256"
        )
        return dict(rows)

    def hashes(self) -> set[str]:
        """The SHA-256 of every call."""
        return {sha256 for (sha256,) in self._rows("SELECT DISTINCT sha256 FROM calls")}

    def calls(self) -> set[str]:
        """The ids of all calls."""
        return {call_id for (call_id,) in self._rows("SELECT call_id FROM calls")}

    def taken(self) -> set[str]:
        """The ids of calls that came over HTTP as sound, and were queued as they came: each has a sidecar."""
        return {
            call_id
            for (call_id,) in self._rows(
                "SELECT DISTINCT call_id FROM calls JOIN jobs USING (call_id) WHERE enqueued_at = received_at"
            )
        }

    def failed(self) -> Failed:
        """Of calls whose latest job failed."""
        with self._database.reading() as con:
            found = first(
                con,
                "SELECT count(*) FILTER (can_retry), count(*) FILTER (NOT can_retry) "
                "FROM jobs JOIN calls USING (job_id) WHERE state = 'failed'",
            )
        assert found is not None
        return Failed(*found)

    def queue(self) -> dict[State, int]:
        """How many jobs are in each state."""
        with self._database.reading() as con:
            return jobs.count(con)

    def unfinished_erasures(self) -> tuple[str, ...]:
        """Calls that are erased, of which bytes may stand in the store's file."""
        with self._database.reading() as con:
            return erasures.unfinished(con)

    def keys(self) -> tuple[Key, ...]:
        """All keys, those that are revoked too."""
        with self._database.reading() as con:
            return keys.read_all(con)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._database.reading() as con:
            return con.execute(query).fetchall()
