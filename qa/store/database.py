"""The open DuckDB file: connections for readers and the writer, and DuckDB's errors made into ours.

Each reader has a cursor of its own, lent for as long as it reads, and a transaction that cannot write; writers take
turns on one cursor.

A checkpoint that fails, for want of room say, has DuckDB refuse everything from then on, reading too. All that was
committed is in the file and its log, so whoever comes next opens it anew, and finds it as it was.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from qa import logs
from qa.errors import StoreFull, StoreProblem, StoreUnavailable
from qa.store import opening, room
from qa.store.opening import CONFIG, one_line
from transcription.disk import sync_folder

Connection = duckdb.DuckDBPyConnection

CHECKPOINT_WITHIN_S = 30.0
AGAIN_S = 1.0
"""How long nobody tries once more to open a file anew that could not be opened."""

REWRITING = ".rewriting"
"""What the name of a store that is being written anew ends with."""

_log = logging.getLogger(__name__)


class Database:
    """One open DuckDB file."""

    def __init__(self, path: Path, connection: Connection, *, read_only: bool = False) -> None:
        self._path = path
        self._read_only = read_only
        self._connection = connection
        self._writer = connection.cursor()
        self._writing = threading.RLock()
        self._idle: list[Connection] = []
        self._closed = False
        self._invalid: StoreProblem | None = None
        self._again_s = 0.0
        self._held: int | None = None
        self._gate = threading.Condition()
        self._inside = 0
        self._shut = False
        self._mine = threading.local()
        self.commits = 0
        """How many transactions of writers have been kept since the file was opened."""

    @classmethod
    def open(cls, path: Path, *, read_only: bool) -> Database:
        """Open the file; raises StoreHeld while another process has it, and StoreProblem where it cannot be opened."""
        return cls(path, opening.first_time(path, read_only=read_only), read_only=read_only)

    def close(self) -> None:
        """Let go of the file: DuckDB does when its last cursor is closed, those of readers at work too."""
        with self._writing:
            self._closed = True
            self._let_go()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the store and cannot write. Any number at once."""
        with self._entered(), self._translated():
            try:
                cursor = self._idle.pop()
            except IndexError:
                cursor = self._connection.cursor()
            fit = False
            try:
                cursor.execute("BEGIN TRANSACTION READ ONLY")
                try:
                    yield cursor
                finally:
                    cursor.rollback()
                fit = not self._closed
            finally:
                if fit:
                    self._idle.append(cursor)
                else:  # one that is left open would keep the file from being opened anew
                    cursor.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is kept when the block ends, and undone when it raises. One at a time."""
        with self._writing, self._translated():
            self._usable()
            self._writer.begin()
            try:
                yield self._writer
            except BaseException:
                with contextlib.suppress(duckdb.Error):  # what made it fail matters, and may have ended it already
                    self._writer.rollback()
                raise
            self._writer.commit()
            self.commits += 1

    @contextmanager
    def durably(self) -> Iterator[Connection]:
        """As `writing`, and in the store's own file when it ends: what no other file witnesses, before it is answered.

        The log, whose damaged end is dropped without a word, is empty then.
        """
        with self.writing() as con:
            yield con
        with self._translated():
            self._checkpoint()

    def _checkpoint(self) -> None:
        """Empty the log, as soon as nobody still reads rows as they were before they were changed."""
        until_s = time.monotonic() + CHECKPOINT_WITHIN_S
        while True:
            try:
                with self._writing:
                    self._writer.execute("CHECKPOINT")
            except duckdb.TransactionException:
                if time.monotonic() > until_s:
                    raise
                time.sleep(0.02)
            else:
                return

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """The writer's connection without a transaction, for what makes its own."""
        with self._writing, self._translated():
            self._usable()
            yield self._writer

    @contextmanager
    def apart(self) -> Iterator[Connection]:
        """A connection of one's own without a transaction, beside readers and writers, for what takes long."""
        with self._entered(), self._translated():
            cursor = self._connection.cursor()
            try:
                yield cursor
            finally:
                cursor.close()

    def rewrite(self) -> None:
        """Write the file anew, so that no byte of what was deleted stays in it.

        Writers wait for all of it; readers, who go on meanwhile, for the moment in which one file takes the place of
        the other. Raises StoreFull without room for both, and then nothing is changed; StoreHeld where another process
        had the new file before DuckDB was to lock it, and then it is ours again once that lets go of it.
        """
        anew = self._path.with_name(self._path.name + REWRITING)
        with self._writing, self._translated():
            self._usable()
            room.check(self._path, self._path.stat().st_size)
            try:
                self._copy_to(anew)
                with self._alone_inside():
                    self._checkpoint()  # no log of the one file may be left to the other
                    self._take_place(anew)
            finally:
                anew.unlink(missing_ok=True)

    def _copy_to(self, anew: Path) -> None:
        anew.unlink(missing_ok=True)
        cursor = self._connection.cursor()
        found = first(cursor, "SELECT current_database()")
        assert found is not None
        cursor.execute(f"ATTACH '{str(anew).replace(chr(39), chr(39) * 2)}' AS anew")
        try:
            cursor.execute(f'COPY FROM DATABASE "{found[0]}" TO anew')
            cursor.execute("CHECKPOINT anew")
        finally:
            cursor.execute("DETACH anew")
            cursor.close()
            anew.with_name(anew.name + ".wal").unlink(missing_ok=True)
        with anew.open("rb") as file:
            os.fsync(file.fileno())

    def _take_place(self, anew: Path) -> None:
        """Give another file our name, and open it.

        It is locked by us before it has the name, and ours, which is locked by DuckDB, has lost the name before it is
        closed, so that nobody can write into what is thrown away. Locks are the process's, and all of a file's go with
        the first descriptor of it that is closed: so this one stays open.
        """
        held = os.open(anew, os.O_RDWR)
        try:
            fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            anew.replace(self._path)
            sync_folder(self._path.absolute().parent)
        except BaseException:
            os.close(held)
            raise
        self._let_go()
        self._held = held
        self._connect()

    def _let_go(self) -> None:
        for connection in (*self._idle, self._writer, self._connection):
            connection.close()
        if self._held is not None:
            os.close(self._held)
            self._held = None

    def _connect(self) -> None:
        try:
            self._connection = opening.connect(self._path, read_only=self._read_only)
        except StoreProblem as problem:
            self._invalid, self._again_s = problem, time.monotonic() + AGAIN_S
            raise
        self._writer, self._idle = self._connection.cursor(), []
        self._invalid = None
        self.commits += 1  # one may have been kept whose writer was told that it was not

    def _usable(self) -> None:
        """Open the file anew where DuckDB has come to refuse everything; raises StoreProblem where that fails."""
        if self._invalid is not None and not self._closed:
            with self._writing:
                self._mend()

    def _mend(self) -> None:
        if self._invalid is None:
            return
        if time.monotonic() < self._again_s:
            raise self._invalid
        with self._alone_inside():
            self._let_go()
            self._connect()
        _log.warning("the store %s is open again", self._path)

    def copy(self, target: Path) -> int:
        """Copy the store as it is at one moment, its log worked in; gives its calls. Raises StoreProblem.

        Writers wait while bytes are copied, and with them the log stays out of the file, for a file that is written
        meanwhile is torn; readers go on. The copy is opened, and must have as many rows in each table.
        """
        with self._writing, self._translated():
            for ending in ("", ".wal"):
                source = self._path.with_name(self._path.name + ending)
                if source.exists():
                    _copy_apart(source, target.with_name(target.name + ending))
            expected = _rows(self._writer)
        with self._translated(), duckdb.connect(str(target), config=CONFIG) as con:
            found = _rows(con)
            con.execute("CHECKPOINT")
        with target.open("rb") as file:
            os.fsync(file.fileno())
        if found != expected or target.with_name(target.name + ".wal").exists():
            raise StoreProblem(f"the copy {target} does not hold what the store holds; see to its disk, and try again")
        return found.get("calls", 0)

    @contextmanager
    def _entered(self) -> Iterator[None]:
        """Inside, the file stays the one that it is; who is in already may go in again."""
        depth = getattr(self._mine, "depth", 0)
        if not depth:
            self._usable()
        with self._gate:
            while self._shut and not depth:
                self._gate.wait()
            self._inside += 1
        self._mine.depth = depth + 1
        try:
            yield
        finally:
            self._mine.depth = depth
            with self._gate:
                self._inside -= 1
                self._gate.notify_all()

    @contextmanager
    def _alone_inside(self) -> Iterator[None]:
        """Nobody reads, and nobody begins to."""
        with self._gate:
            self._shut = True
            while self._inside:
                self._gate.wait()
        try:
            yield
        finally:
            with self._gate:
                self._shut = False
                self._gate.notify_all()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except duckdb.Error as error:
            problem = self._problem(error)
            if isinstance(error, duckdb.FatalException) and self._invalid is None:
                self._invalid = problem
                _log.error("%s", logs.said(problem))
            raise problem from error

    def _problem(self, error: duckdb.Error) -> StoreProblem:
        text = f"the store {self._path}: {one_line(error)}"
        if isinstance(error, duckdb.FatalException) and "invalidated" in text:
            return StoreUnavailable(f"the store {self._path} is opened anew after a write that failed; ask again")
        if room.is_full(error):
            return StoreFull(f"there is no room to write to the store {self._path}; {room.CURE}")
        return StoreUnavailable(text) if isinstance(error, duckdb.IOException) else StoreProblem(text)


def first(con: Connection, query: str, values: Sequence[object] | Mapping[str, object] = ()) -> tuple[Any, ...] | None:
    """The first row of an answer, all of which is fetched: DuckDB takes no other work while rows are left."""
    found: list[tuple[Any, ...]] = con.execute(query, values).fetchall()
    return found[0] if found else None


def _rows(con: Connection) -> dict[str, int]:
    """How many rows each table has."""
    own = "SELECT table_name FROM duckdb_tables() WHERE NOT internal AND database_name = current_database()"
    names = [name for (name,) in con.execute(own).fetchall()]
    counted = {name: first(con, f'SELECT count(*) FROM "{name}"') for name in names}
    return {name: int(found[0]) for name, found in counted.items() if found is not None}


def _copy_apart(source: Path, target: Path) -> None:
    """Copy a file by another process: a process that closes any descriptor of a file loses its locks on it (POSIX).

    Raises OSError.
    """
    done = subprocess.run(["cp", "--", source, target], capture_output=True, text=True, check=False)
    if done.returncode:
        code = next((code for code in (errno.ENOSPC, errno.EDQUOT) if os.strerror(code) in done.stderr), errno.EIO)
        raise OSError(code, os.strerror(code), str(target))
