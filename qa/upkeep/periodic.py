"""Something done again and again, in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from transcription.errors import Problem

_log = logging.getLogger(__name__)


class Periodic:
    """Does something every so often between `start` and `stop`, and a last time then; what fails is tried again."""

    def __init__(self, do: Callable[[], None], *, name: str, every_s: float) -> None:
        self._do, self._name, self._every_s = do, name, every_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name)

    def start(self) -> None:
        """Begin; the first time is after as long as between any two."""
        self._thread.start()

    def stop(self) -> None:
        """Do it once more, and end."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            last = self._stopping.wait(self._every_s)
            try:
                self._do()
            except (Problem, OSError):
                _log.exception("%s: it failed, and is tried again", self._name)
            if last:
                return
