"""Snapshots in which there is nothing of any but some teams: two files in turns for each set that is asked about."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import duckdb

from qa.errors import StoreProblem
from qa.store import copying
from qa.store.opening import CONFIG, one_line
from qa.store.readable import literal
from qa.store.rotation import Closed, Rotation, Snapshot, Version

MOST, IDLE_S = 16, 900.0
"""So many sets of teams have files at once, and none that nobody has asked about for a quarter of an hour."""


class TeamSnapshots:
    """Made out of the snapshot of all teams when they are asked about, and brought up to date when asked again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rotations: dict[frozenset[str], Rotation] = {}
        self._asked_s: dict[Rotation, float] = {}
        self._lock = threading.Lock()

    def hold(self, teams: frozenset[str], version: Version, held: ExitStack) -> Snapshot:
        """Hold the snapshot of these teams, which is what the version's file has of them, as long as `held` does."""
        while True:
            with suppress(Closed):  # at the same moment something else had it removed
                return held.enter_context(self._rotation(teams).reading(version))

    def close(self, *, idle_s: float | None = None) -> None:
        """Remove all, when nobody reads them; or those alone that have not been asked about for so long."""
        with self._lock:
            before_s = None if idle_s is None else time.monotonic() - idle_s
            chosen = self._take(lambda each: before_s is None or (each.idle and self._asked_s[each] < before_s))
        for rotation in chosen:
            rotation.close()

    def _rotation(self, teams: frozenset[str]) -> Rotation:
        with self._lock:
            if teams not in self._rotations:
                self._rotations[teams] = Rotation(self._folder, _bring_up(teams))
            rotation = self._rotations[teams]
            self._asked_s[rotation] = time.monotonic()
            asked = sorted(self._asked_s, key=lambda each: self._asked_s[each])
            idle = [each for each in asked if each.idle and each is not rotation]
            surplus = set(idle[: max(0, len(self._rotations) - MOST)])
            chosen = self._take(lambda each: each in surplus)
        for each in chosen:
            each.close()
        return rotation

    def _take(self, which: Callable[[Rotation], bool]) -> list[Rotation]:
        chosen = {teams: rotation for teams, rotation in self._rotations.items() if which(rotation)}
        for teams, rotation in chosen.items():
            del self._rotations[teams], self._asked_s[rotation]
        return list(chosen.values())


def _bring_up(teams: frozenset[str]) -> Callable[[Path, Version], None]:
    def bring_up(path: Path, version: Version) -> None:
        try:
            with duckdb.connect(config=CONFIG | {"temp_directory": str(path.with_suffix(".tmp"))}) as con:
                con.execute(f"ATTACH {literal(str(version.source))} AS source (READ_ONLY)")
                copying.bring_up(con, path, source="source", teams=teams)
        except duckdb.Error as error:
            raise StoreProblem(f"cannot write the snapshot {path}: {one_line(error)}") from error

    return bring_up
