"""Sound cut into frames: its types, its levels, and the little algebra of masks over frames.

`Samples` is float32 at 16 kHz, -1 to 1. Every per-frame array has one value per `FRAME` samples (32 ms), the last
frame padded with silence.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
PerFrame = NDArray[np.float64]
Mask = NDArray[np.bool_]

RATE = 16_000
FRAME = 512
FRAME_S = FRAME / RATE
SILENCE_DB = -100.0


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


def closed(mask: Mask, gap_s: float) -> Mask:
    """The mask with gaps shorter than `gap_s` filled."""
    filled = mask.copy()
    for start, end in runs(~mask):
        if start > 0 and end < len(mask) and (end - start) * FRAME_S < gap_s:
            filled[start:end] = True
    return filled


def widened(mask: Mask, by_s: float) -> Mask:
    """The mask true for `by_s` more on either side."""
    reach = round(by_s / FRAME_S)
    spread = np.convolve(mask, np.ones(2 * reach + 1))  # its mode "same" is as long as the longer of the two
    return np.asarray(spread[reach : reach + len(mask)] > 0, dtype=np.bool_)
