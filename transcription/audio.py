"""A recording decoded: one array of samples per channel, and what is wrong with it.

Any format that the FFmpeg libraries in PyAV read: wav (PCM, mu-law, A-law), mp3, flac, ogg, opus, m4a and more.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
from av.audio.resampler import AudioResampler

from transcription.errors import BadRecording
from transcription.sound import RATE, Samples

# Two channels count as one signal twice when what differs between them is this far under what they share.
SAME_SIGNAL_DB = -40.0
# A container that declares more sound than could be decoded is said to be cut off or damaged from here on.
MISSING_S = 1.0
MISSING_SHARE = 0.02
# A channel whose samples all stay under this (-90 dB of full scale) is dead.
DEAD_LEVEL = 10 ** (-90 / 20)


Pcm = np.ndarray[tuple[int, int], np.dtype[np.int16]]  # shape (channels, samples)


class Audio(NamedTuple):
    """What a file holds.

    `channels` is one float32 array at 16 kHz for mono, left and right for two channels; `missing_s` the seconds that
    the file declares and that could not be decoded; `one_signal` says that both its channels hold the same signal.
    """

    channels: tuple[Samples, ...]
    duration_s: float
    missing_s: float
    one_signal: bool


def decode(path: Path, *, max_duration_s: float) -> Audio:
    """Decode `path`; two channels that hold one signal come back as one.

    Raises BadRecording for a file that is missing, empty, not audio, in an unknown codec, without samples, of more than
    two channels, or longer than `max_duration_s`.
    """
    if not path.is_file():
        raise BadRecording(f"{path}: no such file")
    if not path.stat().st_size:
        raise BadRecording(f"{path}: the file is empty; was the recording still being written?")
    try:
        samples, declared_s = _samples(path, max_duration_s)
    except (av.FFmpegError, IndexError, ValueError) as error:
        raise BadRecording(f"{path}: not a recording that can be decoded ({_cause(error)})") from error
    if not samples.shape[1]:
        raise BadRecording(f"{path}: holds no sound; the header is there but nothing after it")
    duration_s = samples.shape[1] / RATE
    missing_s = max(0.0, declared_s - duration_s)
    channels = tuple(samples[index].astype(np.float32) / 32768.0 for index in range(samples.shape[0]))
    same = len(channels) == 2 and _same_signal(*channels)
    return Audio(
        channels=channels[:1] if same else channels,
        duration_s=duration_s,
        missing_s=missing_s if missing_s > max(MISSING_S, MISSING_SHARE * declared_s) else 0.0,
        one_signal=same,
    )


def declared_s(path: Path) -> float | None:
    """The seconds that a file says it holds; None where it says nothing, or cannot be read."""
    try:
        with av.open(str(path), mode="r", metadata_errors="ignore") as container:
            return float(container.duration) / av.time_base if container.duration else None
    except (av.FFmpegError, IndexError, ValueError, OSError):
        return None


def dead(channel: Samples) -> bool:
    """Whether the channel carries nothing at all, not even a line's noise."""
    return not len(channel) or float(np.max(np.abs(channel))) < DEAD_LEVEL


def _samples(path: Path, max_duration_s: float) -> tuple[Pcm, float]:
    """All samples, and the seconds that the container declares (0.0 if it does not).

    A packet that cannot be decoded becomes silence of its own length, so that what follows keeps its time.
    """
    blocks: list[Pcm] = []
    decoded_s = 0.0
    with av.open(str(path), mode="r", metadata_errors="ignore") as container:
        stream = container.streams.audio[0]
        if stream.codec_context is None:
            raise BadRecording(f"{path}: its sound is in no codec that is known here; send it as wav, mp3, ogg or flac")
        if stream.channels > 2:
            raise BadRecording(f"{path}: has {stream.channels} channels; one speaker per channel, two at the most")
        declared_s = float(container.duration or 0) / av.time_base
        too_long = f"longer than the {max_duration_s / 3600:g} hours allowed (setting max_duration_s)"
        if declared_s > max_duration_s:
            raise BadRecording(f"{path}: {declared_s / 3600:.1f} hours, {too_long}")
        resampler = AudioResampler(format="s16p", layout="stereo" if stream.channels == 2 else "mono", rate=RATE)
        for packet in container.demux(stream):
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                frames, lost_s = [], max(0.0, float((packet.duration or 0) * (packet.time_base or 0)))
            else:
                lost_s = 0.0
            decoded_s += lost_s + sum(frame.samples / frame.sample_rate for frame in frames)
            if decoded_s > max_duration_s:  # said before room is made for it: a damaged packet may declare any length
                raise BadRecording(f"{path}: {too_long}")
            if lost_s:
                blocks.append(np.zeros((stream.channels, round(lost_s * RATE)), dtype=np.int16))
            for frame in frames:
                frame.pts = None  # time stamps of damaged files jump; the samples are what counts
                blocks += [_pcm(block) for block in resampler.resample(frame)]
        blocks += [_pcm(block) for block in resampler.resample(None)]
    return np.concatenate(blocks, axis=1) if blocks else np.zeros((1, 0), dtype=np.int16), declared_s


def _pcm(frame: av.AudioFrame) -> Pcm:
    return np.asarray(frame.to_ndarray(), dtype=np.int16)


def _cause(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return "no audio in it" if isinstance(error, IndexError) else text.splitlines()[0]


def _same_signal(left: Samples, right: Samples) -> bool:
    """Whether right is left at any level: what one leaves of the other is noise."""
    shared = float(np.dot(left, right))
    energy_left, energy_right = float(np.dot(left, left)), float(np.dot(right, right))
    if dead(left) or dead(right) or shared <= 0:
        return False
    unexplained = 1 - shared**2 / (energy_left * energy_right)
    return bool(10 * np.log10(max(unexplained, 1e-12)) < SAME_SIGNAL_DB)
