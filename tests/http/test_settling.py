"""A doubt about who is on which channel, over HTTP."""

import wave
from pathlib import Path
from typing import TYPE_CHECKING

import faster_whisper
import numpy as np

import qa.demo

if TYPE_CHECKING:
    from tests.http.conftest import Server

RATE = 8000


def test_saying_the_channel_settles_a_doubt_without_a_new_transcription(server: "Server", tmp_path: Path) -> None:
    """The agent is on the right and nobody said so: flagged, no percent; corrected, it is scored."""
    recording = qa.demo.CALLS.with_name("broadband.mp3")
    channels = faster_whisper.decode_audio(str(recording), sampling_rate=RATE, split_stereo=True)
    path = tmp_path / "call.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        samples = np.stack([channel[: 25 * RATE] for channel in channels], axis=1)
        file.writeframes((samples * 32767).astype("<i2").tobytes())
    doubted = server.scored(path, team="Settled")
    assert (doubted["result"]["percent"], doubted["flags"]) == (None, ["channels_swapped"])
    before = server.transcriptions()
    settled = server.corrected(doubted["call_id"], agent_channel="right")
    assert (settled["call_id"], settled["flags"]) == (doubted["call_id"], [])
    assert "met" in {criterion["verdict"] for criterion in settled["result"]["criteria"].values()}
    assert server.transcriptions() == before
