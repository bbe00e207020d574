"""Takes what was erased out of every file, in a thread of its own: several erasures in one rewriting of the store."""

from __future__ import annotations

import logging
import threading

from qa.store import Store
from transcription.errors import Problem

GATHER_S = 5.0
"""How long more erasures are waited for before the store is written anew for all of them."""

AGAIN_S = 60.0
"""After how long it is tried again where it could not be done: a full disk, say."""

_log = logging.getLogger(__name__)


class Eraser:
    """Sweeps a store between `start` and `stop`, soon after `wake`."""

    def __init__(self, store: Store, *, gather_s: float = GATHER_S) -> None:
        self._store = store
        self._gather_s = gather_s
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="eraser")

    def start(self) -> None:
        """Begin; what an earlier process left comes first."""
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
            self._wake.wait()
            if self._stopping.wait(self._gather_s):
                return
            self._wake.clear()
            try:
                for receipt in self._store.sweep():
                    _log.info("call %s is erased from every file", receipt.call_id)
            except (Problem, OSError):
                _log.exception("what was erased is not out of every file yet")
                if self._stopping.wait(AGAIN_S):
                    return
                self._wake.set()
