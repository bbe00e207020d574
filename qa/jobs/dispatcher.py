"""Works through the queue of calls that wait to be scored, for the process that owns the store.

A job is written down before anybody is told that the call was taken, and is done with only once its result is
committed: what was running when a process ended runs again at the next start. The transcribing can be given to worker
processes; the queue and the results are touched by the owner alone, who knows what runs, whatever the clock says.

A job fails by what its recording is or does. Where it is the machine that lacks something (the speech model, room on
the disk), its job waits as if it had not been begun, and the queue with it, until it goes on by itself.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from qa import logs
from qa.errors import JobCancelled, NoWorker, StoreUnavailable
from qa.jobs.events import Events
from qa.jobs.workers import Workers, explained
from qa.metadata import Metadata
from qa.scoring import Scoring
from qa.store import Job, StoredCall, room
from transcription.errors import BadRecording, ModelProblem, Problem

POLL_S = 1.0
"""How long a job may wait that nobody woke the dispatcher for."""

SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
"""After how long one job is tried again when the machine lacks something: twice as long while it is the same."""

ROOM_BYTES = 50_000_000
"""With less room on the disk no job is begun, whose words could then not be kept."""

_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The process is ending; the job is left for the next one."""


class Worked(msgspec.Struct):
    """What was done since the start: seconds of recordings scored, seconds that it took, and jobs that failed."""

    heard_s: float = 0.0
    spent_s: float = 0.0
    failed: int = 0


class _Pause(msgspec.Struct, frozen=True):
    """No job is begun until then (of the monotonic clock), and then one."""

    reason: str
    lasts_s: float
    until_s: float


