"""Calls erased by their age: those of the policy, and no others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from qa import Metadata, Settings, Store
from qa.errors import CallNotFound
from qa.store import Job, service
from qa.upkeep.erasing import Eraser
from qa.upkeep.retention import Clock, described
from tests.qa_store.examples import sha256
from tests.waiting import until

DAY = timedelta(days=1)
POLICY = Settings(retention_days=30, retention_days_by_team={"North": 10, "Nobody": 1})


def take(store: Store, team: str, *, days: float | None) -> Job:
    """Take a call that started so many days ago, or that nobody has said of when it started."""
    started_at = None if days is None else datetime.now(UTC) - days * DAY
    metadata = Metadata(team=team, started_at=started_at)
    return store.accept(sha256=sha256(f"{team} {days}"), metadata=metadata)


def test_a_call_is_due_by_its_own_age_and_its_teams_own_policy(path: Path) -> None:
    """The team's number wins; who has none has the other; what did not say when it started counts from its arrival."""
    with Store.open(path, settings=POLICY) as store:
        north, south = (11, 9), (11, 31, 24, None)
        ids: dict[tuple[str, int | None], str] = {
            (team, days): take(store, team, days=days).call_id
            for team, ages in (("North", north), ("South", south))
            for days in ages
        }
        assert [(it.team, it.days, it.calls, it.due, it.due_within_7_days) for it in store.retention()] == [
            ("Nobody", 1, 0, 0, 0),
            ("North", 10, 2, 1, 2),
            ("South", 30, 4, 1, 2),
        ]
        receipts, jobs = store.expire(now=datetime.now(UTC), limit=10)
        gone = {ids["North", 11], ids["South", 31]}
        assert {receipt.call_id for receipt in receipts} == {job.call_id for job in jobs} == gone
        assert {call.call_id for call in store.calls().calls} == set(ids.values()) - gone
        assert {(it.action, it.key_id, it.call_id) for it in store.audit.page().entries} == {
            ("retention", None, call_id) for call_id in gone
        }
        assert store.expire(now=datetime.now(UTC), limit=10) == ((), ())
        late = datetime.now(UTC) + 40 * DAY
        assert [it.call_id for it in store.expire(now=late, limit=2)[0]] == [ids["South", 24], ids["South", 11]]


def test_without_a_policy_nothing_is_due_however_old(path: Path) -> None:
    """A team's own holds for it alone."""
    with Store.open(path, settings=Settings(retention_days_by_team={"North": 10})) as store:
        kept, due = (take(store, team, days=20_000).call_id for team in ("South", "North"))
        assert [it.call_id for it in store.expire(now=datetime.now(UTC), limit=10)[0]] == [due]
        assert store.row(kept).call_id == kept
    assert described(Settings()) == "calls are kept for ever"
    assert described(POLICY) == "calls are kept for 30 days, of team Nobody for 1 day, of team North for 10 days"


def test_the_eraser_does_what_is_due_and_cancels_what_was_to_be_scored(path: Path) -> None:
    """With a receipt that ends, though nobody woke it; old rows of the audit go too."""
    with Store.open(path, settings=POLICY) as store:
        old, young = take(store, "South", days=31), take(store, "South", days=29)
        with store._database.writing() as con:
            service.record(con, "old", now=datetime.now(UTC) - 401 * DAY)
        cancelled: list[Job] = []
        eraser = Eraser(store, cancelled.append, gather_s=0)
        eraser.start()

        def done() -> bool:
            try:
                return store.erasure(old.call_id).done_at is not None
            except CallNotFound:
                return False

        until(done)
        eraser.stop()
        assert [job.job_id for job in cancelled] == [old.job_id]
        assert [call.call_id for call in store.calls().calls] == [young.call_id]
        assert [entry.action for entry in store.audit.page().entries] == ["retention"]


def test_a_clock_that_was_set_erases_nothing_until_the_next_start(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Neither while it is wrong nor when it has come back; a little is forgiven, and sleep is no drift."""
    wall, passed_s = 1_800_000_000.0, 100.0
    clock = Clock(lambda: wall, lambda: passed_s)
    wall, passed_s = wall + 90_000, passed_s + 90_000
    assert clock.now() == datetime.fromtimestamp(wall, UTC)
    wall += 3_500
    assert clock.now() == datetime.fromtimestamp(wall, UTC)
    wall += 200
    assert clock.now() is None
    assert "the clock was set by 1.0 hours since the start" in caplog.text
    wall -= 3_700
    assert clock.now() is None
    assert len(caplog.records) == 1
    with Store.open(path, settings=POLICY) as store:
        call = take(store, "South", days=31)
        eraser = Eraser(store, lambda _: None, clock=clock)
        eraser._expire()
        assert store.row(call.call_id).call_id == call.call_id
        Eraser(store, lambda _: None)._expire()
        with pytest.raises(CallNotFound):
            store.row(call.call_id)
