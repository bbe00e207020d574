"""Real speech, in short: the first seconds of a call of the demo, both channels."""

import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import qa.demo
from qa import Scoring, Store
from transcription.audio import decode

RATE = 16_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "qa.duckdb"


@pytest.fixture
def scoring(path: Path) -> Iterator[Scoring]:
    with Store.open(path) as store, Scoring(store) as opened:
        yield opened


@pytest.fixture(scope="session")
def speech() -> np.ndarray:
    """Ten seconds of the average call, 16-bit, two channels."""
    audio = decode(qa.demo.FOLDER / "calls" / "car-repair.ogg", max_duration_s=600)
    channels = np.stack([channel[: 10 * RATE] for channel in audio.channels], axis=1)
    return (channels * 32767).astype("<i2")


@pytest.fixture
def record(tmp_path: Path, speech: np.ndarray) -> Callable[..., Path]:
    """Writes the speech as a wav file; `start` samples in, so that each can have bytes of its own."""

    def write(name: str, start: int = 0, channels: tuple[int, ...] = (0, 1)) -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with wave.open(str(file), "wb") as out:
            out.setnchannels(len(channels))
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(np.ascontiguousarray(speech[start:, list(channels)]).tobytes())
        return file

    return write


@pytest.fixture(scope="session")
def conversation() -> bytes:
    """A written conversation of the demo, as JSON."""
    return min(qa.demo.FOLDER.glob("conversations/*.json")).read_bytes()
