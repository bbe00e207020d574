"""Webhooks in the store: the addresses that uploads named, and every delivery, written down with what it tells of.

A delivery stands in the store as soon as the end of its job does, in one transaction, and waits until it was taken or
given up: a crash loses none, and one that was under way is sent again, with the same id.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from qa.errors import CallKnown, DeliveryNotFound
from qa.store import schema, service
from qa.store.database import Connection, Database, first
from qa.store.schema import Table
from qa.store.types import Delivery, DeliveryPage, DeliveryState, Ended
from qa.webhooks import signing

ADDRESSES = Table(
    "webhook_addresses",
    "One row a call whose upload named a webhook.",
    """
    call_id VARCHAR PRIMARY KEY     | The call.
    url VARCHAR NOT NULL            | The address, which may hold a secret.
    """,
)
DELIVERIES = Table(
    "webhook_deliveries",
    "One row an end of a job that a receiver was or is to be told of.",
    """
    delivery_id BIGINT PRIMARY KEY  | Counts up.
    webhook_id VARCHAR NOT NULL     | A random id, the same on each try: by it a receiver knows what it has already.
    call_id VARCHAR NOT NULL        | The call.
    job_id BIGINT                   | The job that ended; NULL for a transcript, which is scored at once.
    event VARCHAR NOT NULL          | What happened: done, failed or cancelled.
    url VARCHAR                     | The address that the upload named; NULL for that of the setting webhook_url.
    receiver VARCHAR                | Host and port of the address; NULL for that of the setting.
    state VARCHAR NOT NULL          | waiting, delivered or given_up.
    attempts INTEGER NOT NULL       | How often it was tried, since it was last asked for.
    made_at TIMESTAMPTZ NOT NULL    | When the job ended (UTC).
    tried_at TIMESTAMPTZ            | When it was last tried (UTC); NULL where not yet.
    wait_s DOUBLE NOT NULL          | How long after that it is tried again, in seconds.
    error VARCHAR                   | Why it was not taken.
    """,
)
_SEQUENCE = "webhook_delivery_ids"
_COLUMNS = ", ".join(Delivery.__struct_fields__)


def create(con: Connection) -> None:
    """Make the tables: a step of the store's history."""
    con.execute(f"CREATE SEQUENCE {_SEQUENCE}")
    for statement in (*schema.making(ADDRESSES), *schema.making(DELIVERIES)):
        con.execute(statement)


def address(con: Connection, call_id: str) -> str | None:
    """The webhook that the upload of a call named."""
    found = first(con, "SELECT url FROM webhook_addresses WHERE call_id = ?", [call_id])
    return None if found is None else str(found[0])


def name(con: Connection, call_id: str, url: str | None) -> None:
    """The upload of a call names a webhook, in the place of one that was named before; None changes nothing."""
    if url is not None:
        con.execute("INSERT OR REPLACE INTO webhook_addresses VALUES (?, ?)", [call_id, url])


def check_same(con: Connection, call_id: str, url: str | None) -> None:
    """Raise CallKnown where another webhook is named than when the call was taken."""
    if url not in (None, address(con, call_id)):
        raise CallKnown(
            f"this recording is call {call_id} already, and was sent with another webhook or none, which stays; send "
            f"it without one, and ask GET /api/calls/{call_id}"
        )


def write(con: Connection, call_id: str, event: Ended, *, job_id: int | None, server: bool, now: datetime) -> None:
    """Something of a call has ended: whoever is to be told will be, with `server` also the address of the setting."""
    named = address(con, call_id)
    for url in ([None] if server else []) + ([named] if named else []):
        con.execute(
            "INSERT INTO webhook_deliveries (delivery_id, webhook_id, call_id, job_id, event, url, receiver, state, "
            f"attempts, made_at, wait_s) VALUES (nextval('{_SEQUENCE}'), ?, ?, ?, ?, ?, ?, 'waiting', 0, ?, 0)",
            [f"msg_{secrets.token_hex(16)}", call_id, job_id, event, url, url and signing.receiver(url), now],
        )