class Dispatcher:
    """Takes jobs from a store's queue and has them scored between `start` and `stop`; `events` tells what happens.

    With `workers` the recordings are transcribed by them, as many at once as there are; without, here, one at a time
    (or `at_once`). What runs at the end is broken off, and waits for the next start.
    """

    def __init__(self, scoring: Scoring, *, workers: Workers | None = None, at_once: int = 1) -> None:
        self.events = Events()
        self.worked = Worked()
        self._scoring, self._store = scoring, scoring.store
        self._workers = workers
        self._at_once = at_once
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="scoring")
        self._begun: dict[int, float] = {}
        self._pause: _Pause | None = None
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dispatcher")

    @property
    def alive(self) -> bool:
        """Whether the queue is worked on."""
        return self._thread.is_alive()

    @property
    def paused(self) -> str | None:
        """Why jobs wait though nothing is the matter with them; None while the queue moves."""
        pause = self._pause
        return None if pause is None else pause.reason

    def start(self) -> int:
        """Begin; jobs that an earlier process left unfinished come first. Says how many those are."""
        left = self._store.requeue()
        self._thread.start()
        return left

    def wake(self, job: Job | None = None) -> None:
        """Look at the queue now: something, or this job, was put there."""
        if job is not None:
            self.events.tell("queued", job)
        self._wake.set()

    def cancelled(self, job: Job) -> None:
        """This job is not to be done: whoever has it lets it go."""
        if self._workers is not None:
            self._workers.cancel(job.job_id)
        self.events.tell("cancelled", job)

    def progress(self, job_id: int) -> float | None:
        """How much of a job is done, 0 to 1; None where that is not known."""
        return None if self._workers is None else self._workers.progress(job_id)

    def stop(self) -> None:
        """End as soon as what is running can be broken off; it waits for the next start."""
        self._stopping.set()
        self._wake.set()
        if self._workers is not None:
            self._workers.close()
        self._thread.join()
        self._threads.shutdown()

    def _run(self) -> None:
        running: dict[Future[float], Job] = {}
        while not self._stopping.is_set():
            try:
                self._fill(running)
                self._settle(running)
            except StoreUnavailable as problem:  # what has ended is written down when it can be
                self._lacks(problem)
                self._stopping.wait(POLL_S)
            except Exception as error:  # noqa: BLE001 - whatever it is, a queue that nobody works on is worse
                _log.exception("the queue cannot be worked on now")
                self._lacks(error)
                self._stopping.wait(POLL_S)
        wait(running)
        with suppress(StoreUnavailable):  # it runs again at the next start
            self._settle(running)

    def _fill(self, running: dict[Future[float], Job]) -> None:
        if self._pause is not None and time.monotonic() < self._pause.until_s:
            return
        if any(future.done() for future in running):  # that is written down first
            return
        try:
            room.check(self._store.path, ROOM_BYTES)
            if self._pause is not None:  # a job may have been taken, and its taking reported as failed
                self._store.release_others([job.job_id for job in running.values()])
            while len(running) < (self._at_once if self._pause is None else 1):
                job = self._store.claim()
                if job is None:
                    if not running:  # nobody is left to find out by
                        self._goes_on()
                    return
                self.events.tell("running", job)
                _log.info("begun", extra=logs.fields(**_of(job), attempt=job.attempts))
                self._begun[job.job_id] = time.monotonic()
                running[self._threads.submit(self._work_on, job)] = job
        except StoreUnavailable as problem:
            self._lacks(problem)

    def _settle(self, running: dict[Future[float], Job]) -> None:
        """Write down what has ended; wait a while for something to do."""
        if not running:
            self._wake.wait(POLL_S)
            self._wake.clear()
            return
        for future in wait(running, timeout=POLL_S, return_when=FIRST_COMPLETED).done:
            self._end(running[future], future)
            del running[future]

    def _end(self, job: Job, future: Future[float]) -> None:
        error = future.exception()
        spent_s = time.monotonic() - self._begun[job.job_id]
        cause = None if error is None else logs.said(error)
        told = logs.fields(**_of(job), duration_s=round(spent_s, 3), cause=cause)
        if isinstance(error, CancelledError | JobCancelled | _Stopped):  # by the end, or by a person, whose word stays
            self._store.release(job.job_id)
            _log.info("broken off", extra=told)
        elif error is not None and _is_the_machines(error):
            self._store.release(job.job_id)
            self.events.tell("queued", job)
            _log.info("put back", extra=told)
            self._lacks(error)
        else:
            can_retry = not isinstance(error, BadRecording)
            self._store.finish(job.job_id, error=_cause(error, job), can_retry=can_retry)
            self.events.tell("done" if error is None else "failed", job)
            _log.info("done" if error is None else "failed", extra=told)
            self._goes_on()
            if error is None:
                self.worked.heard_s += future.result()
                self.worked.spent_s += spent_s
            else:
                self.worked.failed += 1
        del self._begun[job.job_id]

    def _lacks(self, problem: BaseException) -> None:
        """Begin no job for a while, longer each time that it is for the same reason."""
        before, reason, lasts_s = self._pause, str(problem), SHORTEST_PAUSE_S
        if before is not None and before.reason == reason:
            lasts_s = min(2 * before.lasts_s, LONGEST_PAUSE_S)
        else:
            _log.error("no recording is scored now: %s", logs.said(problem))
        self._pause = _Pause(reason, lasts_s, time.monotonic() + lasts_s)

    def _goes_on(self) -> None:
        if self._pause is not None:
            self._pause = None
            _log.warning("recordings are scored again")

    def _work_on(self, job: Job) -> float:
        with logs.known(**_of(job)):
            return self._score(job)

    def _score(self, job: Job) -> float:
        """Score a job's call; gives the seconds of its recording, 0 where it has none."""
        row = self._store.row(job.call_id)
        # What else was said is in the store already, and may be corrected while this call is transcribed.
        said = Metadata(team=row.metadata.team)
        recording = self._store.files.path(row.sha256).absolute()
        if not recording.is_file() and (sidecar := self._store.sidecars.read(job.call_id)) and sidecar.transcript:
            self._scoring.score_transcript(sidecar.transcript, said, job_id=job.job_id)
            return 0.0
        try:
            call = self._transcribe(job, recording, said)
        except BadRecording as error:  # it names the file where it is kept, and not as it was sent
            name = row.metadata.recording or "the recording"
            raise BadRecording(str(error).replace(str(recording), name)) from error
        return (call.transcript.duration_s or 0.0) if call.transcript else 0.0

    def _transcribe(self, job: Job, recording: Path, said: Metadata) -> StoredCall:
        if self._workers is None:
            return self._scoring.score(recording, said, progress=self._going_on, job_id=job.job_id)
        with explained(self._workers.memory_bytes):
            return self._scoring.score(recording, said, executor=self._workers.of(job.job_id), job_id=job.job_id)

    def _going_on(self, _share: float) -> None:
        if self._stopping.is_set():
            raise _Stopped


def _of(job: Job) -> dict[str, Any]:
    """What the log knows a job by."""
    return {"job_id": job.job_id, "call_id": job.call_id}


def _is_the_machines(error: BaseException) -> bool:
    """Whether it is for want of something that every recording needs."""
    return isinstance(error, ModelProblem | NoWorker | StoreUnavailable) or room.is_full(error)


def _cause(error: BaseException | None, job: Job) -> str | None:
    if error is None or isinstance(error, Problem):
        return None if error is None else str(error)
    _log.error("the call could not be scored", exc_info=error, extra=logs.fields(**_of(job)))
    return f"something went wrong that should not ({type(error).__name__}); the server's log has the cause"
