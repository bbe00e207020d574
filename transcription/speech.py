"""Where each speaker's channel has voice.

The detector (Silero, through `whisper.speech_probability`) gives one probability per 32 ms. This module turns the
probabilities of two channels into intervals of speech: edges by hysteresis, what leaks over from the other channel
and what belongs to hold music taken out, without padding. These intervals are the truth for all timing.

Sizes: `audio` is float32 at 16 kHz, -1 to 1; `probability` and every per-frame array have one value per `FRAME`
samples, the last frame padded with silence.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from transcription.leaks import leaked
from transcription.sound import FRAME_S, RATE, SILENCE_DB, Mask, PerFrame, Samples, closed, floor_db, level_db, runs
from transcription.types import Interval

# A stretch is speech once the detector is sure (ON); it begins where the detector starts to believe (ONSET) and ends
# where it stops believing (OFF). The detector's own single threshold is late by 0.085 s at the median and 0.28 s at
# the 95th percentile, which loses interruptions that are just long enough.
ON, ONSET, OFF = 0.4, 0.1, 0.3
ONSET_REACH_S = 0.3
MIN_SILENCE_S = 0.16
MIN_SPEECH_S = 0.06
# Less belief is asked for so close behind speech, of a sound within so much of its level and so far above the noise.
CLOSE_S = 0.6
CLOSE_UNDER_SPEECH_DB = 12.0
CLOSE_OVER_FLOOR_DB = 12.0
# The detector can miss a first syllable altogether. A beginning is taken back over sound that is nearly as loud as the
# speech it leads into (a breath is not: it lies 25 dB and more below), across pauses no longer than a plosive's.
LEAD_REACH_S = 0.4
LEAD_PAUSE_S = 0.13
LEAD_UNDER_SPEECH_DB = 20.0
LEAD_OVER_FLOOR_DB = 8.0
# An end is moved on while a rest of belief is left and the sound stands out of the noise.
TRAIL = 0.05
TRAIL_REACH_S = 0.5
TRAIL_OVER_FLOOR_DB = 3.0

# Weak syllables of one's own, spoken over the other, look like a leak, but a shorter one than is ever heard as speech.
MIN_LEAK_S = 0.25

# Hold music and tones: loud for this long while the detector hears no voice. A blip that touches it belongs to it.
SOUND_OVER_FLOOR_DB = 8.0
MIN_SOUND_S = 2.0
MUSIC_BLIP_S = 0.7
MUSIC_TOUCH_S = 0.3


class Channel(NamedTuple):
    """One channel as it is heard: its samples, and per frame what is known of them.

    `probability`: how sure the detector is of voice, 0 to 1; `level_db`: dB of full scale; `leaked`: whether there is
    no more in the frame than what leaks over from the other channel.
    """

    audio: Samples
    probability: PerFrame
    level_db: PerFrame
    leaked: Mask


def intervals(probability: PerFrame, own_db: PerFrame) -> tuple[Interval, ...]:
    """Speech by hysteresis: sure somewhere, from where it begins to where belief ends for `MIN_SILENCE_S`.

    Close behind speech, a sound as loud as it needs less belief: the detector tires of some voices.
    """
    silence, close = round(MIN_SILENCE_S / FRAME_S), round(CLOSE_S / FRAME_S)
    floor = floor_db(own_db)
    found: list[list[int]] = []
    for start, end in runs(probability >= OFF):
        believed = probability[start:end]
        after, spoken_db = (found[-1][1], _loudness_db(own_db, *found[-1])) if found else (0, 0.0)
        if found and start - after < silence:
            found[-1][1] = end
        elif (believed >= ON).any() or (
            found
            and start - after < close
            and _loudness_db(own_db, start, end) > max(spoken_db - CLOSE_UNDER_SPEECH_DB, floor + CLOSE_OVER_FLOOR_DB)
        ):
            first = start + int(np.argmax(believed >= ON))  # its own first frame where it is sure of none
            onset = _believed_from(first, probability, after)
            found.append([_lead(onset, end, own_db, floor, after), end])
    return tuple(
        Interval(start * FRAME_S, end * FRAME_S) for start, end in found if (end - start) * FRAME_S >= MIN_SPEECH_S
    )


def _loudness_db(own_db: PerFrame, start: int, end: int) -> float:
    """The level that a quarter of the frames reach: that of the vowels."""
    return float(np.percentile(own_db[start:end], 75))


def _believed_from(first: int, probability: PerFrame, after: int) -> int:
    """The frame from which the detector believes in the voice that it is sure of at `first`."""
    earliest = max(first - round(ONSET_REACH_S / FRAME_S), after)
    onset = first
    while onset > earliest and probability[onset - 1] >= ONSET:
        onset -= 1
    return onset


def _lead(onset: int, end: int, own_db: PerFrame, floor: float, after: int) -> int:
    """The frame where the sound that leads into the speech at `onset` begins; `onset` where there is none."""
    spoken_db = float(np.max(own_db[onset : min(end, onset + round(0.5 / FRAME_S))]))
    loud = own_db > max(spoken_db - LEAD_UNDER_SPEECH_DB, floor + LEAD_OVER_FLOOR_DB)
    earliest = max(onset - round(LEAD_REACH_S / FRAME_S), after)
    pause = 0
    first = onset
    for frame in range(onset - 1, earliest - 1, -1):
        pause = 0 if loud[frame] else pause + 1
        if pause * FRAME_S > LEAD_PAUSE_S:
            break
        if loud[frame]:
            first = frame
    return first


def loud_without_voice(probability: PerFrame, own_db: PerFrame) -> list[tuple[int, int]]:
    """Frame ranges that are loud for seconds while the detector hears no voice: hold music, tones, a whisper."""
    loud = own_db > floor_db(own_db) + SOUND_OVER_FLOOR_DB
    return [
        (start, end)
        for start, end in runs(closed(loud & (probability < OFF), MUSIC_TOUCH_S))
        if (end - start) * FRAME_S >= MIN_SOUND_S
    ]


def without_music_blips(speech: tuple[Interval, ...], sounds: list[tuple[int, int]]) -> tuple[Interval, ...]:
    """Speech without the short blips that touch a stretch of music: the detector's start-up on a new sound."""

    def touches(interval: Interval) -> bool:
        return any(
            interval.start_s < end * FRAME_S + MUSIC_TOUCH_S and interval.end_s > start * FRAME_S - MUSIC_TOUCH_S
            for start, end in sounds
        )

    return tuple(i for i in speech if i.duration_s >= MUSIC_BLIP_S or not touches(i))


