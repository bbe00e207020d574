"""What the store lacks is put back from what lies on disk, each time that it is opened for writing."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from qa.store import calls, jobs, webhooks
from qa.store.database import Connection
from qa.store.sidecars import Sidecars


class Reconciled(NamedTuple):
    """How many calls were put back from their sidecars, and how many were taken, not scored, and in no queue."""

    restored: int
    queued: int


def reconcile(con: Connection, sidecars: Sidecars, *, now: datetime) -> Reconciled:
    """Put back calls that have a sidecar and no row, and queue those that nobody would score."""
    known = {call_id for (call_id,) in con.execute("SELECT call_id FROM calls").fetchall()}
    restored = 0
    for call_id in sorted(sidecars.all() - known):
        sidecar = sidecars.read(call_id)
        if sidecar is not None and calls.find_recording(con, team=sidecar.metadata.team, sha256=sidecar.sha256) is None:
            calls.restore(con, sidecar)
            webhooks.name(con, call_id, sidecar.webhook)
            restored += 1
    forgotten = con.execute(
        "SELECT call_id FROM calls LEFT JOIN scorecards USING (call_id) "
        "WHERE scorecard_id IS NULL AND job_id IS NULL ORDER BY received_at, call_id"
    ).fetchall()
    for (call_id,) in forgotten:
        jobs.enqueue(con, call_id, now=now)
    return Reconciled(restored, len(forgotten))
