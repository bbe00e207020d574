"""A recording in, a transcript out: decoding, speech activity, recognition, turns."""

from transcription.pipeline import Settings, Side, engine, swapped, transcribe
from transcription.types import Transcript
from transcription.whisper import Recogniser

__all__ = ["Recogniser", "Settings", "Side", "Transcript", "engine", "swapped", "transcribe"]
