"""Two files taken in turns: one is read while the other is brought up to date, then they change places.

Who reads holds a lease, and only a file without one is written or removed. Leases are held in this process, which
starts the readers and ends them, so that every wait for one has an end. The change of places is one assignment.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

ENDING = ".duckdb"


class Snapshot(NamedTuple):
    """A file that stays as it is while it is held, and when the source was last seen to be as it is there (UTC)."""

    path: Path
    as_of: datetime


class Version(NamedTuple):
    """The source: a number that is another when it may have changed, when it was looked at (UTC), its file if any."""

    number: int
    as_of: datetime
    source: Path | None = None


class Closed(Exception):
    """The rotation's files are gone, or there has not been one yet."""


class Rotation:
    """Two files of one folder; `bring_up` makes the file it is given like the source, or raises."""

    def __init__(
        self, folder: Path, bring_up: Callable[[Path, Version], None], *, names: tuple[str, str] | None = None
    ) -> None:
        token = secrets.token_hex(4)
        self._paths = [folder / (name + ENDING) for name in names or (f"{token}-a", f"{token}-b")]
        self._bring_up = bring_up
        self._leases = [0, 0]
        self._current: int | None = None
        self._version: Version | None = None
        self._closed = False
        self._changing = threading.Lock()
        self._leased = threading.Condition()
        self.switches = 0
        """How often a new file has come to be read."""

    @property
    def idle(self) -> bool:
        """Whether nobody reads."""
        return not any(self._leases)

    def refresh(self, version: Version, *, whole: bool = False) -> None:
        """Bring the file that is not read up to date and change places, unless that version is there already.

        With `whole` it is written anew and the other one removed. Raises Closed.
        """
        with self._changing:
            self._refresh(version, whole=whole)

    @contextmanager
    def reading(self, version: Version | None = None) -> Iterator[Snapshot]:
        """Hold the file that is read now, first brought up to the version if one is given. Raises Closed."""
        if version is None:
            held, snapshot = self._lease()
        else:
            with self._changing:
                self._refresh(version)
                held, snapshot = self._lease()
        try:
            yield snapshot
        finally:
            with self._leased:
                self._leases[held] -= 1
                self._leased.notify_all()

    def close(self, *, keep: bool = False) -> None:
        """Lend no more; unless they are to be kept, remove both files as soon as nobody reads them."""
        with self._leased:
            self._closed = True
        with self._changing:
            for place in () if keep else (0, 1):
                self._remove(place)

    def _refresh(self, version: Version, *, whole: bool = False) -> None:
        if self._closed:
            raise Closed
        if not whole and self._version is not None and self._version.number == version.number:
            self._version = version
            return
        target = 0 if self._current is None else 1 - self._current
        if whole:
            self._remove(target)
        self._wait_for(target)
        self._bring_up(self._paths[target], version)
        with self._leased:
            self._current, self._version = target, version
            self.switches += 1
        if whole:
            self._remove(1 - target)

    def _lease(self) -> tuple[int, Snapshot]:
        with self._leased:
            if self._closed or self._current is None or self._version is None:
                raise Closed
            self._leases[self._current] += 1
            return self._current, Snapshot(self._paths[self._current], self._version.as_of)

    def _wait_for(self, place: int) -> None:
        with self._leased:
            self._leased.wait_for(lambda: not self._leases[place])

    def _remove(self, place: int) -> None:
        self._wait_for(place)
        remove(self._paths[place])


def remove(path: Path) -> None:
    """Remove a DuckDB file and what was written ahead of it."""
    for each in (path, path.with_name(path.name + ".wal")):
        each.unlink(missing_ok=True)
