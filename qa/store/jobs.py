"""The queue of calls to score: rows of `jobs`, taken in order by the store's owner, who knows which of them run.

Every function works in the transaction that its connection is in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from qa.errors import JobCancelled, JobNotFound, JobProblem
from qa.store.database import Connection, first
from qa.store.types import Job, JobPage, State

MAX_ATTEMPTS = 5
_COLUMNS = "job_id, call_id, state, enqueued_at, attempts, finished_at, error, can_retry"


def without_clocks(con: Connection) -> None:
    """A step of the store's history: who owns the store knows what runs, and what came last is known by its job."""
    con.execute("ALTER TABLE jobs DROP COLUMN leased_until")
    con.execute(
        "UPDATE calls SET job_id = NULL WHERE job_id IN (SELECT jobs.job_id FROM jobs JOIN scorecards USING (call_id) "
        "WHERE state = 'failed' AND scored_at >= finished_at)"
    )


def scored_without(con: Connection, call_ids: Sequence[str]) -> None:
    """Calls are scored now: what became before of jobs that failed or were cancelled is no longer their state."""
    con.execute(
        "UPDATE calls SET job_id = NULL WHERE call_id IN (SELECT unnest(?)) "
        "AND job_id IN (SELECT job_id FROM jobs WHERE state IN ('failed', 'cancelled'))",
        [call_ids],
    )


def check_wanted(con: Connection, job_id: int) -> None:
    """Raise JobCancelled where what was done for a job is not wanted any more."""
    if read(con, job_id).state == "cancelled":
        raise JobCancelled(f"job {job_id} was cancelled")


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


_OPEN = "state = 'queued' AND call_id NOT IN (SELECT call_id FROM jobs WHERE state = 'running')"


def any_open(con: Connection) -> bool:
    """Whether `claim` would find something: a look that writes nothing."""
    return first(con, f"SELECT 1 FROM jobs WHERE {_OPEN} LIMIT 1") is not None


def give_up(con: Connection, *, now: datetime) -> tuple[Job, ...]:
    """Jobs that were begun too often, and have nobody now, fail."""
    found = con.execute(
        "UPDATE jobs SET state = 'failed', finished_at = $now, error = $error, can_retry = true "
        f"WHERE state = 'queued' AND attempts >= $most RETURNING {_COLUMNS}",
        {
            "now": now,
            "most": MAX_ATTEMPTS,
            "error": f"scoring was begun {MAX_ATTEMPTS} times and never ended; score the call alone to see why",
        },
    ).fetchall()
    return tuple(map(_to_job, found))


def claim(con: Connection) -> Job | None:
    """Take the oldest job that waits, but none whose call is being scored; None where there is none."""
    found = first(con, f"SELECT job_id FROM jobs WHERE {_OPEN} ORDER BY job_id LIMIT 1")
    if found is None:
        return None
    taken = first(
        con,
        f"UPDATE jobs SET state = 'running', attempts = attempts + 1 WHERE job_id = ? RETURNING {_COLUMNS}",
        [found[0]],
    )
    assert taken is not None
    return _to_job(taken)


def finish(con: Connection, job_id: int, *, error: str | None, can_retry: bool, now: datetime) -> Job | None:
    """The job is done, or failed for the reason given; None for one that was cancelled meanwhile and stays so."""
    found = first(
        con,
        "UPDATE jobs SET state = ?, finished_at = ?, error = ?, can_retry = ? "
        f"WHERE job_id = ? AND state != 'cancelled' RETURNING {_COLUMNS}",
        ["done" if error is None else "failed", now, error, None if error is None else can_retry, job_id],
    )
    return None if found is None else _to_job(found)


def cancel(con: Connection, job_id: int, *, teams: Collection[str] | None = None, now: datetime) -> Job:
    """A job that waits or runs is not to be done; raises JobNotFound, and JobProblem where it has ended."""
    job = read(con, job_id, teams=teams)
    if job.state not in ("queued", "running"):
        raise JobProblem(f"job {job_id} is {job.state}, so there is nothing to cancel")
    con.execute("UPDATE jobs SET state = 'cancelled', finished_at = ? WHERE job_id = ?", [now, job_id])
    return read(con, job_id)


