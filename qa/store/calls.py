"""Calls and what is said of them, written and read. Every function works in its connection's transaction."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from qa.errors import CallKnown, CallNotFound, ContactTaken, PageNotFound
from qa.metadata import NAMES, Metadata
from qa.store import revisions
from qa.store.database import Connection, first
from qa.store.sidecars import Sidecar
from qa.store.types import CallRow, Page, Team

_NAMES = ", ".join(NAMES)

WHEN = "coalesce(calls.started_at, calls.received_at)"
"""When a call was: as it is listed, and as its age counts."""

_SELECT = f"""
    SELECT call_id, sha256, received_at, {", ".join(f"calls.{name}" for name in NAMES)},
        CASE
            WHEN state IN ('queued', 'running', 'failed') THEN state
            WHEN state = 'cancelled' AND scored_at IS NULL THEN state
            ELSE 'done'
        END AS state,
        error, scored_at, percent, coverage, coalesce(flags, []) AS flags
    FROM calls LEFT JOIN scorecards USING (call_id) LEFT JOIN jobs USING (job_id, call_id)
"""


def write_call(con: Connection, *, sha256: str, metadata: Metadata, now: datetime) -> str:
    """Write what is said about a call; what was said before stays where nothing new is said."""
    before = first(con, f"SELECT call_id, {_NAMES} FROM calls WHERE team = ? AND sha256 = ?", [metadata.team, sha256])
    call_id = before[0] if before else new_id()
    check_contact(con, metadata, call_id)
    if before is None:
        insert(con, call_id, sha256=sha256, metadata=metadata, received_at=now)
        return call_id
    old = _to_metadata(before[1:])
    _update(con, call_id, old, merged(old, metadata))
    return call_id


def new_id() -> str:
    """48 random bits: among a million calls one new id in 280 million is taken, and then refused by its key."""
    return secrets.token_hex(6)


def insert(con: Connection, call_id: str, *, sha256: str, metadata: Metadata, received_at: datetime) -> None:
    """Write a call that is new."""
    values = [call_id, sha256, received_at, *_values(metadata).values()]
    con.execute(
        f"INSERT INTO calls (call_id, sha256, received_at, {_NAMES}) VALUES ({', '.join('?' * len(values))})", values
    )


def restore(con: Connection, sidecar: Sidecar) -> None:
    """Write a call back as it was taken; a contact id that another call has by now is left out."""
    metadata = sidecar.metadata
    try:
        check_contact(con, metadata, sidecar.call_id)
    except ContactTaken:
        metadata = msgspec.structs.replace(metadata, contact_id=None)
    insert(con, sidecar.call_id, sha256=sidecar.sha256, metadata=metadata, received_at=sidecar.received_at)


def check_same(con: Connection, call_id: str, said: Metadata) -> None:
    """Raise CallKnown where something is said of a call otherwise than it is known."""
    known = read_row(con, call_id).metadata
    for name in NAMES:
        new, old = getattr(said, name), getattr(known, name)
        if name not in ("recording", "team") and new not in (None, old):
            was = "nothing" if old is None else repr(str(old))
            raise CallKnown(
                f"this recording is call {call_id} already, with {was} as its {name}; correct it with "
                f"PATCH /api/calls/{call_id}"
            )


def correct(con: Connection, row: CallRow, new: Metadata) -> list[str]:
    """Write what is now said of a call, whole; gives the names of what changed.

    Raises ContactTaken where another recording of the team has the contact id, CallKnown where the team has this
    recording as another call.
    """
    check_contact(con, new, row.call_id)
    same = find_recording(con, team=new.team, sha256=row.sha256)
    if same not in (None, row.call_id):
        raise CallKnown(f"team {new.team} has this recording already, as call {same}; remove one of the two")
    return _update(con, row.call_id, row.metadata, new)


def _update(con: Connection, call_id: str, old: Metadata, new: Metadata) -> list[str]:
    before, values = _values(old), _values(new)
    changed = [name for name in NAMES if values[name] != before[name]]
    if changed:
        con.execute(
            f"UPDATE calls SET {', '.join(f'{name} = ?' for name in changed)} WHERE call_id = ?",
            [*(values[name] for name in changed), call_id],
        )
        revisions.touch(con, [call_id])
    return changed


def _values(metadata: Metadata) -> dict[str, Any]:
    """What is said of a call as its columns hold it."""
    said = {name: getattr(metadata, name) for name in NAMES}
    said["extra"] = None if metadata.extra is None else msgspec.json.encode(metadata.extra, order="sorted").decode()
    return said


def merged(old: Metadata, new: Metadata) -> Metadata:
    """What is known when `new` is said of a call after `old`."""
    said = {name: value for name in NAMES if (value := getattr(new, name)) is not None}
    return msgspec.structs.replace(old, **said)


def check_contact(con: Connection, metadata: Metadata, call_id: str | None) -> None:
    """Raise ContactTaken where a call other than this one has the contact id in its team."""
    if metadata.contact_id is None:
        return
    taken = _one(con, "SELECT call_id FROM calls WHERE team = ? AND contact_id = ?", metadata.team, metadata.contact_id)
    if taken not in (None, call_id):
        raise ContactTaken(
            f"contact_id {metadata.contact_id} already belongs to another recording of team {metadata.team} "
            f"(call {taken}); correct the contact_id"
        )


def _one(con: Connection, query: str, *values: object) -> Any:
    found = first(con, query, values)
    return found[0] if found else None


def find_id(con: Connection, key: str, teams: Collection[str] | None) -> str:
    """The call id of a call id or contact id among the calls of some teams, None are all; raises CallNotFound."""
    within = "" if teams is None else " AND team IN (SELECT unnest(?))"
    values: list[object] = [key] if teams is None else [key, sorted(teams)]
    for column in ("call_id", "contact_id"):
        found = con.execute(f"SELECT call_id, team FROM calls WHERE {column} = ?{within}", values).fetchall()
        if len(found) > 1:
            calls = ", ".join(f"{call_id} ({of})" for call_id, of in sorted(found))
            raise CallNotFound(f"several teams have a call with contact id {key}; say which: {calls}")
        if found:
            return str(found[0][0])
    where = f" in team {' or '.join(sorted(teams))}" if teams else ""
    raise CallNotFound(f"no call has the call id or contact id {key}{where}; `qa sql` can list what is there")


def find_recording(con: Connection, *, team: str, sha256: str) -> str | None:
    """The call id of a recording within a team."""
    found: str | None = _one(con, "SELECT call_id FROM calls WHERE team = ? AND sha256 = ?", team, sha256)
    return found


def find_same(con: Connection, sha256: str) -> tuple[tuple[str, str], ...]:
    """The team and call id of each call of a recording, whichever team has it."""
    found = con.execute("SELECT team, call_id FROM calls WHERE sha256 = ? ORDER BY team", [sha256]).fetchall()
    return tuple((team, call_id) for team, call_id in found)


def read_row(con: Connection, call_id: str) -> CallRow:
    """A call without its transcript and scorecard; raises CallNotFound."""
    found = read_rows(con, [call_id])
    if not found:
        raise CallNotFound(f"no call has the call id {call_id}")
    return found[call_id]


def read_rows(con: Connection, call_ids: Sequence[str]) -> dict[str, CallRow]:
    """Those of these calls that are there, by call id."""
    found = con.execute(f"{_SELECT} WHERE call_id IN (SELECT unnest(?))", [list(call_ids)]).fetchall()
    return {line[0]: _to_row(line) for line in found}


def read_page(
    con: Connection,
    *,
    teams: Collection[str] | None,
    agent: str | None,
    since: datetime | None,
    until: datetime | None,
    sha256: str | None,
    after: str | None,
    limit: int,
) -> Page:
    """A page of calls, newest first."""
    conditions = {
        "team IN (SELECT unnest(?))": None if teams is None else list(teams),
        "agent = ?": agent,
        f"{WHEN} >= ?": since,
        f"{WHEN} < ?": until,
        "sha256 = ?": sha256,
        f"({WHEN}, call_id) < (SELECT ({WHEN}, call_id) FROM calls WHERE call_id = ?)": after,
    }
    given = {condition: value for condition, value in conditions.items() if value is not None}
    row = None if after is None else first(con, "SELECT team FROM calls WHERE call_id = ?", [after])
    if after is not None and (row is None or (teams is not None and row[0] not in teams)):
        raise PageNotFound(f"there is no page after {after}; begin again without it")
    where = f"WHERE {' AND '.join(given)}" if given else ""
    found = con.execute(
        f"{_SELECT} {where} ORDER BY {WHEN} DESC, call_id DESC LIMIT ?", [*given.values(), limit + 1]
    ).fetchall()
    calls = tuple(_to_row(line) for line in found[:limit])
    return Page(calls, calls[-1].call_id if len(found) > limit else None)


def read_worst(
    con: Connection, *, teams: Collection[str] | None, agent: str | None, offset: int, limit: int
) -> tuple[tuple[CallRow, ...], int]:
    """Calls that failed or have a flag, then the others by percent, lowest first; and how many there are in all."""
    given = {"team IN (SELECT unnest(?))": None if teams is None else list(teams), "agent = ?": agent}
    conditions = [condition for condition, value in given.items() if value is not None]
    values = [value for value in given.values() if value is not None]
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    found = con.execute(
        f"SELECT * FROM ({_SELECT} {where}) ORDER BY len(flags) > 0 OR state = 'failed' DESC, percent NULLS LAST, "
        "call_id LIMIT ? OFFSET ?",
        [*values, limit, offset],
    ).fetchall()
    return tuple(_to_row(line) for line in found), _one(con, f"SELECT count(*) FROM calls {where}", *values)


def read_agents(con: Connection, *, teams: Collection[str] | None) -> tuple[str, ...]:
    """The agents whose calls there are, of some teams; None are all."""
    query = (
        "SELECT DISTINCT agent FROM calls WHERE agent IS NOT NULL "
        "AND ($teams::VARCHAR[] IS NULL OR team IN (SELECT unnest($teams::VARCHAR[]))) ORDER BY agent"
    )
    among = None if teams is None else list(teams)
    return tuple(agent for (agent,) in con.execute(query, {"teams": among}).fetchall())


def read_teams(con: Connection) -> tuple[Team, ...]:
    """All teams with their numbers of calls."""
    found = con.execute(
        "SELECT team, count(*), count(scorecard_id), count(DISTINCT agent) "
        "FROM calls LEFT JOIN scorecards USING (call_id) GROUP BY team ORDER BY team"
    ).fetchall()
    return tuple(Team(*line) for line in found)


def _to_row(line: tuple[Any, ...]) -> CallRow:
    call_id, sha256, received_at, *values = line
    said, (state, error, scored_at, percent, coverage, flags) = values[: len(NAMES)], values[len(NAMES) :]
    return CallRow(
        call_id=call_id,
        sha256=sha256,
        metadata=_to_metadata(said),
        received_at=received_at,
        state=state,
        error=error if state == "failed" else None,
        scored_at=scored_at,
        percent=percent,
        coverage=coverage,
        flags=tuple(flags),
    )


def _to_metadata(values: Iterable[Any]) -> Metadata:
    said = dict(zip(NAMES, values, strict=True))
    return Metadata(**said | {"extra": said["extra"] and msgspec.json.decode(said["extra"])})
