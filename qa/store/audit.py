"""The audit: who read, changed or deleted what. Every function works in its connection's transaction.

A change writes its row in its own transaction (`service.record`). A read is answered more often than a transaction can
be kept, so its row goes to a side log first (`qa.store.side_log`), and from there into the table.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

import msgspec

from qa.errors import PageNotFound
from qa.store import schema
from qa.store.database import Connection, first

_COMMENTS = {
    "entry": "A number drawn at random, by which the row is known.",
    "action": "What was done: correct, cancel, retry, erase and so on; a read by its operation, such as getCall.",
    "details": "What was changed or asked by, and a form other than JSON: names alone, for values may be personal.",
}
_COLUMNS = "entry, done_at, key_id, action, call_id, details"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the audit. `details` are names alone, for values may be personal. Moments are in UTC."""

    entry: int
    done_at: datetime
    key_id: str | None
    action: str
    call_id: str | None
    details: tuple[str, ...]


class AuditPage(msgspec.Struct, frozen=True):
    """Rows of the audit, newest first; `next` is the number of the last where more follow."""

    entries: tuple[Entry, ...]
    next: int | None


def new_number() -> int:
    """53 random bits, which JSON can carry in every language."""
    return secrets.randbits(53)


def create(con: Connection) -> None:
    """Make the column by which a row is known, for reads too: a step of the store's history."""
    con.execute("ALTER TABLE audit ADD COLUMN entry BIGINT")
    con.execute("UPDATE audit SET entry = rowid")
    for column, comment in _COMMENTS.items():
        con.execute(schema.comment_on("COLUMN", f"audit.{column}", comment))


def put(con: Connection, entries: Sequence[Entry]) -> None:
    """Write rows; one that is there already is not written twice."""
    columns = [
        [it.entry for it in entries],
        [it.done_at for it in entries],
        [it.key_id for it in entries],
        [it.action for it in entries],
        [it.call_id for it in entries],
        [json.dumps(it.details) if it.details else None for it in entries],
    ]
    con.execute(
        f"INSERT INTO audit ({_COLUMNS}) SELECT {_COLUMNS} FROM (SELECT unnest($1::BIGINT[]) AS entry, "
        "unnest($2::TIMESTAMPTZ[]) AS done_at, unnest($3::VARCHAR[]) AS key_id, unnest($4::VARCHAR[]) AS action, "
        "unnest($5::VARCHAR[]) AS call_id, unnest($6::VARCHAR[])::JSON AS details) given WHERE NOT EXISTS "
        "(FROM audit WHERE audit.entry = given.entry AND audit.done_at = given.done_at)",
        columns,
    )


def read_page(
    con: Connection,
    *,
    teams: Collection[str] | None = None,
    call_id: str | None = None,
    key_id: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: int | None = None,
    limit: int,
) -> AuditPage:
    """Rows, newest first; of some teams, those about calls that are theirs now. Raises PageNotFound."""
    conditions = {
        "call_id IN (SELECT call_id FROM calls WHERE team IN (SELECT unnest(?)))": None if teams is None else [*teams],
        "call_id = ?": call_id,
        "key_id = ?": key_id,
        "action = ?": action,
        "done_at >= ?": since,
        "done_at < ?": until,
        "(done_at, entry) < (SELECT (done_at, entry) FROM audit WHERE entry = ? LIMIT 1)": after,
    }
    given = {condition: value for condition, value in conditions.items() if value is not None}
    if after is not None and first(con, "SELECT 1 FROM audit WHERE entry = ?", [after]) is None:
        raise PageNotFound(f"there is no page after {after}; begin again without it")
    where = f"WHERE {' AND '.join(given)}" if given else ""
    found = con.execute(
        f"SELECT {_COLUMNS} FROM audit {where} ORDER BY done_at DESC, entry DESC LIMIT ?", [*given.values(), limit + 1]
    ).fetchall()
    entries = tuple(map(_to_entry, found[:limit]))
    return AuditPage(entries, entries[-1].entry if len(found) > limit else None)


def forget(con: Connection, *, before: datetime) -> None:
    """Delete the rows from before a moment."""
    con.execute("DELETE FROM audit WHERE done_at < ?", [before])


def _to_entry(line: tuple[Any, ...]) -> Entry:
    entry, done_at, key_id, action, call_id, details = line
    return Entry(
        entry=entry,
        done_at=done_at,
        key_id=key_id,
        action=action,
        call_id=call_id,
        details=tuple(json.loads(details)) if details else (),
    )
