"""The audit: who read, changed or deleted what.

A change writes its row in its own transaction (`service.record`). A read is answered more often than a transaction can
be kept, so its row goes to a side log first (`qa.store.side_log`), and from there into the table.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from qa.errors import PageNotFound
from qa.store import schema, side_log
from qa.store.database import Connection, Database, first
from qa.store.side_log import SideLog
from qa.store.types import AuditPage, Entry

_COMMENTS = {
    "entry": "A number drawn at random, by which the row is known.",
    "action": "What was done: correct, cancel, retry, erase and so on; a read by its operation, such as getCall.",
    "details": "What was changed or asked by, and a form other than JSON: names alone, for values may be personal.",
}
_COLUMNS = "entry, done_at, key_id, action, call_id, details"


def new_number() -> int:
    """53 random bits, which JSON can carry in every language."""
    return secrets.randbits(53)


def create(con: Connection) -> None:
    """Make the column by which a row is known, for reads too: a step of the store's history."""
    con.execute("ALTER TABLE audit ADD COLUMN entry BIGINT")
    con.execute("UPDATE audit SET entry = rowid")
    for column, comment in _COMMENTS.items():
        con.execute(schema.comment_on("COLUMN", f"audit.{column}", comment))


class Audit:
    """The audit of an open store, with what stands in the side log until it is gathered."""

    def __init__(self, database: Database, reads: SideLog) -> None:
        self._database = database
        self._reads = reads
        self._gathering = threading.Lock()

    def note(
        self, action: str, *, call_id: str | None = None, key_id: str | None = None, details: Sequence[str] = ()
    ) -> None:
        """Write down that something was read, for good when this returns; `gather` puts it into the table.

        Raises StoreProblem where it cannot be written.
        """
        entry = Entry(
            entry=new_number(),
            done_at=datetime.now(UTC),
            key_id=key_id,
            action=action,
            call_id=call_id,
            details=tuple(details),
        )
        self._reads.append(entry)

    def gather(self) -> None:
        """Put what was written down of reads into the table, each once, whatever happens meanwhile."""
        with self._gathering:
            segments = self._reads.segments()
            if not segments:
                return
            if entries := side_log.read(segments):
                with self._database.durably() as con:
                    _put(con, entries)
            self._reads.remove(segments)

    def page(
        self,
        *,
        teams: Collection[str] | None = None,
        call_id: str | None = None,
        key_id: str | None = None,
        action: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: int | None = None,
        limit: int = 50,
    ) -> AuditPage:
        """Who read, changed or deleted what, newest first; with `teams`, what is about calls that are theirs now.

        Raises PageNotFound.
        """
        self.gather()
        conditions = {
            "call_id IN (SELECT call_id FROM calls WHERE team IN (SELECT unnest(?)))": None
            if teams is None
            else [*teams],
            "call_id = ?": call_id,
            "key_id = ?": key_id,
            "action = ?": action,
            "done_at >= ?": since,
            "done_at < ?": until,
            "(done_at, entry) < (SELECT (done_at, entry) FROM audit WHERE entry = ? LIMIT 1)": after,
        }
        given = {condition: value for condition, value in conditions.items() if value is not None}
        where = f"WHERE {' AND '.join(given)}" if given else ""
        with self._database.reading() as con:
            if after is not None and first(con, "SELECT 1 FROM audit WHERE entry = ?", [after]) is None:
                raise PageNotFound(f"there is no page after {after}; begin again without it")
            found = con.execute(
                f"SELECT {_COLUMNS} FROM audit {where} ORDER BY done_at DESC, entry DESC LIMIT ?",
                [*given.values(), limit + 1],
            ).fetchall()
        entries = tuple(map(_to_entry, found[:limit]))
        return AuditPage(entries, entries[-1].entry if len(found) > limit else None)

    def forget(self, *, before: datetime) -> None:
        """Delete the rows from before a moment."""
        with self._database.reading() as con:
            if first(con, "SELECT 1 FROM audit WHERE done_at < ? LIMIT 1", [before]) is None:
                return
        with self._database.writing() as con:
            con.execute("DELETE FROM audit WHERE done_at < ?", [before])


def _put(con: Connection, entries: Sequence[Entry]) -> None:
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
