"""What faster-whisper itself makes of each channel, called the way its manual shows: the figures to beat.

The one place in the benchmarks that imports faster_whisper. The texts are slow to make and never change, so they are
kept by the hash of the recording, the hash of the model, and every setting.
"""

from __future__ import annotations

from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import msgspec
from faster_whisper import BatchedInferencePipeline, WhisperModel, decode_audio

from benchmarks import cache
from benchmarks.ours import Ours
from benchmarks.truth import Side
from transcription.models import Model

Way = Literal["plain", "vad", "batched"]

WAYS: dict[Way, dict[str, bool | int]] = {
    "plain": {"vad_filter": False},
    "vad": {"vad_filter": True},
    "batched": {"vad_filter": True, "batch_size": 8},
}
"""Settings of each way to call faster-whisper, beside those that all share."""

SIDES: tuple[Side, Side] = ("left", "right")


class Heard(msgspec.Struct, frozen=True):
    """The text that each channel of a recording gave."""

    text: dict[Side, str]


class Baselines:
    """faster-whisper with one model; loaded when it is first needed, with int8 as the product does."""

    def __init__(self, model: Model, *, beam_size: int, language: str | None, where: Path) -> None:
        self.model = model
        self.beam_size = beam_size
        self.language = language
        self.where = where / "baselines"

    @classmethod
    def beside(cls, ours: Ours) -> Baselines:
        """With the same model, beam and language as the product, and the same cache."""
        language = "en" if ours.model.languages == "en" else ours.settings.language
        return cls(ours.model, beam_size=ours.settings.beam_size, language=language, where=ours.cache)

    @cached_property
    def whisper(self) -> WhisperModel:
        return WhisperModel(str(self.model.dir), device="cpu", compute_type="int8", local_files_only=True)

    @cached_property
    def batched(self) -> BatchedInferencePipeline:
        return BatchedInferencePipeline(self.whisper)

    def hear(self, recording: Path, way: Way) -> Heard:
        """Both channels, one after the other, decoding included. Temperature 0, words with times."""
        engine = self.batched if way == "batched" else self.whisper
        text: dict[Side, str] = {}
        for side, audio in zip(SIDES, decode_audio(str(recording), split_stereo=True), strict=True):
            segments, _ = engine.transcribe(
                audio,
                beam_size=self.beam_size,
                temperature=0.0,
                word_timestamps=True,
                language=self.language,
                **WAYS[way],
            )
            text[side] = " ".join(segment.text.strip() for segment in segments)
        return Heard(text)

    def heard(self, recording: Path, way: Way) -> Heard:
        """The same, from the cache where it was heard before."""
        settings = {"way": way, **WAYS[way], "beam_size": self.beam_size, "language": self.language, "temperature": 0.0}
        meaning = [version("faster-whisper"), cache.sha256(recording), self.model.sha256, settings]
        return cache.kept(self.where, meaning, Heard, lambda: self.hear(recording, way))
