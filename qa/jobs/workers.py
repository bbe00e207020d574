"""Processes that transcribe: a recording that crashes, hangs or bloats its process fails alone.

The limit of time grows with the length that the file declares, or that its size allows for, and is kept by the kernel
(an alarm ends the process), so that nothing which hangs outside of Python can hold a worker.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.sharedctypes import SynchronizedArray
from pathlib import Path
from typing import Any

from pebble import ProcessExpired

import transcription
from qa import work
from qa.errors import NoWorker, WorkerLost
from qa.jobs.processes import SPAWN, Processes
from qa.work import Work
from transcription.types import Transcript

LEAST_S = 120.0
"""What any recording may take: loading the model, and a slow disk."""

TIMES_LENGTH = 4.0
"""What more it may take, in times of its length; tiny.en takes a tenth on two cores."""

PROBE_S = 30.0
"""How long looking at a file's header may take."""

_BYTES_A_SECOND = 8000  # two channels of telephone speech in a frugal codec; where no length is declared
_NOT_BEGUN = -1.0

Progress = SynchronizedArray  # of float, shared by the processes: one place for each recording at work


class Workers:
    """So many processes. `of` gives an executor for one job; its progress can be asked for, and it can be stopped."""

    def __init__(self, count: int, *, memory_bytes: int) -> None:
        self.memory_bytes = memory_bytes
        self._progress: Progress[float] = SPAWN.Array("d", count)
        self._processes = Processes(count, memory_bytes=memory_bytes, prepare=_prepare, given=(self._progress,))
        self._free = list(range(count))
        self._running: dict[int, tuple[Future[Transcript], int]] = {}
        self._lock = threading.Lock()

    def of(self, job_id: int) -> Executor:
        """An executor whose one task is this job's."""
        return _Hand(self, job_id)

    def progress(self, job_id: int) -> float | None:
        """How much of a job's recording is done, 0 to 1; None where it is not at work."""
        with self._lock:
            running = self._running.get(job_id)
            share = _NOT_BEGUN if running is None else float(self._progress[running[1]])
            return None if share == _NOT_BEGUN else round(share, 3)

    def cancel(self, job_id: int) -> None:
        """End the process that has this job's recording, if one has; another takes its place."""
        with self._lock:
            running = self._running.get(job_id)
        if running is not None:
            running[0].cancel()

    def close(self) -> None:
        """End all processes, whatever they do; what they had is cancelled."""
        with self._lock:
            running = [future for future, _ in self._running.values()]
        for future in running:
            future.cancel()
        self._processes.close()

    def submit(self, job_id: int, task: Work) -> Future[Transcript]:
        """Hand a job's recording to a process; no more jobs at once than there are processes."""
        with self._lock:
            place = self._free[-1]
            self._progress[place] = _NOT_BEGUN
            future: Future[Transcript] = self._processes.submit(_transcribe, task, place)
            self._running[job_id] = future, self._free.pop()
        future.add_done_callback(lambda _: self._ended(job_id))
        return future

    def _ended(self, job_id: int) -> None:
        with self._lock:
            _, place = self._running.pop(job_id)
            self._free.append(place)


class _Hand(Executor):
    """The workers as `qa.scoring` sees them, for one job."""

    def __init__(self, workers: Workers, job_id: int) -> None:
        self._workers, self._job_id = workers, job_id

    def submit(self, function: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
        if function is not work.transcribe:
            raise TypeError("workers transcribe, and do nothing else")
        return self._workers.submit(self._job_id, *arguments)


@contextlib.contextmanager
def explained(memory_bytes: int) -> Iterator[None]:
    """Raises WorkerLost with the cause where a worker was lost, NoWorker where it had not begun.

    CancelledError goes through.
    """
    try:
        yield
    except CancelledError:
        raise
    except ProcessExpired as lost:
        raise WorkerLost(_cause(int(lost.exitcode or 0), memory_bytes)) from lost
    except BrokenProcessPool as lost:
        raise NoWorker("a worker was lost while it had nothing to do; another takes its place") from lost
    except MemoryError as error:
        raise WorkerLost(_too_large(memory_bytes)) from error


def _cause(exit_code: int, memory_bytes: int) -> str:
    if exit_code == -signal.SIGALRM:
        return (
            f"transcribing it took longer than it may ({LEAST_S:g} s and {TIMES_LENGTH:g} times its length); "
            "listen to it, or try again on a machine with more time"
        )
    if exit_code == -signal.SIGABRT:  # what C++ does where it gets no memory
        return _too_large(memory_bytes)
    name = signal.Signals(-exit_code).name if exit_code < 0 else f"exit code {exit_code}"
    return f"its worker was lost ({name}) while transcribing it; it can be tried again"


def _too_large(memory_bytes: int) -> str:
    return (
        f"transcribing it needs more memory than a worker may have ({memory_bytes / 1e9:g} GB, the setting "
        "worker_memory_bytes); raise it, or cut the recording"
    )


# In the worker

_places: Progress[float] | None = None


def _prepare(places: Progress[float]) -> None:
    global _places  # noqa: PLW0603 - a process has one, given to it when it starts
    _places = places


def _transcribe(task: Work, place: int) -> Transcript:
    """One recording, under an alarm whose unheard signal ends the process."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, PROBE_S)
    _tell(place, 0.0)
    try:
        signal.setitimer(signal.ITIMER_REAL, LEAST_S + TIMES_LENGTH * _length_s(Path(task.path), task.max_duration_s))
        return work.transcribe(task, lambda share: _tell(place, share))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _tell(place: int, share: float) -> None:
    assert _places is not None
    _places[place] = share


def _length_s(path: Path, max_duration_s: float) -> float:
    declared_s = transcription.declared_s(path) or path.stat().st_size / _BYTES_A_SECOND
    return min(declared_s, max_duration_s)
