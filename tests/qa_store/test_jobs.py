from pathlib import Path

import msgspec
import pytest

from qa.errors import CallKnown, ContactTaken, JobCancelled, JobNotFound, JobProblem
from qa.metadata import Metadata
from qa.store import Store, jobs
from rubric import Rubric
from tests.qa_store.examples import scored, sha256


def enqueue(store: Store, name: str, **said: str) -> str:
    return store.accept(sha256=sha256(name), metadata=msgspec.convert({"recording": name} | said, Metadata)).call_id


def test_a_call_handed_in_is_there_at_once_and_waits(store: Store) -> None:
    call_id = enqueue(store, "a.wav", agent="Ada")
    call = store.call(call_id)
    assert (call.call.state, call.metadata.agent, call.scorecard, call.transcript) == ("queued", "Ada", None, None)


def test_jobs_are_taken_in_order_each_once(store: Store) -> None:
    ids = [enqueue(store, f"{n}.wav") for n in range(3)]
    taken = [store.claim() for _ in range(4)]
    assert [job and job.call_id for job in taken] == [*ids, None]
    assert {store.row(call_id).state for call_id in ids} == {"running"}


def test_what_is_done_or_failed_is_said_with_the_cause(store: Store, rubric: Rubric) -> None:
    done, failed = enqueue(store, "a.wav", team="North"), enqueue(store, "b.wav")
    for error in (None, "b.wav holds no sound"):
        job = store.claim()
        assert job is not None
        if error is None:
            store.save(scored(rubric, recording="a.wav"))
        store.finish(job.job_id, error=error)
    assert (store.row(done).state, store.row(done).error, store.row(done).percent) == ("done", None, 62.5)
    assert (store.row(failed).state, store.row(failed).error) == ("failed", "b.wav holds no sound")
    assert store.claim() is None


def test_a_call_that_waits_is_not_queued_twice(store: Store) -> None:
    """The same recording with nothing else said of it is the job that it was."""
    first = store.accept(sha256=sha256("a.wav"), metadata=Metadata(recording="a.wav", agent="Ana"))
    assert store.accept(sha256=sha256("a.wav"), metadata=Metadata(recording="b.wav")) == first
    assert store.row(first.call_id).metadata.recording == "a.wav"


@pytest.mark.parametrize("said", [Metadata(agent="Ben"), Metadata(agent_channel="right"), Metadata(extra={"a": 1})])
def test_a_call_of_which_something_else_is_said_is_refused(store: Store, said: Metadata) -> None:
    """It is corrected by name, and not by the way."""
    call_id = store.accept(sha256=sha256("a.wav"), metadata=Metadata(agent="Ana")).call_id
    with pytest.raises(CallKnown, match=f"PATCH /api/calls/{call_id}"):
        store.accept(sha256=sha256("a.wav"), metadata=said)
    assert store.row(call_id).metadata == Metadata(agent="Ana")


def test_a_call_corrected_while_it_is_scored_waits_until_that_is_done(store: Store) -> None:
    """The channel was wrong: it is scored again, after what is running."""
    call_id = enqueue(store, "a.wav")
    running = store.claim()
    assert running is not None
    store.correct(call_id, lambda known: msgspec.structs.replace(known, agent_channel="right"))
    assert store.claim() is None
    store.finish(running.job_id)
    again = store.claim()
    assert again is not None
    assert (again.call_id, again.job_id == running.job_id) == (call_id, False)


def test_a_correction_that_changes_no_score_queues_nothing(store: Store) -> None:
    """Who took the call is no matter of the words; the audit has the names of what was changed."""
    call_id = enqueue(store, "a.wav")
    running = store.claim()
    assert running is not None
    row = store.correct(
        call_id, lambda known: msgspec.structs.replace(known, agent="Ben", extra={"campaign": "spring"})
    )
    assert (row.metadata.agent, row.metadata.extra) == ("Ben", {"campaign": "spring"})
    store.finish(running.job_id)
    assert store.claim() is None
    assert store.sql("SELECT action, call_id, details::VARCHAR FROM audit").rows == (
        ("correct", call_id, '["agent","extra"]'),
    )


def test_a_correction_that_would_make_two_calls_one_is_refused(store: Store) -> None:
    """A team has a recording once, and a contact id once."""
    one = store.accept(sha256=sha256("a.wav"), metadata=Metadata(team="North", contact_id="1")).call_id
    other = store.accept(sha256=sha256("a.wav"), metadata=Metadata(team="South", contact_id="1")).call_id
    third = store.accept(sha256=sha256("b.wav"), metadata=Metadata(team="North", contact_id="2")).call_id
    with pytest.raises(CallKnown, match=f"as call {one}"):
        store.correct(other, lambda known: msgspec.structs.replace(known, team="North", contact_id=None))
    with pytest.raises(ContactTaken):
        store.correct(third, lambda known: msgspec.structs.replace(known, contact_id="1"))


