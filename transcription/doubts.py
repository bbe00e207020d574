"""What makes a recording unsafe to judge, by its sound alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from transcription.audio import Audio, dead
from transcription.speech import PerFrame, Samples
from transcription.types import Doubt, Interval, Speaker


def of_recording(
    audio: Audio,
    channels: Mapping[Speaker, Samples],
    probability: Mapping[Speaker, PerFrame],
    speech: Mapping[Speaker, Sequence[Interval]],
) -> tuple[Doubt, ...]:
    """The doubts about a recording, each with what was measured."""
    found: list[Doubt] = []
    if audio.missing_s:
        found.append(
            Doubt(
                "truncated",
                f"the file declares {audio.missing_s:.1f} s more than could be decoded; it is cut off or damaged",
            )
        )
    if audio.one_signal:
        found.append(Doubt("one_channel", "both channels hold the same signal, so the speakers cannot be told apart"))
    elif len(channels) == 1:
        found.append(Doubt("one_channel", "one channel holds every speaker, so they cannot be told apart"))
    if not any(speech.values()):
        found.append(Doubt("no_speech", "no speech was heard in the whole recording"))
    for who, samples in channels.items():
        if len(channels) == 2 and dead(samples):
            found.append(Doubt("dead_channel", f"the {who}'s channel is dead: it carries no signal at all", who))
        elif len(channels) == 2 and not speech[who] and any(speech.values()):
            found.append(Doubt("no_speech", f"no speech was heard in the {who}'s channel", who))
    return tuple(found)
