"""The queue of calls to score: rows of `jobs`, taken in order, each under a lease that its worker renews.

Every function works in the transaction that its connection is in.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from qa.store.database import Connection, first
from qa.store.types import Job

MAX_ATTEMPTS = 5
_COLUMNS = "job_id, call_id, state, enqueued_at, attempts, leased_until, finished_at, error"


def enqueue(con: Connection, call_id: str, *, now: datetime) -> Job:
    """Queue a call; one that waits already is not queued twice, for its metadata is read when it is taken."""
    waiting = first(con, f"SELECT {_COLUMNS} FROM jobs WHERE call_id = ? AND state = 'queued'", [call_id])
    if waiting is not None:
        return _to_job(waiting)
    made = first(
        con,
        "INSERT INTO jobs (job_id, call_id, state, attempts, enqueued_at) "
        f"VALUES (nextval('job_ids'), ?, 'queued', 0, ?) RETURNING {_COLUMNS}",
        [call_id, now],
    )
    assert made is not None
    job = _to_job(made)
    con.execute("UPDATE calls SET job_id = ? WHERE call_id = ?", [job.job_id, call_id])
    return job


def claim(con: Connection, *, lease_s: float, now: datetime) -> Job | None:
    """Take the oldest job that waits, or whose lease has run out; never one whose call is being scored."""
    con.execute(
        "UPDATE jobs SET state = 'failed', finished_at = $now, leased_until = NULL, error = $error "
        "WHERE state IN ('queued', 'running') AND attempts >= $most AND (leased_until IS NULL OR leased_until < $now)",
        {
            "now": now,
            "most": MAX_ATTEMPTS,
            "error": f"scoring was begun {MAX_ATTEMPTS} times and never ended; score the call alone to see why",
        },
    )
    found = first(
        con,
        """
        SELECT job_id FROM jobs
        WHERE (state = 'queued' OR (state = 'running' AND leased_until < $now))
            AND call_id NOT IN (SELECT call_id FROM jobs WHERE state = 'running' AND leased_until >= $now)
        ORDER BY job_id LIMIT 1
        """,
        {"now": now},
    )
    if found is None:
        return None
    taken = first(
        con,
        "UPDATE jobs SET state = 'running', attempts = attempts + 1, leased_until = ? "
        f"WHERE job_id = ? RETURNING {_COLUMNS}",
        [now + timedelta(seconds=lease_s), found[0]],
    )
    assert taken is not None
    return _to_job(taken)


def renew(con: Connection, job_id: int, *, lease_s: float, now: datetime) -> None:
    """The worker is still at it."""
    con.execute(
        "UPDATE jobs SET leased_until = ? WHERE job_id = ? AND state = 'running'",
        [now + timedelta(seconds=lease_s), job_id],
    )


def finish(con: Connection, job_id: int, *, error: str | None, now: datetime) -> None:
    """The job is done, or failed for the reason given."""
    con.execute(
        "UPDATE jobs SET state = ?, finished_at = ?, leased_until = NULL, error = ? WHERE job_id = ?",
        ["done" if error is None else "failed", now, error, job_id],
    )


def release(con: Connection, job_id: int) -> None:
    """An orderly stop: the job waits again as if it had not been begun."""
    con.execute(
        "UPDATE jobs SET state = 'queued', leased_until = NULL, attempts = attempts - 1 "
        "WHERE job_id = ? AND state = 'running'",
        [job_id],
    )


def requeue(con: Connection) -> int:
    """What was running when the last owner ended waits again."""
    found = con.execute(
        "UPDATE jobs SET state = 'queued', leased_until = NULL WHERE state = 'running' RETURNING job_id"
    ).fetchall()
    return len(found)


def _to_job(line: tuple[Any, ...]) -> Job:
    job_id, call_id, state, enqueued_at, attempts, leased_until, finished_at, error = line
    return Job(
        job_id=job_id,
        call_id=call_id,
        state=state,
        enqueued_at=enqueued_at,
        attempts=attempts,
        leased_until=leased_until,
        finished_at=finished_at,
        error=error,
    )