class Webhooks:
    """The deliveries of an open store."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def due(
        self, *, server: bool, receivers: Collection[str], without: Collection[int], each: int
    ) -> tuple[Delivery, ...]:
        """The oldest deliveries whose time has come, of each receiver so many, `without` those that are under way.

        Those to the address of the setting with `server`, the others while their receiver is among `receivers`. Time
        is measured from the last try, and one that lies ahead (the clock was set back) is taken for past.
        """
        with self._database.reading() as con:
            found = con.execute(
                f"""
                SELECT {_COLUMNS} FROM webhook_deliveries
                WHERE state = 'waiting'
                    AND (tried_at IS NULL OR tried_at > $now OR epoch($now::TIMESTAMPTZ - tried_at) >= wait_s)
                    AND CASE WHEN url IS NULL THEN $server ELSE list_contains($receivers::VARCHAR[], receiver) END
                    AND NOT list_contains($without::BIGINT[], delivery_id)
                QUALIFY row_number() OVER (PARTITION BY receiver ORDER BY delivery_id) <= $each
                ORDER BY delivery_id
                """,
                {
                    "now": _now(),
                    "server": server,
                    "receivers": sorted(receivers),
                    "without": sorted(without),
                    "each": each,
                },
            ).fetchall()
        return tuple(map(_to_delivery, found))

    def tried(self, delivery_id: int, *, state: DeliveryState, wait_s: float = 0.0, error: str | None = None) -> None:
        """A try has ended: the delivery was taken, is given up, or waits again."""
        with self._database.writing() as con:
            con.execute(
                "UPDATE webhook_deliveries SET state = ?, attempts = attempts + 1, tried_at = ?, wait_s = ?, error = ? "
                "WHERE delivery_id = ?",
                [state, _now(), wait_s, error, delivery_id],
            )

    def again(self, delivery_id: int, *, teams: Collection[str] | None = None, key_id: str | None = None) -> Delivery:
        """A delivery waits anew, whatever became of it, and is due; on disk for good when this returns.

        Raises DeliveryNotFound.
        """
        with self._database.durably() as con:
            _read(con, delivery_id, teams)
            con.execute(
                "UPDATE webhook_deliveries SET state = 'waiting', attempts = 0, tried_at = NULL, wait_s = 0 "
                "WHERE delivery_id = ?",
                [delivery_id],
            )
            delivery = _read(con, delivery_id, teams)
            service.record(con, "retry webhook", call_id=delivery.call_id, key_id=key_id, now=_now())
            return delivery

    def page(
        self,
        *,
        state: DeliveryState | None = None,
        teams: Collection[str] | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> DeliveryPage:
        """Deliveries about calls of these teams, None are all, newest first."""
        conditions = {
            "state = ?": state,
            "call_id IN (SELECT call_id FROM calls WHERE team IN (SELECT unnest(?)))": None
            if teams is None
            else sorted(teams),
            "delivery_id < ?": before,
        }
        given = {condition: value for condition, value in conditions.items() if value is not None}
        where = f"WHERE {' AND '.join(given)}" if given else ""
        with self._database.reading() as con:
            found = con.execute(
                f"SELECT {_COLUMNS} FROM webhook_deliveries {where} ORDER BY delivery_id DESC LIMIT ?",
                [*given.values(), limit + 1],
            ).fetchall()
        page = tuple(map(_to_delivery, found[:limit]))
        return DeliveryPage(page, page[-1].delivery_id if len(found) > limit else None)

    def count(self) -> dict[DeliveryState, int]:
        """How many deliveries are in each state."""
        with self._database.reading() as con:
            return dict(con.execute("SELECT state, count(*) FROM webhook_deliveries GROUP BY state").fetchall())


def _read(con: Connection, delivery_id: int, teams: Collection[str] | None) -> Delivery:
    found = first(
        con,
        f"SELECT {_COLUMNS} FROM webhook_deliveries WHERE delivery_id = $delivery_id AND ($teams::VARCHAR[] IS NULL "
        "OR call_id IN (SELECT call_id FROM calls WHERE team IN (SELECT unnest($teams::VARCHAR[]))))",
        {"delivery_id": delivery_id, "teams": None if teams is None else sorted(teams)},
    )
    if found is None:
        raise DeliveryNotFound(f"there is no delivery {delivery_id}; GET /api/webhooks lists them")
    return _to_delivery(found)


def _to_delivery(line: tuple[Any, ...]) -> Delivery:
    return Delivery(**dict(zip(Delivery.__struct_fields__, line, strict=True)))


def _now() -> datetime:
    return datetime.now(UTC)
