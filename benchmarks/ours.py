"""What the product makes of a recording, by its own path, kept in a cache while nothing that can change it does."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec

import transcription
from benchmarks.baselines import sha256
from transcription.models import Model
from transcription.types import Transcript

UNHEARD = frozenset({"errors.py", "fetching.py", "formats.py", "hub.py", "models.py"})
"""Modules of transcription that cannot change a word: forms to read and write, finding and fetching models."""


def cache_folder() -> Path:
    """Where slow results are kept between runs: the user's own cache, never the repository."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "empathy-qa-benchmarks"


def source_hash() -> str:
    """Hash of all code and data of the transcription package that can change a transcript."""
    package = Path(transcription.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        if path.name not in UNHEARD:
            digest.update(path.relative_to(package).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


class Ours:
    """The product with one model; the model is loaded when the first transcript is not in the cache."""

    def __init__(self, model: Model, *, settings: transcription.Settings, cache: Path, fresh: bool = False) -> None:
        self.model = model
        self.settings = settings
        self.cache = cache
        self.fresh = fresh
        self.source = source_hash()
        self._recogniser: transcription.Recogniser | None = None

    @property
    def recogniser(self) -> transcription.Recogniser:
        """The loaded model, loaded once."""
        if self._recogniser is None:
            self._recogniser = transcription.Recogniser.load(
                self.model.dir, name=self.model.name, sha256=self.model.sha256
            )
        return self._recogniser

    def transcript(self, recording: Path) -> Transcript:
        """The recording's transcript with the agent taken to be on the left, which is the product's default."""
        meaning = [self.source, sha256(recording), self.model.name, self.model.sha256, self.settings]
        name = hashlib.sha256(msgspec.json.encode(meaning, order="sorted")).hexdigest()
        path = self.cache / "ours" / f"{name}.json"
        if path.exists() and not self.fresh:
            return msgspec.json.decode(path.read_bytes(), type=Transcript)
        transcript = transcription.transcribe(recording, self.recogniser, settings=self.settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(msgspec.json.encode(transcript))
        return transcript
