"""The two channels of a recording, and who is on which."""

from __future__ import annotations

from typing import Literal

import msgspec

from transcription.types import Speaker, Transcript, Turn

Side = Literal["left", "right"]


def swapped(transcript: Transcript) -> Transcript:
    """The same transcript with agent and customer exchanged: the channels were the other way round."""
    other: dict[Speaker, Speaker] = {"agent": "customer", "customer": "agent", "unknown": "unknown"}

    def turn(own: Turn) -> Turn:
        return msgspec.structs.replace(own, speaker=other[own.speaker])

    return msgspec.structs.replace(
        transcript,
        turns=tuple(turn(own) for own in transcript.turns),
        speech={other[who]: intervals for who, intervals in transcript.speech.items()},
        doubts=tuple(
            msgspec.structs.replace(doubt, speaker=doubt.speaker and other[doubt.speaker])
            for doubt in transcript.doubts
        ),
    )
