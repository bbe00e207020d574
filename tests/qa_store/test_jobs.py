from pathlib import Path

import msgspec

from qa.metadata import Metadata
from qa.store import Store, jobs
from rubric import Rubric
from tests.qa_store.examples import scored, sha256


def enqueue(store: Store, name: str, **said: str) -> str:
    return store.enqueue(sha256=sha256(name), metadata=msgspec.convert({"recording": name} | said, Metadata)).call_id


def test_a_call_handed_in_is_there_at_once_and_waits(store: Store) -> None:
    call_id = enqueue(store, "a.wav", agent="Ada")
    call = store.call(call_id)
    assert (call.call.state, call.metadata.agent, call.scorecard, call.transcript) == ("queued", "Ada", None, None)


def test_jobs_are_taken_in_order_each_once(store: Store) -> None:
    ids = [enqueue(store, f"{n}.wav") for n in range(3)]
    taken = [store.claim(lease_s=60) for _ in range(4)]
    assert [job and job.call_id for job in taken] == [*ids, None]
    assert {store.row(call_id).state for call_id in ids} == {"running"}


def test_what_is_done_or_failed_is_said_with_the_cause(store: Store, rubric: Rubric) -> None:
    done, failed = enqueue(store, "a.wav", team="North"), enqueue(store, "b.wav")
    for error in (None, "b.wav holds no sound"):
        job = store.claim(lease_s=60)
        assert job is not None
        if error is None:
            store.save(scored(rubric, recording="a.wav"))
        store.finish(job.job_id, error=error)
    assert (store.row(done).state, store.row(done).error, store.row(done).percent) == ("done", None, 62.5)
    assert (store.row(failed).state, store.row(failed).error) == ("failed", "b.wav holds no sound")
    assert store.claim(lease_s=60) is None


def test_a_call_that_waits_is_not_queued_twice_but_what_is_said_of_it_is_kept(store: Store) -> None:
    first = store.enqueue(sha256=sha256("a.wav"), metadata=Metadata(recording="a.wav"))
    second = store.enqueue(sha256=sha256("a.wav"), metadata=Metadata(agent_channel="right"))
    assert second == first
    assert store.row(first.call_id).metadata == Metadata(recording="a.wav", agent_channel="right")


def test_a_call_handed_in_while_it_is_scored_waits_until_that_is_done(store: Store) -> None:
    call_id = enqueue(store, "a.wav")
    running = store.claim(lease_s=60)
    assert running is not None
    assert enqueue(store, "a.wav", agent_channel="right") == call_id
    assert store.claim(lease_s=60) is None
    store.finish(running.job_id)
    again = store.claim(lease_s=60)
    assert again is not None
    assert (again.call_id, again.job_id == running.job_id) == (call_id, False)


def test_a_failed_call_that_is_scored_afterwards_is_done(store: Store, rubric: Rubric) -> None:
    call_id = enqueue(store, "a.wav", team="North")
    job = store.claim(lease_s=60)
    assert job is not None
    store.finish(job.job_id, error="the disk was full")
    assert store.save(scored(rubric, recording="a.wav")).call.state == "done"
    assert store.row(call_id).error is None


def test_a_job_whose_worker_gives_no_sign_of_life_is_taken_again_and_one_that_does_is_not(store: Store) -> None:
    enqueue(store, "a.wav")
    job = store.claim(lease_s=-1)
    assert job is not None
    store.renew(job.job_id, lease_s=60)
    assert store.claim(lease_s=60) is None
    store.renew(job.job_id, lease_s=-1)
    again = store.claim(lease_s=60)
    assert again is not None
    assert (again.job_id, again.attempts) == (job.job_id, 2)


def test_what_was_running_when_the_process_ended_waits_again(path: Path) -> None:
    with Store.open(path) as store:
        call_id = enqueue(store, "a.wav")
        store.claim(lease_s=3600)
    with Store.open(path) as store:
        assert store.requeue() == 1
        assert store.row(call_id).state == "queued"
        job = store.claim(lease_s=60)
        assert job is not None
        store.release(job.job_id)
        assert (store.row(call_id).state, store.requeue()) == ("queued", 0)


def test_a_call_that_ends_every_process_that_scores_it_fails_in_the_end(store: Store) -> None:
    killer, other = enqueue(store, "killer.wav"), enqueue(store, "other.wav")
    for _ in range(jobs.MAX_ATTEMPTS):
        job = store.claim(lease_s=60)
        assert job is not None
        assert job.call_id == killer
        store.requeue()
    job = store.claim(lease_s=60)
    assert job is not None
    assert job.call_id == other
    assert store.row(killer).state == "failed"
    assert "5 times" in str(store.row(killer).error)
