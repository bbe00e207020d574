"""Recordings made for a test, and the recogniser that all tests share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from transcription import Recogniser, models
from transcription.sound import RATE

DATA = Path(__file__).parents[1] / "data"
DEMO = Path(__file__).parents[2] / "qa" / "data" / "demo" / "calls"

Sound = NDArray[np.float32]
Encode = Callable[..., Path]


@pytest.fixture(scope="session")
def recogniser() -> Recogniser:
    """The embedded model, loaded once."""
    model = models.locate("tiny.en")
    return Recogniser.load(model.dir, name=model.name, sha256=model.sha256)


@pytest.fixture
def encode(tmp_path: Path) -> Encode:
    """A function that writes channels of sound at 16 kHz to a file in any coding."""

    def write(name: str, channels: Sequence[Sound], *, codec: str = "pcm_s16le", rate: int = RATE) -> Path:
        path = tmp_path / name
        layout = {1: "mono", 2: "stereo", 3: "2.1"}[len(channels)]
        samples = (np.stack(channels).clip(-1, 1) * 32767).astype(np.int16)
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=rate)
            assert isinstance(stream, av.AudioStream)
            stream.layout = layout
            resampler = av.AudioResampler(format=stream.format.name, layout=layout, rate=rate)
            for first in range(0, samples.shape[1], RATE):
                block = np.ascontiguousarray(samples[:, first : first + RATE])
                frame = av.AudioFrame.from_ndarray(block, format="s16p", layout=layout)
                frame.sample_rate = RATE
                for resampled in resampler.resample(frame):
                    container.mux(stream.encode(resampled))
            for resampled in resampler.resample(None):
                container.mux(stream.encode(resampled))
            container.mux(stream.encode(None))
        return path

    return write
