"""How long calls are kept, by the settings: which are due to be erased. Every function works in a transaction.

A call's age counts from when it started, else from when it was received; what its team has of its own wins.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from qa.settings import Settings
from qa.store.calls import WHEN
from qa.store.database import Connection

SOON = timedelta(days=7)

_DUE = f"{WHEN} < $now::TIMESTAMPTZ - to_days(coalesce(own.days, $days::INTEGER))"
_OWN = "(SELECT unnest($teams::VARCHAR[]) AS team, unnest($own::INTEGER[]) AS days) own"


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A team's calls: how many there are, how long they are kept (None: for ever), and how many are due.

    `due_within_7_days` counts those that are due now, too.
    """

    team: str
    days: int | None
    calls: int
    due: int
    due_within_7_days: int


def due(con: Connection, settings: Settings, *, now: datetime, limit: int) -> dict[str, str]:
    """The hashes of the recordings of calls that are kept no longer, by call id, oldest first."""
    found = con.execute(
        f"SELECT call_id, sha256 FROM calls LEFT JOIN {_OWN} USING (team) WHERE {_DUE} ORDER BY {WHEN} LIMIT $limit",
        _policy(settings) | {"now": now, "limit": limit},
    ).fetchall()
    return dict(found)


def by_team(con: Connection, settings: Settings, *, now: datetime) -> tuple[Kept, ...]:
    """Every team that has calls or a policy of its own."""
    found = con.execute(
        f"SELECT team, coalesce(own.days, $days::INTEGER), count(call_id), count(*) FILTER (WHERE {_DUE}), "
        f"count(*) FILTER (WHERE {_DUE.replace('$now', '$soon')}) "
        f"FROM calls FULL JOIN {_OWN} USING (team) GROUP BY team, own.days ORDER BY team",
        _policy(settings) | {"now": now, "soon": now + SOON},
    ).fetchall()
    return tuple(
        Kept(team=team, days=days, calls=calls, due=due, due_within_7_days=soon)
        for team, days, calls, due, soon in found
    )


def _policy(settings: Settings) -> dict[str, object]:
    own = settings.retention_days_by_team
    return {"days": settings.retention_days, "teams": [*own], "own": [*own.values()]}
