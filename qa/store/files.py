"""Recordings beside the store, by the hash of their bytes: written to a temporary name, flushed, then renamed.

What has its final name is whole and on disk for good: file and folder are flushed (fsync) before the name is given
out. The folder holds `ab/abcdef...` for a recording whose SHA-256 begins with `ab`, and `incoming/` for what is not
whole yet, from which the leavings of earlier processes go when the store is opened for writing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from qa.errors import StoreProblem
from qa.store import room
from transcription.disk import sync_folder

CHUNK = 1 << 20

_OURS = f"{secrets.token_hex(8)}-"
"""What the names of this process's recordings on their way in begin with: a process's number may come again."""


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex; raises StoreProblem where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StoreProblem(f"cannot read {path}: {error.strerror}") from error


class Files:
    """The folder of recordings."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha256: str) -> Path:
        """Where the recording with this hash is or would be."""
        return self.root / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def holds(self, path: Path) -> bool:
        """Whether the path is one of this folder's, and not a person's file."""
        return path.absolute().is_relative_to(self.root.absolute())

    def keep(self, source: Path, sha256: str | None = None) -> str:
        """Copy a file in, unless its bytes are here already; gives their SHA-256, which may be given if known."""
        sha256 = sha256 or sha256_of(source)
        if self.has(sha256):
            return sha256
        with source.open("rb") as file, self.incoming() as incoming:
            while chunk := file.read(CHUNK):
                incoming.write(chunk)
            incoming.settle()
            return incoming.keep()

    def remove(self, sha256: str) -> None:
        """Remove a recording for good; nothing happens where it is not here."""
        path = self.path(sha256)
        if path.is_file():
            path.unlink()
            sync_folder(path.parent)

    def incoming(self) -> Incoming:
        """A recording that arrives in pieces; what is not kept is gone when the `with` block ends."""
        return Incoming(self)

    def sweep(self) -> None:
        """Remove what an earlier process left half written; what is on its way into this one stays."""
        for path in (self.root / "incoming").glob("*"):
            if not path.name.startswith(_OURS):
                path.unlink(missing_ok=True)


class Incoming:
    """Bytes on their way in: `write` pieces, `settle`, then `keep`."""

    size_bytes: int = 0

    def __init__(self, files: Files) -> None:
        self._files = files
        self._hash = hashlib.sha256()

    def __enter__(self) -> Self:
        folder = self._files.root / "incoming"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=_OURS, dir=folder)
        except OSError as error:
            raise room.unwritten(error, what=f"cannot write recordings to {folder}") from error
        self._file: BinaryIO = os.fdopen(descriptor, "wb")
        self._path = Path(name)
        return self

    def write(self, chunk: bytes) -> None:
        """Add bytes; raises StoreUnavailable where they cannot be written, StoreFull for want of room."""
        try:
            self._file.write(chunk)
        except OSError as error:
            raise room.unwritten(error, what=f"cannot write recordings to {self._files.root}") from error
        self._hash.update(chunk)
        self.size_bytes += len(chunk)

    @property
    def sha256(self) -> str:
        """The SHA-256 of what has come so far, in hex."""
        return self._hash.hexdigest()

    def settle(self) -> str:
        """Have all that has come on disk for good, though without its final name; gives its SHA-256."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
        except OSError as error:
            raise room.unwritten(error, what=f"cannot write recordings to {self._files.root}") from error
        return self.sha256

    def keep(self) -> str:
        """Give the recording, which is settled, its final name, on disk for good; gives its SHA-256."""
        sha256 = self.sha256
        target = self._files.path(sha256)
        try:
            target.parent.mkdir(exist_ok=True)
            self._path.replace(target)
            for folder in (target.parent, self._files.root, self._files.root.parent):
                sync_folder(folder)
        except OSError as error:
            raise room.unwritten(error, what=f"cannot write recordings to {self._files.root}") from error
        return sha256

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with contextlib.suppress(OSError):  # what is left to be flushed finds no room either
            self._file.close()
        self._path.unlink(missing_ok=True)
