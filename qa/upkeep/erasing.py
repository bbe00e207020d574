"""Erases what is kept no longer, and takes what was erased out of every file, in a thread of its own.

Several erasures share one rewriting of the store.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from qa import logs
from qa.store import Job, Store
from qa.upkeep.retention import Clock, described
from transcription.errors import Problem

GATHER_S = 5.0
"""How long more erasures are waited for before the store is written anew for all of them."""

LOOK_S = 3600.0
"""How often it is looked for calls that are kept no longer."""

AGAIN_S = 60.0
"""After how long it is tried again where it could not be done: a full disk, say."""

AT_ONCE = 100
"""So many calls are erased in one transaction, for which others wait."""

_log = logging.getLogger(__name__)


class Eraser:
    """Looks after a store between `start` and `stop`, every so often and soon after `wake`.

    `cancelled` is told of each job that was to score a call which is erased by its age.
    """

    def __init__(
        self,
        store: Store,
        cancelled: Callable[[Job], None],
        *,
        gather_s: float = GATHER_S,
        clock: Clock | None = None,
    ) -> None:
        self._store = store
        self._cancelled = cancelled
        self._gather_s = gather_s
        self._clock = clock or Clock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="eraser")

    def start(self) -> None:
        """Begin; what an earlier process left comes first."""
        due = sum(kept.due for kept in self._store.retention())
        _log.info("%s; due now: %d", described(self._store.settings), due)
        self._wake.set()
        self._thread.start()

    def wake(self) -> None:
        """Something was erased."""
        self._wake.set()

    def stop(self) -> None:
        """End; what is not done is done at the next start."""
        self._stopping.set()
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._wake.wait(LOOK_S)
            if self._stopping.wait(self._gather_s):
                return
            self._wake.clear()
            try:
                self._expire()
                for receipt in self._store.sweep():
                    _log.info("erased from every file", extra=logs.fields(call_id=receipt.call_id))
            except (Problem, OSError) as error:
                _log.error("what was erased is not out of every file yet: %s", logs.said(error))
                if self._stopping.wait(AGAIN_S):
                    return
                self._wake.set()

    def _expire(self) -> None:
        """Erase the calls, and forget the rows of the audit, that are kept no longer."""
        now = self._clock.now()
        if now is None:
            return
        while not self._stopping.is_set():
            receipts, jobs = self._store.expire(now=now, limit=AT_ONCE)
            for job in jobs:
                self._cancelled(job)
            if not receipts:
                break
            for receipt in receipts:
                _log.info("kept no longer, and erased", extra=logs.fields(call_id=receipt.call_id))
        self._store.audit.forget(before=now - timedelta(days=self._store.settings.audit_days))
