"""Where a server says that it can be asked: `FILE.server` beside the store, as JSON.

It is looked at only while another process holds the store, and believed only of that process: one that a crash left
behind leads nobody astray, and no key is sent to whoever has the port by now.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

SUFFIX = ".server"

_log = logging.getLogger(__name__)


class Announcement(msgspec.Struct, frozen=True):
    """The address of a server, and the process that it is."""

    url: str
    pid: int


@contextmanager
def announced(store: Path, url: str) -> Iterator[None]:
    """Say for the block that this process serves the store at an address."""
    path = _beside(store)
    written = path.with_name(path.name + ".new")
    try:
        written.write_bytes(msgspec.json.encode(Announcement(url, os.getpid())))
        written.replace(path)
    except OSError as error:  # it is served all the same, for whoever knows the address
        _log.warning("cannot write %s: %s", path, error.strerror)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def server_of(store: Path, *, pid: int | None) -> str | None:
    """The address of the server that holds a store as the process `pid`; None where that is not known."""
    try:
        found = msgspec.json.decode(_beside(store).read_bytes(), type=Announcement)
    except (OSError, msgspec.DecodeError):
        return None
    return found.url if found.pid == pid else None


def _beside(store: Path) -> Path:
    return store.with_name(store.name + SUFFIX)
