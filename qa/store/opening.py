"""Opening a DuckDB file: with which settings, what is done about a damaged log, and what it means where it fails."""

from __future__ import annotations

import logging
import re
import time
from pathlib import Path

import duckdb

from qa import logs
from qa.errors import StoreHeld, StoreProblem
from qa.store import room

# The names of Python variables are no tables, and nothing is fetched from the network in the middle of a query.
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "TimeZone": "UTC",
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
}

_log = logging.getLogger(__name__)
_REPLAYING = re.compile(r"(?:\w+ Error: )?Failure while replaying WAL")


def first_time(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    """Open a store's file, which is made where it is not there, unless it is to be read only.

    A log that cannot be replayed is put aside. Raises StoreHeld while another process has the file, and StoreProblem
    where it cannot be opened.
    """
    if read_only and absent(path):
        raise StoreProblem(f"there is no store {path}; score a call first, or name the store with --store")
    try:
        return connect(path, read_only=read_only)
    except StoreProblem as problem:
        error = problem.__cause__
        if read_only or not isinstance(error, duckdb.Error) or not _log_is_damaged(error):
            raise
        if (damaged := _put_aside(path)) is None:
            raise
        _log.error("the log of the store %s is damaged, and lies now in %s: %s", path, damaged, logs.said(error))
        return first_time(path, read_only=False)


def connect(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a file; raises StoreHeld while another process has it, and StoreProblem where it cannot be opened."""
    try:
        return duckdb.connect(str(path), read_only=read_only, config=CONFIG)
    except duckdb.Error as error:
        raise _not_opened(path, error) from error


def one_line(error: duckdb.Error) -> str:
    """DuckDB's message without the copy of the query that follows it."""
    text = str(error).split("\n\nLINE ")[0]
    return " ".join(text.split())


def absent(path: Path) -> bool:
    """Whether there is nothing of that name; what may not be looked at may be there."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _log_is_damaged(error: duckdb.Error) -> bool:
    return bool(_REPLAYING.match(str(error))) and not room.is_full(error)


def _put_aside(path: Path) -> Path | None:
    """Move a log that cannot be replayed out of the way; None where there is none. What it held, sidecars witness."""
    log = path.with_name(path.name + ".wal")
    if not log.is_file():
        return None
    return log.rename(log.with_name(f"{log.name}.damaged-{time.time_ns()}"))


_CAUSES = (
    ("different configuration", StoreHeld, "is open in this process in another way; close it first"),
    (
        "storage version number",
        StoreProblem,
        (
            f"is in a form that DuckDB {duckdb.__version__} cannot read: a newer version wrote it, or a very old one; "
            "open it with the empathy-qa that wrote it"
        ),
    ),
    ("not a valid DuckDB database", StoreProblem, "is not a store; name another file with --store"),
    ("Could not read enough bytes", StoreProblem, "is cut off; put it back from a backup"),
    ("Corrupt database file", StoreProblem, "is damaged; put it back from a backup"),
    (
        "Permission denied",
        StoreProblem,
        "may not be opened by this user; run as the user that owns it, or let this one read and write it",
    ),
)
"""What DuckDB says where it cannot open a file, and what that means."""


def _not_opened(path: Path, error: duckdb.Error) -> StoreProblem:
    text = one_line(error)
    if "Could not set lock" in text:
        found = re.search(r"held in (?:.*/)?(.+?) \(PID (\d+)\)", text)
        who = f" (pid {found[2]}, {found[1]})" if found else ""
        return StoreHeld(
            f"the store {path} is held by another process{who}; wait for its end or stop it, and try again",
            pid=int(found[2]) if found else None,
        )
    for words, kind, meaning in _CAUSES:
        if words in text:
            return kind(f"the store {path} {meaning}")
    if path.is_dir():
        return StoreProblem(f"{path} is a folder, not a store; name a file with --store")
    if not path.parent.is_dir():
        return StoreProblem(f"cannot make the store {path}: there is no folder {path.parent}; make it first")
    return StoreProblem(f"cannot open the store {path}: {text}")