def retry(con: Connection, job_id: int, *, teams: Collection[str] | None = None, now: datetime) -> Job:
    """Queue the call of a job that failed or was cancelled again; raises JobNotFound and JobProblem."""
    job = read(con, job_id, teams=teams)
    if job.state not in ("failed", "cancelled"):
        raise JobProblem(f"job {job_id} is {job.state}; only what failed or was cancelled is tried again")
    return enqueue(con, job.call_id, now=now)


def read(con: Connection, job_id: int, *, teams: Collection[str] | None = None) -> Job:
    """A job of these teams' calls, None are all; raises JobNotFound."""
    among = None if teams is None else sorted(teams)
    found = first(
        con,
        f"SELECT {_COLUMNS} FROM jobs WHERE job_id = $job_id AND ($teams::VARCHAR[] IS NULL OR call_id IN "
        "(SELECT call_id FROM calls WHERE team IN (SELECT unnest($teams::VARCHAR[]))))",
        {"job_id": job_id, "teams": among},
    )
    if found is None:
        raise JobNotFound(f"there is no job {job_id}; GET /api/jobs lists them")
    return _to_job(found)


def read_page(
    con: Connection, *, state: State | None, teams: Collection[str] | None, before: int | None, limit: int
) -> JobPage:
    """Jobs, newest first."""
    among = None if teams is None else list(teams)
    conditions = {"state = ?": state, "team IN (SELECT unnest(?))": among, "job_id < ?": before}
    given = {condition: value for condition, value in conditions.items() if value is not None}
    where = f"WHERE {' AND '.join(given)}" if given else ""
    columns = ", ".join(f"jobs.{name}" for name in _COLUMNS.split(", "))
    found = con.execute(
        f"SELECT {columns} FROM jobs JOIN calls USING (call_id) {where.replace('job_id', 'jobs.job_id')} "
        "ORDER BY jobs.job_id DESC LIMIT ?",
        [*given.values(), limit + 1],
    ).fetchall()
    page = tuple(_to_job(line) for line in found[:limit])
    return JobPage(page, page[-1].job_id if len(found) > limit else None)


def count(con: Connection) -> dict[State, int]:
    """How many jobs are in each state."""
    return dict(con.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall())


def release(con: Connection, job_id: int) -> None:
    """An orderly stop: the job waits again as if it had not been begun."""
    con.execute(
        "UPDATE jobs SET state = 'queued', attempts = attempts - 1 WHERE job_id = ? AND state = 'running'",
        [job_id],
    )


def requeue(con: Connection) -> int:
    """What was running when the last owner ended waits again."""
    found = con.execute("UPDATE jobs SET state = 'queued' WHERE state = 'running' RETURNING job_id").fetchall()
    return len(found)


def release_others(con: Connection, in_hand: Collection[int]) -> None:
    """What is said to run and is in nobody's hand waits as if it had not been begun: its taking was half written."""
    con.execute(
        "UPDATE jobs SET state = 'queued', attempts = attempts - 1 "
        "WHERE state = 'running' AND job_id NOT IN (SELECT unnest(?::BIGINT[]))",
        [list(in_hand)],
    )


def of_calls(con: Connection, call_ids: Collection[str]) -> tuple[Job, ...]:
    """The jobs of calls that wait or run."""
    found = con.execute(
        f"SELECT {_COLUMNS} FROM jobs WHERE call_id IN (SELECT unnest(?)) AND state IN ('queued', 'running')",
        [[*call_ids]],
    ).fetchall()
    return tuple(map(_to_job, found))


def oldest_wait_s(con: Connection, *, now: datetime) -> float | None:
    """Seconds since the oldest job that waits was handed in; None where none waits. Never less than none at all."""
    found = first(con, "SELECT min(enqueued_at) FROM jobs WHERE state = 'queued'")
    return None if found is None or found[0] is None else max(0.0, (now - found[0]).total_seconds())


def _to_job(line: tuple[Any, ...]) -> Job:
    job_id, call_id, state, enqueued_at, attempts, finished_at, error, can_retry = line
    return Job(
        job_id=job_id,
        call_id=call_id,
        state=state,
        enqueued_at=enqueued_at,
        attempts=attempts,
        finished_at=finished_at,
        error=error,
        can_retry=can_retry,
    )
