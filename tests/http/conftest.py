"""A real server: `qa serve`'s own function in a process of its own, on a free port of loopback, with real tiny.en."""

import os
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faster_whisper
import httpx
import numpy as np
import pytest

import qa.demo

SERVE = """
from qa import http, settings
http.serve(settings=settings.load(), port=0)
"""
CALL = next(qa.demo.FOLDER.glob("calls/car-repair.*"))
RATE = 8000


@dataclass
class Server:
    """A running server and a client of it."""

    process: subprocess.Popen[str]
    client: httpx.Client
    store: Path

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

    def ended(self, call_id: str) -> dict[str, Any]:
        """The call once it is done or has failed."""
        until = time.monotonic() + 120
        while time.monotonic() < until:
            call: dict[str, Any] = self.client.get(f"/api/calls/{call_id}").json()
            if call["state"] in ("done", "failed", "cancelled"):
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


Start = Callable[..., Server]


def start_server(store: Path, **environment: str) -> Server:
    """Start a server on the store and wait for its greeting."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE],
        env=os.environ | {"QA_STORE": str(store)} | environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    greeting = process.stdout.readline()
    assert " at http://127.0.0.1:" in greeting, greeting
    url = greeting.split(" at ")[1].split("/schema")[0]
    return Server(process, httpx.Client(base_url=url, timeout=60), store)


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers, which end with the test."""
    started: list[Server] = []

    def one(store: Path, **environment: str) -> Server:
        started.append(start_server(store, **environment))
        return started[-1]

    yield one
    for server in started:
        if server.process.poll() is None:
            server.stop(signal.SIGKILL)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that can share it."""
    running = start_server(tmp_path_factory.mktemp("served") / "qa.duckdb")
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five recordings of five seconds each, cut from a demo call: two channels, 8 kHz."""
    folder = tmp_path_factory.mktemp("clips")
    channels = faster_whisper.decode_audio(str(CALL), sampling_rate=RATE, split_stereo=True)
    samples = (np.stack(channels, axis=1) * 32767).astype("<i2")
    paths = []
    for index in range(5):
        path = folder / f"clip-{index}.wav"
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples[index * 5 * RATE : (index + 1) * 5 * RATE].tobytes())
        paths.append(path)
    return paths
