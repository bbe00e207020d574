"""What the product makes of a recording, by its own path, kept while nothing changes that can change it."""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path

import transcription
from benchmarks import cache
from transcription.models import Model
from transcription.types import Transcript

CANNOT_CHANGE_A_WORD = frozenset({"errors.py", "fetching.py", "formats.py", "hub.py", "models.py", "subtitles.py"})
"""Modules of transcription whose code no transcript depends on: other forms, finding and fetching models."""


def source_hash() -> str:
    """Hash of all code of the transcription package that can change a transcript."""
    package = Path(transcription.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        if path.name not in CANNOT_CHANGE_A_WORD:
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


SOURCE = source_hash()
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
