"""A backup: store, recordings and what witnesses them, as they belong together, in a folder that can be served.

    FOLDER/qa-20261125T170400.123456Z/qa.duckdb         the store, at one moment, its log worked in
    FOLDER/qa-20261125T170400.123456Z/qa.duckdb.files/   recordings, sidecars, tombstones

The store comes first, what lies beside it after: so the copy holds each recording that the store knows, and may hold
calls that came meanwhile, which are put back from their sidecars when it is opened. A sidecar comes before recordings,
for it is written after its own; tombstones come last, so that what was erased meanwhile is erased again.

Recordings are linked where the folder is on the same disk, else linked to those of an earlier backup there, else
copied. Until all is on disk for good the folder's name ends with `.part`.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from qa.errors import StoreProblem
from qa.store import room
from qa.store.database import Database
from transcription.disk import sync_folder

PART = ".part"
_OF_STORES = ("calls", "erased", "incoming")
_one_at_a_time = threading.Lock()


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that is whole. `copied_bytes` is what it took on its disk beside what was there already."""

    path: str
    made_at: datetime
    calls: int
    recordings: int
    copied_bytes: int


def write(database: Database, store: Path, folder: Path) -> Backup:
    """Write a backup into a new folder within `folder`, and open it to see that it holds what the store holds.

    Raises StoreProblem where that cannot be done; nothing is left then.
    """
    if not _one_at_a_time.acquire(blocking=False):
        raise StoreProblem("a backup is being made; ask again when it is done")
    made_at = datetime.now(UTC)
    final = folder.absolute() / f"{store.stem}-{made_at:%Y%m%dT%H%M%S.%fZ}"
    part = final.with_name(final.name + PART)
    try:
        part.mkdir(parents=True)
        try:
            backup = _write(database, store, part, final, made_at)
            part.rename(final)
            sync_folder(folder)
        except BaseException:
            shutil.rmtree(part, ignore_errors=True)
            raise
    except OSError as error:
        raise room.unwritten(error, what=f"cannot write a backup to {folder}") from error
    finally:
        _one_at_a_time.release()
    return backup


def of_file(store: Path, folder: Path) -> Backup:
    """The same of a store that nobody has open, whatever version of ours made it; raises StoreHeld where one has."""
    database = Database.open(store, read_only=True)
    try:
        return write(database, store, folder)
    finally:
        database.close()


def all_in(folder: Path, store: Path) -> list[Path]:
    """The backups of a store in a folder, the oldest first."""
    return sorted(path for path in folder.glob(f"{store.stem}-*Z") if (path / store.name).is_file())


def _write(database: Database, store: Path, part: Path, final: Path, made_at: datetime) -> Backup:
    calls = database.copy(part / store.name)
    files, into = store.with_name(store.name + ".files"), part / f"{store.name}.files"
    before = next((each / into.name for each in reversed(all_in(final.parent, store))), None)
    copied = (part / store.name).stat().st_size
    into.mkdir()
    copied += sum(_take(path, into / path.relative_to(files), None) for path in _witnesses(files / "calls"))
    recordings = 0
    for path in _recordings(files):
        where = path.relative_to(files)
        copied += _take(path, into / where, before and before / where)
        recordings += 1
    copied += sum(_take(path, into / path.relative_to(files), None) for path in _witnesses(files / "erased"))
    for each in sorted([part, *(path for path in part.rglob("*") if path.is_dir())], reverse=True):
        sync_folder(each)
    return Backup(path=str(final), made_at=made_at, calls=calls, recordings=recordings, copied_bytes=copied)


def _witnesses(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("tmp"))


def _recordings(files: Path) -> Iterator[Path]:
    for folder in sorted(files.iterdir()) if files.is_dir() else ():
        if folder.is_dir() and folder.name not in _OF_STORES:
            yield from sorted(folder.iterdir())


def _take(path: Path, target: Path, before: Path | None) -> int:
    """Link or copy a file that is never written again; gives the bytes that were copied. One that is erased is left."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for source in (path, before):
        try:
            if source is not None:
                os.link(source, target)
                return 0
        except OSError:  # another disk, one without links, or not there
            continue
    try:
        with path.open("rb") as old, target.open("wb") as new:
            shutil.copyfileobj(old, new, 1 << 20)
            new.flush()
            os.fsync(new.fileno())
            return new.tell()
    except FileNotFoundError:
        return 0
