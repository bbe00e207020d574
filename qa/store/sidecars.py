"""The witness of each call that was taken: its metadata in a file of its own, on disk before anybody is told.

A damaged end of the store's log drops rows without a word. So a call that came over HTTP stands twice: in the store,
and as `calls/ab/abcdef....json` beside its recording. When the store is opened for writing, what it lacks is put back
from here (`qa.store.reconcile`). A correction is written here too, so that a call which an older backup of the store
lacks comes back as it was corrected; of a call that the store has, the store's word counts.
"""

from __future__ import annotations

import logging
import os
import tempfile
from datetime import datetime
from pathlib import Path

import msgspec

from qa import logs
from qa.metadata import Metadata
from qa.store import room
from transcription.disk import sync_folder
from transcription.types import Transcript

_log = logging.getLogger(__name__)
_SUFFIX = ".json"


class Sidecar(msgspec.Struct, frozen=True, kw_only=True):
    """A call as it was taken, with the webhook that its upload named.

    `transcript` is that of a call which came as text, and has no recording.
    """

    call_id: str
    sha256: str
    received_at: datetime
    metadata: Metadata
    webhook: str | None = None
    transcript: Transcript | None = None


class Sidecars:
    """The folder of sidecars."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, call_id: str) -> Path:
        """Where the sidecar of a call is or would be."""
        return self.root / call_id[:2] / f"{call_id}{_SUFFIX}"

    def put(self, sidecar: Sidecar) -> None:
        """Write it, on disk for good when this returns; raises StoreUnavailable where it cannot be written."""
        target = self.path(sidecar.call_id)
        try:
            new = not target.parent.is_dir()
            target.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=target.parent)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(msgspec.json.encode(sidecar))
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(target)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
            folders = (target.parent, self.root, self.root.parent, self.root.parent.parent)
            for folder in folders if new else folders[:1]:
                sync_folder(folder)
        except OSError as error:
            raise room.unwritten(error, what=f"cannot write what is said of a call to {self.root}") from error

    def read(self, call_id: str) -> Sidecar | None:
        """The sidecar of a call; None where there is none, or it cannot be read, which is logged."""
        try:
            return msgspec.json.decode(self.path(call_id).read_bytes(), type=Sidecar)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            _log.error("the sidecar %s cannot be read: %s", self.path(call_id), logs.said(error))
            return None

    def remove(self, call_id: str) -> None:
        """Remove it for good; nothing happens where there is none."""
        path = self.path(call_id)
        if path.exists():
            path.unlink()
            sync_folder(path.parent)

    def all(self) -> set[str]:
        """The ids of all calls that have one."""
        return {
            entry.name.removesuffix(_SUFFIX)
            for folder in (self.root.iterdir() if self.root.is_dir() else ())
            if folder.is_dir()
            for entry in os.scandir(folder)
            if entry.name.endswith(_SUFFIX)
        }
