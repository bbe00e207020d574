"""What the service keeps beside the calls and their scorecards: a step of the store's history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb
import msgspec

from qa.store import audit, keys, schema
from qa.store.schema import Table

AUDIT = Table(
    "audit",
    "One row a time that somebody changed, deleted or read something of a call, or changed who may.",
    """
    done_at TIMESTAMPTZ NOT NULL    | When (UTC).
    key_id VARCHAR                  | The API key that asked; NULL on a server without keys and on the command line.
    action VARCHAR NOT NULL         | What was done: correct, cancel, retry, erase, read and so on.
    call_id VARCHAR                 | The call; NULL where it was about none.
    details JSON                    | What was changed, by name: the names alone, for values may be personal.
    """,
)
_COLUMNS = (
    ("calls", "direction VARCHAR", "inbound or outbound; NULL where not said."),
    ("calls", "language VARCHAR", "The code of the language that was said; NULL where not said."),
    ("calls", "extra JSON", "Whatever else the centre said of the call, as a JSON object."),
    ("jobs", "can_retry BOOLEAN", "Whether trying again can help; NULL where the job did not fail."),
)


def record(
    con: duckdb.DuckDBPyConnection,
    action: str,
    *,
    now: datetime,
    call_id: str | None = None,
    key_id: str | None = None,
    details: Sequence[str] = (),
) -> None:
    """Write a row of the audit, in the transaction of what it tells of."""
    told = msgspec.json.encode(details).decode() if details else None
    con.execute(
        "INSERT INTO audit (entry, done_at, key_id, action, call_id, details) VALUES (?, ?, ?, ?, ?, ?)",
        [audit.new_number(), now, key_id, action, call_id, told],
    )


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables, and the columns that earlier steps lack."""
    for statement in (*schema.making(AUDIT), *schema.making(keys.TABLE)):
        con.execute(statement)
    for table, definition, comment in _COLUMNS:
        con.execute(f"ALTER TABLE {table} ADD COLUMN {definition}")
        con.execute(schema.comment_on("COLUMN", f"{table}.{definition.split()[0]}", comment))
