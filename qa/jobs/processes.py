"""Processes that work for the server: they stand back behind it (nice), end with it however it ends, and are replaced.

What runs in one has a limit of memory (address space). One that is lost, whatever for, loses its own task alone.
"""

from __future__ import annotations

import ctypes
import logging
import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from pebble import ProcessPool

from qa import logs
from transcription.errors import Problem

SPAWN = multiprocessing.get_context("spawn")  # a fork of a process that has loaded a model hangs
_PR_SET_PDEATHSIG = 1
_NICE = 10
_log = logging.getLogger(__name__)


class Processes:
    """So many processes with so much memory each; `prepare` is called with `given` in each before its first task."""

    def __init__(
        self, count: int, *, memory_bytes: int, prepare: Callable[..., None] | None = None, given: tuple[Any, ...] = ()
    ) -> None:
        self._made_by = (count, memory_bytes, prepare, given)
        self._pool: ProcessPool | None = None
        # A process ends with the thread that has started it (PR_SET_PDEATHSIG), which whoever submits may not outlive.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="processes")
        self._closed = False

    def _started(self) -> ProcessPool:
        count, *begun = self._made_by
        given = (os.getpid(), logs.configured(), *begun)
        pool = ProcessPool(max_workers=count, context=SPAWN, initializer=_begin, initargs=given)
        _ = pool.active  # which starts it
        return pool

    def submit(self, function: Callable[..., Any], /, *arguments: Any, within_s: float | None = None) -> Future[Any]:
        """Hand a task to a process, which is ended where it takes longer: TimeoutError, as ProcessExpired if lost.

        Once all are ended the task is cancelled. Callers take turns.
        """
        task = (logs.current(), function, *arguments)
        while not self._closed:
            if self._pool is None or not self._pool.active:  # so it ends where a process is lost with nothing to do
                self._end()
                self._pool = self._starter.submit(self._started).result()
            with suppress(RuntimeError):  # it has ended since
                future: Future[Any] = self._pool.schedule(_run, args=task, timeout=within_s)
                return future
        cancelled: Future[Any] = Future()
        cancelled.cancel()
        return cancelled

    def close(self) -> None:
        """End all of them, whatever they do; what they had is cancelled."""
        self._closed = True
        self._end()
        self._starter.shutdown()

    def _end(self) -> None:
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it so
            self._pool.join()


def _begin(
    parent: int,
    log_format: logs.Format | None,
    memory_bytes: int,
    prepare: Callable[..., None] | None,
    given: tuple[Any, ...],
) -> None:
    if log_format is not None:
        logs.configure(log_format)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which stops its processes itself
    with suppress(OSError, AttributeError):  # Linux alone can tell a child that its parent has died
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    if prepare is not None:
        prepare(*given)


def _run(about: Mapping[str, Any], function: Callable[..., Any], *arguments: Any) -> Any:
    """A task, with what the log of the server knew of it."""
    with logs.known(**about):
        try:
            return function(*arguments)
        except (Problem, MemoryError):
            raise
        except Exception:  # told here, where it came from
            _log.exception("%s failed", function.__name__.strip("_"))
            raise
