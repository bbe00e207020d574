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
from numpy.typing import NDArray

from transcription.types import Interval

Samples = NDArray[np.float32]
PerFrame = NDArray[np.float64]
Mask = NDArray[np.bool_]

RATE = 16_000
FRAME = 512
FRAME_S = FRAME / RATE

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
TRAIL = 0.05
TRAIL_REACH_S = 0.5
TRAIL_OVER_FLOOR_DB = 3.0

# A leak: how far above what the other channel explains a frame must be to count as this speaker's own, how long the
# sound may take to come round, and how far the peak of the correlation must stand out before a leak is believed.
LEAK_MARGIN_DB = 6.0
NOISE_MARGIN_DB = 2.0
LEAK_DROWNED_DB = 8.0
LEAK_TAIL_S = 0.3
# Weak syllables of one's own, spoken over the other, look like a leak, but for shorter than any that passes for speech.
MIN_LEAK_S = 0.25
LEAK_REACH_S = 0.3
LEAK_PEAK = 22.0
SILENCE_DB = -100.0

# Hold music and tones: loud for this long while the detector hears no voice. A blip that touches it belongs to it.
SOUND_OVER_FLOOR_DB = 8.0
MIN_SOUND_S = 2.0
MUSIC_BLIP_S = 0.7
MUSIC_TOUCH_S = 0.3

# A whisper. Measured on one: 25 dB over the floor, a swing of 5 to 10 dB, flatness of 0.07 to 0.2; on hold music a
# swing of 3 to 4 dB and no flatness; breath and the noise of handling stay short or faint.
HISS_OVER_FLOOR_DB = 15.0
HISS_UNDER_LOUDEST_DB = 20.0
HISS_SWING_DB = 4.5
HISS_FLATNESS = 0.04
HISS_PAUSE_S = 0.3
MIN_HISS_S = 1.0
SPEECH_BAND = slice(6, 110)  # of the spectrum of one frame: 190 to 3,400 Hz


class Channel(NamedTuple):
    """One channel as it is heard: its samples, and per frame what is known of them.

    `probability`: how sure the detector is of voice, 0 to 1; `level_db`: dB of full scale; `leaked`: whether there is
    no more in the frame than what leaks over from the other channel.
    """

    audio: Samples
    probability: PerFrame
    level_db: PerFrame
    leaked: Mask


