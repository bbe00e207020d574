"""Deliveries are written down with what they tell of, and go with the call."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from qa.errors import CallKnown, DeliveryNotFound
from qa.metadata import Metadata
from qa.settings import Settings
from qa.store import Delivery, Job, Store, jobs
from qa.store import webhooks as deliveries
from qa.webhooks import signing
from rubric import Rubric
from tests.qa_store.examples import FULL_TRANSCRIPT, scored, sha256
from tests.qa_store.test_reconcile import crashed, nothing

URL = "https://hooks.example.org/qa?token=tell-nobody"
EVERYBODY: dict[str, Any] = {"server": True, "receivers": ["hooks.example.org:443"], "without": [], "each": 100}


@pytest.fixture
def told(empty: Path, path: Path) -> Any:
    """A store whose server has a webhook too."""
    path.write_bytes(empty.read_bytes())
    with Store.open(path, settings=Settings(webhook_url="https://own.example.org/")) as opened:
        yield opened


def accept(store: Store, name: str = "a.wav", team: str = "North", webhook: str | None = URL) -> Job:
    return store.accept(sha256=sha256(name), metadata=Metadata(recording=name, team=team), webhook=webhook)


def finish(store: Store, **how: Any) -> Job:
    job = store.claim()
    assert job is not None
    store.finish(job.job_id, **how)
    return job


def due(store: Store, **more: Any) -> tuple[Delivery, ...]:
    return store.webhooks.due(**EVERYBODY | more)


def test_each_end_of_a_job_is_to_be_told_to_the_server_s_webhook_and_the_upload_s(told: Store) -> None:
    """Done, failed, cancelled, or begun too often; with ids of their own."""
    accept(told)
    finish(told)
    accept(told, "b.wav", webhook=None)
    finish(told, error="it has no sound")
    told.cancel(accept(told, "c.wav").job_id)
    worn = accept(told, "d.wav")
    for _ in range(jobs.MAX_ATTEMPTS):
        assert told.claim() is not None
        told.requeue()
    assert told.claim() is None
    found = due(told)
    assert [(each.event, each.url) for each in found] == [
        ("done", None), ("done", URL), ("failed", None), ("cancelled", None), ("cancelled", URL),
        ("failed", None), ("failed", URL),
    ]  # fmt: skip
    assert found[-1].job_id == worn.job_id
    assert len({each.webhook_id for each in found}) == len(found)
    assert {each.receiver for each in found} == {None, "hooks.example.org:443"}


def test_a_job_that_was_cancelled_while_it_ran_is_told_of_once(told: Store) -> None:
    """What its worker says afterwards is no end of it."""
    accept(told, webhook=None)
    running = told.claim()
    assert running is not None
    told.cancel(running.job_id)
    told.finish(running.job_id)
    assert [each.event for each in due(told)] == ["cancelled"]


def test_an_end_that_could_not_be_told_is_no_end(told: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are written, or neither."""
    accept(told)
    job = told.claim()
    assert job is not None
    with monkeypatch.context() as broken:
        broken.setattr(signing, "receiver", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            told.finish(job.job_id)
    assert told.job(job.job_id).state == "running"
    assert due(told) == ()


def test_a_webhook_comes_back_with_its_call(store: Store, path: Path, tmp_path: Path) -> None:
    """The end of the log is lost: the sidecar is the witness of the address, as of all that was answered 202."""
    call_id = accept(store).call_id
    (tmp_path / "after").mkdir()
    with Store.open(crashed(path, tmp_path / "after", nothing)) as again:
        finish(again)
        assert [(each.call_id, each.url) for each in due(again)] == [(call_id, URL)]


def test_the_same_recording_with_another_webhook_is_refused(store: Store) -> None:
    """Without one it is what it was; the refusal shows no address."""
    first, other = accept(store), accept(store, "b.wav", webhook=None)
    assert accept(store, webhook=None) == accept(store) == first
    for name in ("a.wav", "b.wav"):
        with pytest.raises(CallKnown) as refused:
            accept(store, name, webhook="https://hooks.example.org/other?token=hush")
        assert "token" not in str(refused.value)
    assert accept(store, "b.wav", webhook=None) == other


def test_what_is_to_be_told_of_a_call_goes_with_it(store: Store) -> None:
    """Deliveries, and the address that its upload named."""
    gone, kept = accept(store), accept(store, "b.wav")
    for _ in range(2):
        finish(store)
    store.erase([gone.call_id])
    assert [each.call_id for each in due(store)] == [kept.call_id]
    assert store.sql("SELECT call_id FROM webhook_addresses").rows == ((kept.call_id,),)


def test_a_transcript_that_is_erased_before_it_is_witnessed_is_told_of_to_nobody(store: Store, rubric: Rubric) -> None:
    """Neither its sidecar nor its address comes back."""
    call = store.save(scored(rubric))
    store.erase([call.call_id])
    store.witness(call, FULL_TRANSCRIPT, webhook=URL)
    assert store.sidecars.all() == set()
    assert due(store) == ()
    assert store.sql("SELECT count(*) FROM webhook_addresses").rows == ((0,),)


def test_what_is_due(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not what is under way, not too much for one receiver, not for who is not to be told, and not before its time.

    A clock that is set back holds nothing up.
    """
    for n in range(3):
        accept(store, f"{n}.wav", webhook=URL if n < 2 else "http://hooks.example.org:8080/")
        finish(store)
    both = ["hooks.example.org:443", "hooks.example.org:8080"]
    first, second, third = due(store, receivers=both)
    assert due(store, receivers=both, each=1) == (first, third)
    assert due(store, receivers=both, without=[first.delivery_id]) == (second, third)
    assert due(store, receivers=both[1:]) == (third,)
    assert due(store, receivers=[]) == ()
    store.webhooks.tried(first.delivery_id, state="waiting", wait_s=3600, error="busy")
    store.webhooks.tried(second.delivery_id, state="waiting", wait_s=0)
    store.webhooks.tried(third.delivery_id, state="given_up", error="gone")
    assert [each.delivery_id for each in due(store)] == [second.delivery_id]
    now = deliveries._now()
    for hours, expected in ((1.1, [first, second]), (-1, [first, second])):
        monkeypatch.setattr(deliveries, "_now", lambda hours=hours: now + timedelta(hours=hours))
        assert [each.delivery_id for each in due(store)] == [each.delivery_id for each in expected]


def test_deliveries_are_listed_newest_first_in_pages_and_by_team(store: Store) -> None:
    for n, team in enumerate(("North", "South", "North")):
        accept(store, f"{n}.wav", team=team)
        finish(store)
    store.webhooks.tried(1, state="delivered")
    page = store.webhooks.page(limit=2)
    assert ([each.delivery_id for each in page.deliveries], page.next) == ([3, 2], 2)
    page = store.webhooks.page(limit=2, before=page.next)
    assert ([each.delivery_id for each in page.deliveries], page.next) == ([1], None)
    assert [each.delivery_id for each in store.webhooks.page(teams=["North"]).deliveries] == [3, 1]
    assert [each.delivery_id for each in store.webhooks.page(teams=["North"], state="waiting").deliveries] == [3]
    assert store.webhooks.count() == {"waiting": 2, "delivered": 1}


def test_a_delivery_is_asked_for_again(store: Store) -> None:
    """Whatever became of it, it is due, with the same id; another team's is not there."""
    accept(store)
    finish(store)
    (before,) = due(store)
    store.webhooks.tried(before.delivery_id, state="given_up", error="gone")
    with pytest.raises(DeliveryNotFound, match="no delivery 1"):
        store.webhooks.again(before.delivery_id, teams=["South"])
    again = store.webhooks.again(before.delivery_id, teams=["North"])
    assert (again.state, again.attempts, again.webhook_id) == ("waiting", 0, before.webhook_id)
    assert due(store) == (again,)
