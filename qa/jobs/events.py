"""What happens to jobs, told to whoever listens: one who is too slow misses the oldest, and the queue goes on."""

from __future__ import annotations

import queue
import threading
from datetime import UTC, datetime

import msgspec

from qa.store import Job

KEPT = 1000
"""Events that wait for a slow listener."""

WAIT_S = 15.0
"""How long a listener waits for something to happen before it is told that nothing did."""


class Event(msgspec.Struct, frozen=True):
    """A job has come into a state: the kind of the event. `at` is in UTC."""

    kind: str
    job_id: int
    call_id: str
    at: datetime


class Listener:
    """The events since it began to listen."""

    def __init__(self) -> None:
        self._events: queue.Queue[Event | None] = queue.Queue(KEPT)

    def next(self) -> Event | None:
        """The next event; None where nothing happens for a while, or nothing more will."""
        try:
            return self._events.get(timeout=WAIT_S)
        except queue.Empty:
            return None

    def put(self, event: Event | None) -> None:
        """Add an event, the oldest going where there are too many."""
        while True:
            try:
                return self._events.put_nowait(event)
            except queue.Full:
                self._events.get_nowait()


class Events:
    """Tells each event to all who listen."""

    def __init__(self) -> None:
        self.closed = False
        self._listeners: set[Listener] = set()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Nothing more will happen: who listens is let go."""
        with self._lock:
            self.closed = True
            for listener in self._listeners:
                listener.put(None)

    def tell(self, kind: str, job: Job) -> None:
        """A job has come into a state."""
        event = Event(kind, job.job_id, job.call_id, datetime.now(UTC))
        with self._lock:
            for listener in self._listeners:
                listener.put(event)

    def listen(self) -> Listener:
        """A new listener, until it is forgotten."""
        listener = Listener()
        with self._lock:
            self._listeners.add(listener)
        return listener

    def forget(self, listener: Listener) -> None:
        """Tell it nothing more."""
        with self._lock:
            self._listeners.discard(listener)
