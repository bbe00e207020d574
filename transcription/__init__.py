"""A recording in, a transcript out: decoding, speech activity, recognition, turns."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transcription.pipeline import Settings, Side, engine, swapped, transcribe
    from transcription.types import Transcript
    from transcription.whisper import Recogniser

_HOMES = {
    "Recogniser": "transcription.whisper",
    "Settings": "transcription.pipeline",
    "Side": "transcription.pipeline",
    "Transcript": "transcription.types",
    "engine": "transcription.pipeline",
    "swapped": "transcription.pipeline",
    "transcribe": "transcription.pipeline",
}

__all__ = ["Recogniser", "Settings", "Side", "Transcript", "engine", "swapped", "transcribe"]


def __getattr__(name: str) -> Any:
    """The public names, each imported when first used: reading a stored transcript needs no recogniser."""
    if name not in _HOMES:
        raise AttributeError(f"module 'transcription' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
