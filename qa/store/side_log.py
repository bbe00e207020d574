"""Rows of the audit on their way into the store: a line each, on disk for good before what it tells of is answered.

Whoever comes while a line is being written waits, and is then written with all who wait, by one flush. The lines stand
in segments, `audit/....jsonl` beside the recordings. A segment is removed once the store's own file has its rows; each
has a number, so that a segment which a crash has left behind doubles none. A line that a crash has torn was answered
to nobody.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

import msgspec

from qa.errors import StoreProblem, StoreUnavailable
from qa.store.types import Entry
from transcription.disk import sync_folder

_ENDING = ".jsonl"
_log = logging.getLogger(__name__)


class _Batch:
    """Lines that are written together, and what came of it."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.written = False
        self.error: OSError | None = None


class SideLog:
    """The segments in a folder. Any number of threads may append."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._file: FileIO | None = None
        self._next = _Batch()
        self._joining = threading.Lock()
        self._turn = threading.Lock()

    def append(self, entry: Entry) -> None:
        """Write a row, on disk for good when this returns; raises StoreProblem where it cannot be written."""
        line = msgspec.json.encode(entry) + b"\n"
        with self._joining:
            batch = self._next
            batch.lines.append(line)
        with self._turn:
            if not batch.written:
                with self._joining:
                    self._next = _Batch()
                batch.error, batch.written = self._write(b"".join(batch.lines)), True
        if batch.error is not None:
            raise StoreUnavailable(f"cannot write the audit to {self.root}: {batch.error.strerror}") from batch.error

    def segments(self) -> tuple[Path, ...]:
        """All segments; to none of them is anything added from now on."""
        with self._turn:
            self._end()
            return tuple(sorted(self.root.glob(f"*{_ENDING}")))

    def remove(self, segments: Iterable[Path]) -> None:
        """Remove segments whose rows are on disk elsewhere."""
        for segment in segments:
            segment.unlink()

    def _write(self, data: bytes) -> OSError | None:
        try:
            if self._file is None:
                self._file = self._begin()
            while data:  # unbuffered, so that nothing is left to be written when it is closed
                data = data[self._file.write(data) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            self._end()  # it may end with half a line
            return error
        return None

    def _begin(self) -> FileIO:
        new = not self.root.is_dir()
        self.root.mkdir(parents=True, exist_ok=True)
        file = (self.root / f"{secrets.token_hex(8)}{_ENDING}").open("xb", buffering=0)
        for folder in (self.root, self.root.parent, self.root.parent.parent) if new else (self.root,):
            sync_folder(folder)
        return file

    def _end(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def read(segments: Iterable[Path]) -> list[Entry]:
    """The rows of segments; raises StoreProblem where one cannot be read."""
    entries: list[Entry] = []
    for segment in segments:
        try:
            data = segment.read_bytes()
        except OSError as error:
            raise StoreProblem(f"cannot read the audit in {segment}: {error.strerror}") from error
        for line in data.splitlines():
            try:
                entries.append(msgspec.json.decode(line, type=Entry))
            except msgspec.MsgspecError:
                _log.warning("a line of %s is torn, and is left out of the audit", segment)
    return entries
