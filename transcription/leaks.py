"""What leaks over from the other channel: the same sound, weaker, at the same time or a little later."""

from __future__ import annotations

import numpy as np

from transcription.sound import FRAME, RATE, SILENCE_DB, Mask, Samples, floor_db, level_db, widened

# The sound may take this long to come round, and is believed to be the other's where the peak of the correlation
# stands out by this factor over its median (channels that share nothing stayed under 35, leaks stood above 57; what
# little a false one explains lies far under the noise).
REACH_S = 0.3
PEAK = 22.0
# A frame is the speaker's own from this much above what the leak explains, and above the line's noise.
MARGIN_DB = 6.0
NOISE_MARGIN_DB = 2.0
# A leak that lies further under the noise than this is not heard; one that is heard is so between its words too.
DROWNED_DB = 8.0
TAIL_S = 0.3


def leaked(audio: Samples, other: Samples, other_speaks: Mask) -> Mask:
    """Frames of `audio` that hold no more than what leaks over from `other`, who speaks where `other_speaks` is true.

    The leak's delay and gain are found once for the call, where the other speaks and is the louder: the peak of the
    cross-correlation of the two channels. A frame is a leak when it is no louder than that gain explains.
    """
    own_db, other_db = level_db(audio), level_db(other)
    frames = len(own_db)
    quieter = other_speaks & (own_db < other_db - MARGIN_DB)
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
    explained_db = 10 * np.log10(10 ** ((leaked_db + MARGIN_DB) / 10) + 10 ** ((noise_db + NOISE_MARGIN_DB) / 10))
    # Where the leak is drowned in the line's noise there is nothing to take out, and faint speech to lose.
    audible = widened(leaked_db > noise_db - DROWNED_DB, TAIL_S)
    return np.asarray((own_db < explained_db) & audible, dtype=np.bool_)


def _delay_and_gain_db(audio: Samples, other: Samples, where: Mask) -> tuple[int, float] | None:
    """The leak's delay in frames and its gain in dB; None where the two channels share nothing."""
    # In blocks of some seconds, so that a long call costs no more memory than a short one.
    block = FRAME * 64
    reach = round(REACH_S * RATE)
    size = 1 << (block + reach - 1).bit_length()
    correlation = np.zeros(size // 2 + 1, dtype=np.complex128)
    energy = 0.0
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
    if energy <= 0 or noise <= 0 or abs(lags[peak]) < PEAK * noise:
        return None
    return round(peak / FRAME), 20 * float(np.log10(abs(lags[peak]) / energy))