def level_db(audio: Samples) -> PerFrame:
    """Mean level of each frame in dB of full scale, never under `SILENCE_DB`."""
    frames = -(-len(audio) // FRAME)
    padded = np.zeros(frames * FRAME, dtype=np.float64)
    padded[: len(audio)] = audio
    power = np.mean(padded.reshape(frames, FRAME) ** 2, axis=1)
    return np.asarray(np.maximum(10 * np.log10(power + 1e-12), SILENCE_DB))


def floor_db(levels_db: PerFrame) -> float:
    """The line's own noise: the level that a tenth of the frames stay under."""
    return float(np.percentile(levels_db, 10))


def runs(mask: Mask) -> list[tuple[int, int]]:
    """The half-open index ranges in which `mask` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


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


def leak(audio: Samples, other: Samples, other_probability: PerFrame) -> Mask:
    """Frames of `audio` that hold no more than what leaks over from `other`.

    The leak's delay and gain are found once for the call, where the other speaks and is the louder: the peak of the
    cross-correlation of the two channels. A frame is a leak when it is no louder than that gain explains.
    """
    own_db, other_db = level_db(audio), level_db(other)
    frames = len(own_db)
    quieter = (other_probability >= ON) & (own_db < other_db - LEAK_MARGIN_DB)
    nothing = np.zeros(frames, dtype=np.bool_)
    if not quieter.any():
        return nothing
    found = _delay_and_gain_db(audio, other, quieter)
    if found is None:
        return nothing
    delay, gain_db = found
    around = np.pad(other_db, (delay + 1, 1), constant_values=SILENCE_DB)
    leaked_db = np.max([around[shift : shift + frames] for shift in range(3)], axis=0) + gain_db
    noise_db = floor_db(own_db)
    explained_db = 10 * np.log10(10 ** ((leaked_db + LEAK_MARGIN_DB) / 10) + 10 ** ((noise_db + NOISE_MARGIN_DB) / 10))
    # Where the leak is drowned in the line's noise there is nothing to take out, and faint speech to lose.
    audible = _widened(leaked_db > noise_db - LEAK_DROWNED_DB, LEAK_TAIL_S)
    return np.asarray((own_db < explained_db) & audible, dtype=np.bool_)


def _widened(mask: Mask, by_s: float) -> Mask:
    """The mask true for `by_s` more on either side."""
    reach = 2 * round(by_s / FRAME_S) + 1
    return np.asarray(np.convolve(mask, np.ones(reach), mode="same") > 0, dtype=np.bool_)


def _delay_and_gain_db(audio: Samples, other: Samples, where: Mask) -> tuple[int, float] | None:
    """The leak's delay in frames and its gain in dB; None where the two channels share nothing."""
    reach = round(LEAK_REACH_S * RATE)
    size = 1 << (2 * FRAME * 64 + reach).bit_length()
    correlation = np.zeros(size // 2 + 1, dtype=np.complex128)
    energy = 0.0
    # In blocks of some seconds, so that a long call costs no more memory than a short one.
    block = FRAME * 64
    for first in range(0, len(audio), block):
        frames = where[first // FRAME : first // FRAME + 64]
        if not frames.any():
            continue
        keep = np.repeat(frames, FRAME)
        own = audio[first : first + block].astype(np.float64) * keep[: len(audio[first : first + block])]
        past = other[max(0, first - reach) : first + block].astype(np.float64)
        shift = first - max(0, first - reach)
        theirs = np.fft.rfft(past, size)
        correlation += np.fft.rfft(np.concatenate((np.zeros(shift), own)), size) * np.conj(theirs)
        energy += float(np.sum((other[first : first + len(own)] * keep[: len(own)]) ** 2))
    lags = np.fft.irfft(correlation, size)[:reach]
    peak = int(np.argmax(np.abs(lags)))
    noise = float(np.median(np.abs(lags)))
    if energy <= 0 or noise <= 0 or abs(lags[peak]) < LEAK_PEAK * noise:
        return None
    return round(peak / FRAME), 20 * float(np.log10(abs(lags[peak]) / energy))


def loud_without_voice(probability: PerFrame, own_db: PerFrame) -> list[tuple[int, int]]:
    """Frame ranges that are loud for seconds while the detector hears no voice: hold music, tones, a whisper."""
    loud = own_db > floor_db(own_db) + SOUND_OVER_FLOOR_DB
    return [
        (start, end)
        for start, end in runs(_closed(loud & (probability < OFF), MUSIC_TOUCH_S))
        if (end - start) * FRAME_S >= MIN_SOUND_S
    ]


def _closed(mask: Mask, gap_s: float) -> Mask:
    """The mask with gaps shorter than `gap_s` filled."""
    filled = mask.copy()
    for start, end in runs(~mask):
        if start > 0 and end < len(mask) and (end - start) * FRAME_S < gap_s:
            filled[start:end] = True
    return filled


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
    leaked = (
        np.zeros(len(own_db), dtype=np.bool_)
        if other is None or other_probability is None
        else leak(audio, other, other_probability)
    )
    return Channel(audio, probability, own_db, leaked)


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
    starts = [interval.start_s for interval in speech[1:]] + [len(fading) * FRAME_S]
    found: list[Interval] = []
    for interval, next_s in zip(speech, starts, strict=True):
        end = _frames(interval).stop
        latest = min(round(next_s / FRAME_S), end + round(TRAIL_REACH_S / FRAME_S))
        while end < latest and fading[end]:
            end += 1
        found.append(Interval(interval.start_s, end * FRAME_S))
    return tuple(found)


def _frames(interval: Interval) -> slice:
    return slice(round(interval.start_s / FRAME_S), round(interval.end_s / FRAME_S))


def unheard_s(channel: Channel) -> float:
    """Seconds that sound like talk to the eye and not to the detector: a whisper, a voice on a bad line.

    Such sound is far above the line's noise and not far below the loudest of the channel (a breath is), rises and
    falls like syllables, has the hiss of breath in the band of speech (music and tones have not) and goes on for a
    second or more.
    """
    sounding = ~channel.leaked & (channel.probability < OFF)
    sounding &= channel.level_db > floor_db(channel.level_db) + HISS_OVER_FLOOR_DB
    return sum(
        (end - start) * FRAME_S
        for start, end in runs(_closed(sounding, HISS_PAUSE_S))
        if (end - start) * FRAME_S >= MIN_HISS_S and _like_whisper(channel, slice(start, end))
    )


def _like_whisper(channel: Channel, where: slice) -> bool:
    levels = channel.level_db[where]
    sound = channel.audio[where.start * FRAME : where.stop * FRAME]
    whole = len(sound) // FRAME
    frames = sound[: whole * FRAME].reshape(whole, FRAME) * np.hanning(FRAME)
    power = np.abs(np.fft.rfft(frames, axis=1)[:, SPEECH_BAND]) ** 2 + 1e-12
    flatness = float(np.median(np.exp(np.mean(np.log(power), axis=1)) / np.mean(power, axis=1)))
    loud = levels > floor_db(channel.level_db) + HISS_OVER_FLOOR_DB
    loudest_db = float(np.percentile(channel.level_db, 95))
    return bool(
        float(np.mean(loud)) > 0.5
        and float(np.median(levels[loud])) > loudest_db - HISS_UNDER_LOUDEST_DB
        and float(np.std(levels)) > HISS_SWING_DB
        and flatness > HISS_FLATNESS
    )
