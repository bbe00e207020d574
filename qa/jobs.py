"""Works through the queue of calls that wait to be scored, for the process that owns the store.

A job is written down before anybody is told that the call was taken, and is done with only once its result is
committed: what was running when a process ended runs again at the next start. The transcribing can be given to an
executor of `concurrent.futures`; the queue and the results are touched by the owner alone.
"""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait

from qa.metadata import Metadata
from qa.scoring import Scoring
from qa.store import Job
from transcription.errors import BadRecording, Problem

LEASE_S = 120.0
"""How long a job belongs to who took it without a sign of life."""

POLL_S = 1.0
"""How long a job may wait that nobody woke the dispatcher for."""

_log = logging.getLogger(__name__)


class _Stopped(Exception):
    """The process is ending; the job is left for the next one."""


class Dispatcher:
    """Takes jobs from a store's queue and has them scored, `workers` at a time, between `start` and `stop`.

    With an `executor` the recordings are transcribed by it, and what it was given is waited for at the end; without
    one they are transcribed here, and broken off at the end.
    """

    def __init__(self, scoring: Scoring, *, executor: Executor | None = None, workers: int = 1) -> None:
        self._scoring, self._store = scoring, scoring.store
        self._executor = executor
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="scoring")
        self._workers = workers
        self._renewed = time.monotonic()
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="dispatcher")

    def start(self) -> int:
        """Begin; jobs that an earlier process left unfinished come first. Says how many those are."""
        left = self._store.requeue()
        self._thread.start()
        return left

    def wake(self) -> None:
        """Look at the queue now: something was put there."""
        self._wake.set()

    def stop(self) -> None:
        """End as soon as what is running can be broken off; it waits for the next start."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()
        self._threads.shutdown()

    def _run(self) -> None:
        running: dict[Future[None], Job] = {}
        while not self._stopping.is_set():
            try:
                self._fill(running)
                self._settle(running)
            except Exception:  # noqa: BLE001 - whatever it is, a queue that nobody works on is worse
                # a full disk, say: the jobs are still written down, and there may be room later
                _log.exception("the queue cannot be worked on now")
                self._stopping.wait(POLL_S)
        wait(running)
        self._settle(running)

    def _fill(self, running: dict[Future[None], Job]) -> None:
        while len(running) < self._workers and (job := self._store.claim(lease_s=LEASE_S)):
            running[self._threads.submit(self._score, job)] = job

    def _settle(self, running: dict[Future[None], Job]) -> None:
        """Write down what has ended; wait a while for something to do."""
        if not running:
            self._wake.wait(POLL_S)
            self._wake.clear()
            return
        ended, going_on = wait(running, timeout=POLL_S, return_when=FIRST_COMPLETED)
        if time.monotonic() - self._renewed > LEASE_S / 4:
            self._renewed = time.monotonic()
            for future in going_on:
                self._store.renew(running[future].job_id, lease_s=LEASE_S)
        for future in ended:
            job = running.pop(future)
            error = future.exception()
            if isinstance(error, _Stopped):
                self._store.release(job.job_id)
            else:
                self._store.finish(job.job_id, error=_cause(error, job))

    def _score(self, job: Job) -> None:
        row = self._store.row(job.call_id)
        recording = self._store.files.path(row.sha256).absolute()
        # What else was said is in the store already, and may be corrected while this call is transcribed.
        said = Metadata(team=row.metadata.team)
        try:
            self._scoring.score(recording, said, executor=self._executor, progress=self._going_on)
        except BadRecording as error:  # it names the file where it is kept, and not as it was sent
            name = row.metadata.recording or "the recording"
            raise BadRecording(str(error).replace(str(recording), name)) from error

    def _going_on(self, _share: float) -> None:
        if self._stopping.is_set():
            raise _Stopped


def _cause(error: BaseException | None, job: Job) -> str | None:
    if error is None or isinstance(error, Problem):
        return None if error is None else str(error)
    _log.error("call %s could not be scored", job.call_id, exc_info=error)
    return f"something went wrong that should not ({type(error).__name__}); the server's log has the cause"