def listen(
    audio: Samples, probability: PerFrame, other: Samples | None = None, other_probability: PerFrame | None = None
) -> Channel:
    """A channel beside the other one, if there is another."""
    own_db = level_db(audio)
    from_other = (
        np.zeros(len(own_db), dtype=np.bool_)
        if other is None or other_probability is None
        else leaked(audio, other, other_probability >= ON)
    )
    return Channel(audio, probability, own_db, from_other)


def of_channel(channel: Channel) -> tuple[Interval, ...]:
    """A channel's speech, without what leaks over from the other channel and without blips of hold music."""
    leaked = channel.leaked.copy()
    for start, end in runs(leaked):
        if (end - start) * FRAME_S < MIN_LEAK_S:
            leaked[start:end] = False
    voice = intervals(np.where(leaked, 0.0, channel.probability), np.where(leaked, SILENCE_DB, channel.level_db))
    own = tuple(interval for interval in voice if np.mean(channel.leaked[_frames(interval)]) < 0.5)
    spoken = without_music_blips(own, loud_without_voice(channel.probability, channel.level_db))
    return _with_trails(spoken, channel)


def _with_trails(speech: tuple[Interval, ...], channel: Channel) -> tuple[Interval, ...]:
    """Speech with each end moved to where the last syllable has faded.

    While some belief is left and the sound stands out of the noise: one who is cut off often fades rather than stops.
    """
    floor = floor_db(channel.level_db)
    fading = (channel.probability >= TRAIL) & (channel.level_db > floor + TRAIL_OVER_FLOOR_DB) & ~channel.leaked
    found: list[Interval] = []
    for place, interval in enumerate(speech):
        next_s = speech[place + 1].start_s if place + 1 < len(speech) else len(fading) * FRAME_S
        end = _frames(interval).stop
        latest = min(round(next_s / FRAME_S), end + round(TRAIL_REACH_S / FRAME_S))
        while end < latest and fading[end]:
            end += 1
        found.append(
            Interval(interval.start_s, min(end * FRAME_S, len(channel.audio) / RATE))
        )  # the last frame is padded
    return tuple(found)


def _frames(interval: Interval) -> slice:
    return slice(round(interval.start_s / FRAME_S), round(interval.end_s / FRAME_S))
