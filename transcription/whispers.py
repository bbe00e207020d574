"""Talk that the voice detector misses: a whisper, a voice on a bad line."""

from __future__ import annotations

import numpy as np

from transcription.sound import FRAME, FRAME_S, closed, floor_db, runs
from transcription.speech import OFF, Channel

# A whisper. Measured on one: 25 dB over the floor, a swing of 5 to 10 dB, flatness of 0.07 to 0.2; on hold music a
# swing of 3 to 4 dB and no flatness; breath and the noise of handling stay short or faint.
HISS_OVER_FLOOR_DB = 15.0
HISS_UNDER_LOUDEST_DB = 20.0
HISS_SWING_DB = 4.5
HISS_FLATNESS = 0.04
HISS_PAUSE_S = 0.3
MIN_HISS_S = 1.0
SPEECH_BAND = slice(6, 110)  # of the spectrum of one frame: 190 to 3,400 Hz


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
        for start, end in runs(closed(sounding, HISS_PAUSE_S))
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
