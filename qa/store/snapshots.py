"""The snapshots beside a store: what may be read of it, for processes that can never open the store itself.

`FILE.snapshots/` holds two files that are taken in turns with the calls of all teams, and two more for each set of
teams that somebody has asked about lately. The first two stay when the store is closed, and its next owner brings them
up to date; those of teams are made when they are wanted.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import duckdb

from qa import logs
from qa.errors import StoreProblem
from qa.store import copying, room, team_snapshots
from qa.store.database import Connection, Database, first
from qa.store.rotation import ENDING, Closed, Rotation, Snapshot, Version
from qa.store.team_snapshots import TeamSnapshots

NAMES = ("one", "two")

LEAST_PAUSE_S, REST, LONGEST_PAUSE_S = 2.0, 4.0, 30.0
"""Between two refreshes pass two seconds, or four times what one takes, but no more than thirty seconds."""

_log = logging.getLogger(__name__)


class _Told(Protocol):
    def __call__(self, *, whole: bool) -> None:
        """A call was erased: out of every answer, or, with `whole`, out of every file."""


class Snapshots:
    """The snapshots of a store that this process owns. Any number of threads may read."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.folder = folder
        self._database = database
        self._all = Rotation(folder, self._bring_up, names=NAMES)
        self._some = TeamSnapshots(folder)
        self._stopped = threading.Event()
        self._keeper: threading.Thread | None = None
        self._at_work: Connection | None = None
        self._prepared = threading.Lock()
        self._swept = False
        self.served: list[_Told] = []
        """What is told of erasures, where a copy is served to others (`qa.store.quack`)."""

    def refresh(self, *, whole: bool = False) -> None:
        """Bring the snapshot of all teams up to date; those of some teams follow when they are asked about.

        With `whole` it is written anew, and every other file is gone before this returns, so that no byte stays of a
        call that has been deleted. That waits for who reads those files, whose time is limited. Raises StoreProblem
        where it cannot be written.
        """
        self._prepare()
        try:
            self._all.refresh(Version(self._database.commits, datetime.now(UTC)), whole=whole)
        except Closed:
            raise self._gone() from None
        if whole:
            self._some.close()

    def refresh_at_once(self, *, whole: bool = False) -> None:
        """As `refresh`, and what is served to others too: a call has been erased."""
        self.refresh(whole=whole)
        for tell in self.served:
            tell(whole=whole)

    @contextmanager
    def reading(self, teams: Collection[str] | None = None) -> Iterator[Snapshot]:
        """Hold a snapshot of all calls, or one in which there is nothing of any but these teams.

        Raises StoreProblem where there is none yet and none can be made.
        """
        if not self._all.switches:
            self.refresh()
        with ExitStack() as held:
            try:
                with self._all.reading() as whole:  # let go of once the one that is asked for is held
                    if teams is None:
                        snapshot = held.enter_context(self._all.reading())
                    else:
                        version = Version(self._all.switches, whole.as_of, whole.path)
                        snapshot = self._some.hold(frozenset(teams), version, held)
            except Closed:
                raise self._gone() from None
            yield snapshot

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder for what a reader writes while it works; gone when the `with` block ends.

        Raises StoreUnavailable where it cannot be made.
        """
        self._prepare()
        try:
            folder = tempfile.TemporaryDirectory(dir=self.folder, prefix="scratch-", ignore_cleanup_errors=True)
        except OSError as error:
            raise room.unwritten(error, what=f"cannot write to {self.folder}") from error
        with folder as name:
            yield Path(name)

    def start(self) -> None:
        """Keep the snapshot up to date from now on, in a thread of its own."""
        if self._keeper is None:
            self._keeper = threading.Thread(target=self._keep, name="snapshots", daemon=True)
            self._keeper.start()

    def close(self) -> None:
        """Stop: a refresh that is under way is given up and undone; readers of teams' files are waited for."""
        self._stopped.set()
        if (at_work := self._at_work) is not None:
            with suppress(duckdb.Error):  # it has come to its end by itself
                at_work.interrupt()
        if self._keeper is not None:
            self._keeper.join()
            self._keeper = None
        self._some.close()
        self._all.close(keep=True)

    def discard(self) -> None:
        """Remove every file, those of earlier owners too, as soon as nobody reads them; reading makes new ones."""
        old, self._all = self._all, Rotation(self.folder, self._bring_up, names=NAMES)
        old.close()
        self._some.close()
        self._sweep(keep=())

    def _keep(self) -> None:
        pause_s, before = 0.0, ""
        while not self._stopped.wait(pause_s):
            began_s = time.monotonic()
            try:
                self.refresh()
                self._some.close(idle_s=team_snapshots.IDLE_S)
                before = ""
            except StoreProblem as problem:
                if str(problem) != before and not self._stopped.is_set():  # once, however long it lasts
                    _log.error("the snapshot that queries are answered from stays as it is: %s", logs.said(problem))
                before = str(problem)
            pause_s = min(max(LEAST_PAUSE_S, REST * (time.monotonic() - began_s)), LONGEST_PAUSE_S)

    def _bring_up(self, path: Path, _version: Version) -> None:
        with self._database.apart() as con:
            self._at_work = con
            try:
                found = first(con, "SELECT current_database()")
                assert found is not None
                copying.bring_up(con, path, source=found[0], go_on=lambda: not self._stopped.is_set())
            finally:
                self._at_work = None

    def _prepare(self) -> None:
        """Make the folder, and remove what an earlier process left of readers and teams."""
        with self._prepared:
            if not self._swept:
                try:
                    self.folder.mkdir(exist_ok=True)
                    self._sweep(keep=NAMES)
                except OSError as error:
                    raise room.unwritten(error, what=f"cannot write snapshots to {self.folder}") from error
                self._swept = True

    def _sweep(self, *, keep: tuple[str, ...]) -> None:
        kept = {f"{name}{ENDING}{wal}" for name in keep for wal in ("", ".wal")}
        for path in self.folder.glob("*"):
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name not in kept:
                path.unlink(missing_ok=True)

    def _gone(self) -> StoreProblem:
        return StoreProblem(f"the snapshots in {self.folder} are being put away; ask again once the store is open")
