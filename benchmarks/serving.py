"""A real server: `qa serve`'s own function in a process of its own, on a free port of loopback, with real tiny.en."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

SERVE = """
from qa import http, settings
http.serve(settings=settings.load(), port=0)
"""
NO_CACHES = {"PYTHONDONTWRITEBYTECODE": "1"}
ENDED = ("done", "failed", "cancelled")
"""The states in which a call stays by itself."""


@dataclass
class Server:
    """A running server and a client of it. Left in a `with` block, it ends with that at the latest."""

    process: subprocess.Popen[str]
    client: httpx.Client
    store: Path

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.stop(signal.SIGKILL)

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """End it; gives its exit code."""
        self.client.close()
        self.process.send_signal(with_signal)
        code = self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code

    def upload(self, path: Path, **fields: str) -> httpx.Response:
        with path.open("rb") as file:
            return self.client.post("/api/calls", files={"recording": (path.name, file)}, data=fields)

    def ended(self, call_id: str, *, within_s: float = 120.0) -> dict[str, Any]:
        """The call once it is done or has failed; raises TimeoutError."""
        until = time.monotonic() + within_s
        while time.monotonic() < until:
            call: dict[str, Any] = self.client.get(f"/api/calls/{call_id}").json()
            if call["state"] in ENDED:
                return call
            time.sleep(0.1)
        raise TimeoutError(call_id)

    def scored(self, path: Path, **fields: str) -> dict[str, Any]:
        """The call of a recording, uploaded and waited for."""
        answer = self.upload(path, **fields)
        assert answer.status_code == 202, answer.text
        return self.ended(answer.json()["call_id"])

    def corrected(self, call_id: str, **said: Any) -> dict[str, Any]:
        """The call once something else is said of it, and it is scored again where it must be."""
        answer = self.client.patch(f"/api/calls/{call_id}", json=said)
        assert answer.status_code == 200, answer.text
        return self.ended(call_id)

    def transcriptions(self) -> int:
        return int(self.client.get("/api/health").json()["transcriptions"])

    def workers(self) -> list[int]:
        """The process ids of its worker processes."""
        listed = subprocess.run(
            ["ps", "-ww", "--ppid", str(self.process.pid), "-o", "pid=,args="],
            capture_output=True,
            text=True,
            check=False,  # it says 1 where there are none
        )
        return [int(line.split()[0]) for line in listed.stdout.splitlines() if "spawn_main" in line]


def start_server(store: Path, *, log: Path | None = None, **environment: str) -> Server:
    """Start a server on the store and wait for its greeting. What it logs goes to the end of `log`, else to ours."""
    process = launch(store, log=log, **environment)
    assert process.stdout is not None
    greeting = process.stdout.readline()
    assert " at http://127.0.0.1:" in greeting, greeting
    url = greeting.split(" at ")[1].split("/schema")[0]
    return Server(process, httpx.Client(base_url=url, timeout=60), store)


def launch(store: Path, *, log: Path | None = None, **environment: str) -> subprocess.Popen[str]:
    """The process of a server, which has not greeted yet."""
    with contextlib.ExitStack() as opened:
        return subprocess.Popen(
            [sys.executable, "-c", SERVE],
            env=os.environ | {"QA_STORE": str(store)} | environment,
            stdout=subprocess.PIPE,
            stderr=None if log is None else opened.enter_context(log.open("a")),
            text=True,
        )


@contextlib.contextmanager
def without_room(*, above_bytes: int, process_id: int = 0) -> Iterator[None]:
    """While the block runs the process (0: this one) can make no file larger than that, as on a disk that is full.

    Python's own caches are files too, and would be left cut off: a server is to be started with `NO_CACHES`.
    """
    soft, hard = resource.prlimit(process_id, resource.RLIMIT_FSIZE)
    resource.prlimit(process_id, resource.RLIMIT_FSIZE, (above_bytes, hard))
    try:
        yield
    finally:
        resource.prlimit(process_id, resource.RLIMIT_FSIZE, (soft, hard))


def until(holds: Callable[[], bool], *, within_s: float = 60.0) -> None:
    """Return once it holds; raises TimeoutError where it never does."""
    end = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.02)
