"""What the server's tests share: real servers, and short clips to send them."""

from __future__ import annotations

import signal
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import faster_whisper
import numpy as np
import pytest

import qa.demo
from benchmarks.serving import Server, start_server

__all__ = ["Server", "Start", "start_server"]

CALL = next(qa.demo.FOLDER.glob("calls/car-repair.*"))
RATE = 8000
Start = Callable[..., Server]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts servers, which end with the test."""
    started: list[Server] = []

    def one(store: Path, **environment: str) -> Server:
        started.append(start_server(store, log=None, **environment))
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
