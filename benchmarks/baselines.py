"""What faster-whisper itself makes of each channel, called the way its manual shows: the figure to beat.

The one place in the benchmarks that imports faster_whisper. Results are slow to make and never change, so they
are kept in a cache by the hash of the recording, the hash of the model, and every setting.
"""

from __future__ import annotations

import hashlib
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from benchmarks.truth import Side
from transcription.models import Model

if TYPE_CHECKING:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

Way = Literal["plain", "vad", "batched"]

WAYS: dict[Way, dict[str, bool | int]] = {
    "plain": {"vad_filter": False},
    "vad": {"vad_filter": True},
    "batched": {"vad_filter": True, "batch_size": 8},
}
"""Settings of each way to call faster-whisper, beside those that all share."""

SIDES: tuple[Side, Side] = ("left", "right")


class Heard(msgspec.Struct, frozen=True):
    """The text that each channel of a recording gave, by `left` and `right`."""

    text: dict[Side, str]


def load(model_dir: Path) -> WhisperModel:
    """The model as the product loads it for a machine without a graphics card (int8), two threads."""
    from faster_whisper import WhisperModel

    return WhisperModel(str(model_dir), device="cpu", compute_type="int8", cpu_threads=2, local_files_only=True)


def batched(model: WhisperModel) -> BatchedInferencePipeline:
    """faster-whisper's own batching of one recording's windows."""
    from faster_whisper import BatchedInferencePipeline

    return BatchedInferencePipeline(model)


def hear(
    model: WhisperModel | BatchedInferencePipeline, recording: Path, way: Way, *, beam_size: int, language: str | None
) -> Heard:
    """Both channels of `recording`, one after the other, decoding included. Temperature 0, words with times."""
    from faster_whisper import decode_audio

    text: dict[Side, str] = {}
    for side, audio in zip(SIDES, decode_audio(str(recording), split_stereo=True), strict=True):
        segments, _ = model.transcribe(
            audio, beam_size=beam_size, temperature=0.0, word_timestamps=True, language=language, **WAYS[way]
        )
        text[side] = " ".join(segment.text.strip() for segment in segments)
    return Heard(text)


class Baselines:
    """faster-whisper with one model; loaded when the first result is not in the cache."""

    def __init__(self, model: Model, *, beam_size: int, language: str | None, cache: Path) -> None:
        self.model = model
        self.beam_size = beam_size
        self.language = language
        self.cache = cache
        self._loaded: WhisperModel | None = None

    def heard(self, recording: Path, way: Way) -> Heard:
        """`hear`, from the cache where it was heard before."""
        path = self.cache / "baselines" / f"{self._key(recording, way)}.json"
        if path.exists():
            return msgspec.json.decode(path.read_bytes(), type=Heard)
        if self._loaded is None:
            self._loaded = load(self.model.dir)
        heard = hear(self._loaded, recording, way, beam_size=self.beam_size, language=self.language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.encode(heard))
        return heard

    def _key(self, recording: Path, way: Way) -> str:
        settings = {"way": way, **WAYS[way], "beam_size": self.beam_size, "language": self.language, "temperature": 0.0}
        meaning = [version("faster-whisper"), sha256(recording), self.model.sha256, settings]
        return hashlib.sha256(msgspec.json.encode(meaning, order="sorted")).hexdigest()


def sha256(path: Path) -> str:
    """The file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