def test_a_cancelled_job_stays_so_whatever_its_worker_says(store: Store) -> None:
    """Neither its end nor its worker's brings it back; trying again is another job."""
    call_id = enqueue(store, "a.wav")
    job = store.claim()
    assert job is not None
    assert store.cancel(job.job_id).state == "cancelled"
    store.finish(job.job_id)
    store.release(job.job_id)
    assert (store.job(job.job_id).state, store.row(call_id).state) == ("cancelled", "cancelled")
    assert store.claim() is None
    with pytest.raises(JobProblem, match="nothing to cancel"):
        store.cancel(job.job_id)
    again = store.retry(job.job_id)
    assert again.job_id != job.job_id
    assert store.row(call_id).state == "queued"
    with pytest.raises(JobProblem, match="only what failed or was cancelled"):
        store.retry(again.job_id)
    with pytest.raises(JobNotFound):
        store.cancel(99)


def test_what_was_scored_for_a_job_that_is_cancelled_meanwhile_is_not_kept(store: Store, rubric: Rubric) -> None:
    """Or a call would be done whose cancelling was acknowledged."""
    job = store.accept(sha256=sha256("a.wav"), metadata=Metadata(recording="a.wav", team="North"))
    assert store.claim() is not None
    store.cancel(job.job_id)
    with pytest.raises(JobCancelled):
        store.save(msgspec.structs.replace(scored(rubric, recording="a.wav"), job_id=job.job_id))
    assert (store.row(job.call_id).state, store.call(job.call_id).scorecard) == ("cancelled", None)


def test_whether_a_retry_can_help_is_kept(store: Store) -> None:
    """Not where the recording is at fault; nothing is said of what did not fail."""
    for name, error, can_retry in (("a.wav", "its worker was lost", True), ("b.wav", "no sound", False)):
        enqueue(store, name)
        job = store.claim()
        assert job is not None
        assert job.can_retry is None
        store.finish(job.job_id, error=error, can_retry=can_retry)
        assert store.job(job.job_id).can_retry is can_retry


def test_jobs_are_listed_in_pages(store: Store) -> None:
    """Newest first, by state and team."""
    for name, team in (("a.wav", "North"), ("b.wav", "South"), ("c.wav", "North")):
        store.accept(sha256=sha256(name), metadata=Metadata(team=team))
    first = store.jobs(limit=2)
    assert ([job.job_id for job in first.jobs], first.next) == ([3, 2], 2)
    last = store.jobs(limit=2, before=first.next)
    assert ([job.job_id for job in last.jobs], last.next) == ([1], None)
    assert [job.job_id for job in store.jobs(teams=["North"]).jobs] == [3, 1]
    assert store.claim() is not None
    assert [job.job_id for job in store.jobs(state="running").jobs] == [1]
    assert store.queue() == {"queued": 2, "running": 1}


def test_a_failed_call_that_is_scored_afterwards_is_done(store: Store, rubric: Rubric) -> None:
    call_id = enqueue(store, "a.wav", team="North")
    job = store.claim()
    assert job is not None
    store.finish(job.job_id, error="the disk was full")
    assert store.save(scored(rubric, recording="a.wav")).call.state == "done"
    assert store.row(call_id).error is None


def test_what_runs_in_nobodys_hand_waits_again_as_if_it_had_not_been_begun(store: Store) -> None:
    """Its taking was written, and reported as failed; what its owner has in hand is left alone."""
    for name in ("a.wav", "b.wav"):
        enqueue(store, name)
    taken = [store.claim(), store.claim()]
    assert all(job is not None for job in taken)
    store.release_others([1])
    assert [(job.job_id, job.state, job.attempts) for job in store.jobs().jobs] == [(2, "queued", 0), (1, "running", 1)]


def test_what_was_running_when_the_process_ended_waits_again(path: Path) -> None:
    with Store.open(path) as store:
        call_id = enqueue(store, "a.wav")
        store.claim()
    with Store.open(path) as store:
        assert store.requeue() == 1
        assert store.row(call_id).state == "queued"
        job = store.claim()
        assert job is not None
        store.release(job.job_id)
        assert (store.row(call_id).state, store.requeue()) == ("queued", 0)


def test_a_call_that_ends_every_process_that_scores_it_fails_in_the_end(store: Store) -> None:
    killer, other = enqueue(store, "killer.wav"), enqueue(store, "other.wav")
    for _ in range(jobs.MAX_ATTEMPTS):
        job = store.claim()
        assert job is not None
        assert job.call_id == killer
        store.requeue()
    job = store.claim()
    assert job is not None
    assert job.call_id == other
    assert store.row(killer).state == "failed"
    assert "5 times" in str(store.row(killer).error)
