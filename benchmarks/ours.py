"""What the product makes of a recording, by its own path, kept while nothing changes that can change it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import transcription
from benchmarks import cache
from transcription import fingerprint
from transcription.models import Model
from transcription.types import Transcript

SOURCE = fingerprint.of_transcription()
"""Taken while the code is being loaded, so that an edit during a long run is not taken for what ran."""


class Ours:
    """The product with one model, loaded when it is first needed; `fresh` takes no transcript from the cache."""

    def __init__(self, model: Model, *, settings: transcription.Settings, where: Path, fresh: bool = False) -> None:
        self.model = model
        self.settings = settings
        self.cache = where
        self.fresh = fresh

    @cached_property
    def recogniser(self) -> transcription.Recogniser:
        return transcription.Recogniser.load(self.model.dir, name=self.model.name, sha256=self.model.sha256)

    def transcribe(self, recording: Path) -> Transcript:
        """The recording's transcript with the agent taken to be on the left, which is the product's default."""
        return transcription.transcribe(recording, self.recogniser, settings=self.settings)

    def transcript(self, recording: Path) -> Transcript:
        """The same, from the cache where the same code made it before."""
        meaning = [SOURCE, cache.sha256(recording), self.model.name, self.model.sha256, self.settings]
        return cache.kept(
            self.cache / "ours", meaning, Transcript, lambda: self.transcribe(recording), fresh=self.fresh
        )
