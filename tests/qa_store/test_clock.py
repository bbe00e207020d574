"""A clock that is put back or forward while the store is open: what runs, what comes next, and what was last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from qa import Metadata, Store
from rubric import Rubric
from tests.qa_store.examples import scored, sha256

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
Put = Callable[[timedelta], None]


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch) -> Put:
    """Puts the store's clock so far from noon."""

    def by(away: timedelta) -> None:
        monkeypatch.setattr("qa.store.store._now", lambda: NOON + away)

    by(timedelta())
    return by


def enqueue(store: Store, name: str) -> str:
    return store.accept(sha256=sha256(name), metadata=Metadata(team="North", recording=name)).call_id


def claimed(store: Store) -> int:
    job = store.claim()
    assert job is not None
    return job.job_id


@pytest.mark.parametrize("away", [timedelta(days=400), timedelta(hours=-1), datetime(1970, 1, 1, tzinfo=UTC) - NOON])
def test_what_runs_is_not_taken_again_and_what_waits_is_taken_in_order(store: Store, put: Put, away: timedelta) -> None:
    """By who has it in hand, and by the order in which it came; no age is below nothing; each call is on one page."""
    ids = [enqueue(store, "0.wav"), enqueue(store, "1.wav")]
    running = claimed(store)
    put(away)
    ids.append(enqueue(store, "2.wav"))
    assert (store.oldest_wait_s() or 0) >= 0
    assert [claimed(store), claimed(store), store.claim()] == [running + 1, running + 2, None]
    first = store.calls(limit=2)
    second = store.calls(limit=2, after=first.next)
    assert sorted(row.call_id for page in (first, second) for row in page.calls) == sorted(ids)


def test_what_came_last_is_known_without_the_clock(store: Store, put: Put, rubric: Rubric) -> None:
    """Scored; an hour earlier by the clock scored again and failed; another hour earlier scored without a job."""
    call_id = enqueue(store, "a.wav")
    job_id = claimed(store)
    store.save(scored(rubric, recording="a.wav"))
    store.finish(job_id)
    assert store.row(call_id).state == "done"

    put(timedelta(hours=-1))
    store.correct(call_id, lambda known: Metadata(team=known.team, recording=known.recording, agent_channel="right"))
    store.finish(claimed(store), error="its worker was lost", can_retry=True)
    assert (store.row(call_id).state, store.row(call_id).error) == ("failed", "its worker was lost")

    put(timedelta(hours=-2))
    assert store.save(scored(rubric, recording="a.wav")).call.state == "done"
