"""Channels the wrong way round, by what is said."""

from rubric.types import Evidence
from transcription.types import Transcript


def swap_suspected(transcript: Transcript) -> tuple[Evidence, ...]:
    """The words that show that "agent" and "customer" are exchanged; empty where nothing does."""
    return ()
