"""The revision of a call: another number whenever anything of the call is written, so that copies know what is new.

It is drawn, not counted: a store that is put back from a backup counts on from there and would come to the same
numbers again for other contents, and a copy beside it would take the old for the new.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import duckdb

from qa.store import schema

COMMENT = "Another number whenever anything of the call is written; copies are brought up to date by it."


def create(con: duckdb.DuckDBPyConnection) -> None:
    """Make the column: a step of the store's history."""
    con.execute("ALTER TABLE calls ADD COLUMN revision BIGINT DEFAULT 0")
    con.execute(schema.comment_on("COLUMN", "calls.revision", COMMENT))


def touch(con: duckdb.DuckDBPyConnection, call_ids: Sequence[str]) -> None:
    """Say that something of these calls is written; within a transaction of the caller's."""
    if call_ids:
        con.execute(
            "UPDATE calls SET revision = ? WHERE call_id IN (SELECT unnest(?))", [secrets.randbits(62), list(call_ids)]
        )
