"""A snapshot served by DuckDB's quack protocol, for DuckDB clients on this machine: a process of its own.

It serves a copy of the snapshot, since the snapshots themselves are written anew in turns. A new copy is taken every
quarter of an hour; the process then starts afresh, and clients have to connect again. When a call is erased it stops at
once, and starts again when no byte of the call stands in the snapshots any more.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from qa.errors import SettingsProblem, StoreProblem
from qa.store.rotation import ENDING
from qa.store.snapshots import Snapshots

PORT = 9494
"""The port of the protocol."""

TOKEN = ".quack"
"""What the name of the file with the token adds to the store's."""

RENEW_S = 900.0

_SCRIPT = Path(__file__).with_name("quack_process.py")
_log = logging.getLogger(__name__)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the process may take; `time_s` is for one query."""

    time_s: float = 30.0
    memory_bytes: int = 4 << 30
    scratch_bytes: int = 4 << 30
    threads: int = 2


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """What the process loads, and asks in order to listen: an address is bound to it, and a token."""

    extension: str = "quack"
    serve: str = "CALL quack_serve(?, token => ?)"
    limits: Limits = Limits()


class Quack:
    """The process and its copy of a snapshot."""

    def __init__(self, snapshots: Snapshots, *, port: int, token: str, serving: Serving) -> None:
        self._snapshots, self._port, self._token, self._serving = snapshots, port, token, serving
        self._process: subprocess.Popen[bytes] | None = None
        self._copy: Path | None = None
        self._changing = threading.RLock()
        self._waits = False
        self._stopped = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="quack", daemon=True)
        self.url = ""

    def start(self) -> None:
        """Listen; raises SettingsProblem where the extension cannot be had."""
        self.renew()
        self._snapshots.served.append(self._erased)
        self._keeper.start()

    def stop(self) -> None:
        """Listen no more, and remove the copy."""
        self._stopped.set()
        self._snapshots.served.remove(self._erased)
        self._keeper.join()
        with self._changing:
            self._end()

    def renew(self) -> None:
        """Serve a copy of the snapshot as it is now, and nothing else."""
        with self._changing:
            self._end()
            with self._snapshots.reading() as snapshot:
                self._copy = self._snapshots.folder / f"quack-{secrets.token_hex(4)}{ENDING}"
                shutil.copyfile(snapshot.path, self._copy)
            self.url = self._begin(self._copy)

    def _erased(self, *, whole: bool) -> None:
        with self._changing:
            self._waits = not whole
            if self._waits:
                self._end()
            else:
                self._try()

    def _try(self) -> None:
        try:
            self.renew()
        except (SettingsProblem, StoreProblem, OSError) as problem:
            _log.error("nothing is served by quack until the next time: %s", problem)

    def _begin(self, copy: Path) -> str:
        limits = self._serving.limits
        request = msgspec.json.encode(
            {
                **msgspec.to_builtins(limits),
                "path": str(copy.absolute()),
                "extension": self._serving.extension,
                "serve": self._serving.serve,
                "params": [f"quack:localhost:{self._port}", self._token],
            }
        )
        scratch = copy.with_suffix("")
        scratch.mkdir()
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=scratch,
            env={"HOME": os.path.expanduser("~")},  # noqa: PTH111 - DuckDB looks for extensions below it
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(request + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        found = msgspec.json.decode(line) if line else {"error": "its process ended without a word"}
        if "error" in found:
            self._end()
            raise SettingsProblem(
                f"--quack: DuckDB's extension {self._serving.extension} cannot be used ({_short(found['error'])}); "
                "install it on this machine (docs/service.md), or leave --quack out"
            )
        return str(found["url"])

    def _end(self) -> None:
        if self._process is not None:
            with self._process:
                self._process.kill()
            self._process = None
        if self._copy is not None:
            shutil.rmtree(self._copy.with_suffix(""), ignore_errors=True)
            self._copy.unlink(missing_ok=True)
            self._copy = None

    def _keep(self) -> None:
        while not self._stopped.wait(RENEW_S):
            with self._changing:
                if not self._waits:
                    self._try()


@contextmanager
def serving(
    snapshots: Snapshots, store: Path, *, port: int = PORT, how: Serving | None = None
) -> Iterator[tuple[str, Path]]:
    """Serve for the block; gives the address and the file that holds the token, which this user alone can read.

    Raises SettingsProblem where the extension cannot be had.
    """
    token, file = secrets.token_urlsafe(32), store.with_name(store.name + TOKEN)
    quack = Quack(snapshots, port=port, token=token, serving=how or Serving())
    quack.start()
    try:
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as opened:
            opened.write(token + "\n")
        yield quack.url, file
    finally:
        file.unlink(missing_ok=True)
        quack.stop()


def _short(error: str) -> str:
    """DuckDB's message without the way of its file and the advice after it."""
    return error.split(" Extension ", maxsplit=1)[0].split(" Install it first", maxsplit=1)[0].removesuffix(".")
