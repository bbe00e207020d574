"""Recordings for trials, cut from a demo call and written in the codecs that telephone systems use."""

from __future__ import annotations

import io
import random
import wave
from functools import cache

import av
import numpy as np
from numpy.typing import NDArray

import qa.demo
from transcription.audio import decode
from transcription.sound import RATE

Pcm = NDArray[np.int16]  # shape (channels, samples), 16 kHz

CODECS = {"wav": "pcm_s16le", "flac": "flac", "ogg": "libopus", "mp3": "mp3", "m4a": "aac", "mka": "libopus"}
"""The codec that each suffix is written with."""
_CONTAINERS = {"m4a": "mp4", "mka": "matroska"}
_SAME_BYTES = {"fflags": "+bitexact"}  # else streams get random numbers


@cache
def talk() -> Pcm:
    """Both channels of a demo call."""
    heard = decode(qa.demo.FOLDER / "calls" / "car-repair.ogg", max_duration_s=600)
    return (np.stack(heard.channels) * 32767).astype(np.int16)


def piece(rng: random.Random, *, length_s: float) -> Pcm:
    """A stretch of the call that begins anywhere, so that hardly two are alike."""
    length = int(length_s * RATE)
    begin = rng.randrange(talk().shape[1] - length)
    return talk()[:, begin : begin + length]


def wav(samples: Pcm, *, rate: int = RATE) -> bytes:
    """The samples as 16-bit PCM; they are played at `rate`, whatever rate they have."""
    into = io.BytesIO()
    with wave.open(into, "wb") as file:
        file.setnchannels(samples.shape[0])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.T.tobytes())
    return into.getvalue()


def encoded(samples: Pcm, suffix: str, *, times: int = 1) -> bytes:
    """The samples, `times` over, in the container and codec of a suffix."""
    into = io.BytesIO()
    layout = "stereo" if samples.shape[0] == 2 else "mono"
    with av.open(into, "w", format=_CONTAINERS.get(suffix, suffix), options=_SAME_BYTES) as container:
        stream = container.add_stream(CODECS[suffix], rate=RATE, layout=layout)
        assert isinstance(stream, av.AudioStream)
        interleaved = np.ascontiguousarray(samples.T).reshape(1, -1)
        for index in range(times):
            frame = av.AudioFrame.from_ndarray(interleaved, format="s16", layout=layout)
            frame.sample_rate, frame.pts = RATE, index * samples.shape[1]
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return into.getvalue()
