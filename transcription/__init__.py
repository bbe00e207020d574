"""A recording in, a transcript out: decoding, speech activity, recognition, turns."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transcription.audio import declared_s
    from transcription.channels import Side, swapped
    from transcription.origin import Settings, engine
    from transcription.pipeline import transcribe
    from transcription.types import Transcript
    from transcription.whisper import Recogniser

_HOMES = {
    "Recogniser": "transcription.whisper",
    "Settings": "transcription.origin",
    "Side": "transcription.channels",
    "Transcript": "transcription.types",
    "declared_s": "transcription.audio",
    "engine": "transcription.origin",
    "swapped": "transcription.channels",
    "transcribe": "transcription.pipeline",
}

__all__ = ["Recogniser", "Settings", "Side", "Transcript", "declared_s", "engine", "swapped", "transcribe"]


def __getattr__(name: str) -> Any:
    """The public names, each imported when first used: reading a stored transcript needs no recogniser."""
    if name not in _HOMES:
        raise AttributeError(f"module 'transcription' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
