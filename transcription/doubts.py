"""What makes a recording unsafe to judge, by its sound alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from transcription.audio import Audio, dead
from transcription.speech import Channel
from transcription.types import Doubt, Interval, Speaker
from transcription.whispers import unheard_s

# Speech-like sound that the detector does not hear: so many seconds, and such a share of the speaker's whole talk.
UNHEARD_S = 5.0
UNHEARD_SHARE = 0.2


def of_recording(
    audio: Audio, channels: Mapping[Speaker, Channel], speech: Mapping[Speaker, Sequence[Interval]]
) -> tuple[Doubt, ...]:
    """The doubts about a recording, each with what was measured."""
    return tuple(_of_file(audio, speech)) + tuple(
        doubt for who, channel in channels.items() for doubt in _of_channel(who, channel, speech)
    )


def _of_file(audio: Audio, speech: Mapping[Speaker, Sequence[Interval]]) -> Iterator[Doubt]:
    if audio.missing_s:
        yield Doubt("truncated", f"the file is cut off or damaged: {audio.missing_s:.1f} s of it could not be decoded")
    if audio.missing_s > audio.duration_s:
        yield Doubt(
            "fragment", f"only {audio.duration_s:.1f} s of the recording could be decoded, less than half of it"
        )
    if audio.one_signal:
        yield Doubt("one_channel", "both channels hold the same signal, so the speakers cannot be told apart")
    elif len(audio.channels) == 1:
        yield Doubt("one_channel", "one channel holds every speaker, so they cannot be told apart")
    if not any(speech.values()):
        yield Doubt("no_speech", "no speech was heard in the whole recording")


def _of_channel(who: Speaker, channel: Channel, speech: Mapping[Speaker, Sequence[Interval]]) -> Iterator[Doubt]:
    spoken_s = sum(interval.duration_s for interval in speech[who])
    lost_s = unheard_s(channel)
    if len(speech) == 2 and dead(channel.audio):
        yield Doubt("dead_channel", f"the {who}'s channel is dead: it carries no signal at all", who)
    elif lost_s >= UNHEARD_S and lost_s >= UNHEARD_SHARE * (lost_s + spoken_s):
        yield Doubt(
            "unheard_speech",
            f"{lost_s:.0f} s of the {who}'s channel sound like a whisper or a voice on a bad line, and only "
            f"{spoken_s:.0f} s were heard as speech",
            who,
        )
    elif len(speech) == 2 and not spoken_s and any(speech.values()):
        yield Doubt("no_speech", f"no speech was heard in the {who}'s channel", who)
