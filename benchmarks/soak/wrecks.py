"""Recordings that are none, or none any more: damaged, mislabelled, absurd, or far larger than they look."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from benchmarks.soak import sounds
from transcription.sound import RATE

LENGTH_S = 4.0
"""How long the recordings are that are wrecked."""

BOMB_MINUTES = 60


class Wreck(NamedTuple):
    """A file: what was done to it, the name that it is sent under, and its bytes."""

    kind: str
    name: str
    data: bytes


def wreck(rng: random.Random) -> Wreck:
    """Any one."""
    kind = rng.choice(list(KINDS))
    suffix, data = KINDS[kind](rng)
    return Wreck(kind, f"{kind.replace(' ', '-')}.{suffix}", data)


Made = tuple[str, bytes]
"""A suffix, and bytes."""


def _whole(rng: random.Random) -> Made:
    suffix = rng.choice(list(sounds.CODECS))
    return suffix, sounds.encoded(sounds.piece(rng, length_s=LENGTH_S), suffix)


def _flipped(rng: random.Random) -> Made:
    suffix, data = _whole(rng)
    changed = bytearray(data)
    for _ in range(rng.choice([1, 10, 100, 1000])):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return suffix, bytes(changed)


def _flipped_head(rng: random.Random) -> Made:
    suffix, data = _whole(rng)
    changed = bytearray(data)
    for _ in range(rng.choice([1, 3, 10])):
        changed[rng.randrange(200)] ^= 1 << rng.randrange(8)
    return suffix, bytes(changed)


def _truncated(rng: random.Random) -> Made:
    suffix, data = _whole(rng)
    return suffix, data[: rng.choice([rng.randint(1, 64), rng.randrange(1, len(data))])]


def _beheaded(rng: random.Random) -> Made:
    suffix, data = _whole(rng)
    return suffix, data[rng.randrange(1, len(data)) :]


def _joined(rng: random.Random) -> Made:
    (suffix, first), (_, second) = _whole(rng), _whole(rng)
    return suffix, first[: rng.randrange(1, len(first))] + second


def _misnamed(rng: random.Random) -> Made:
    _, data = _whole(rng)
    return rng.choice(["exe", "txt", "mp3", "wav", "zip", "WAV"]), data


def _absurd_wav(rng: random.Random) -> Made:
    """A header that says anything: codec, channels, rates, sizes."""
    samples = sounds.piece(rng, length_s=LENGTH_S).T.tobytes()

    def any_of(*values: int, usual: int) -> int:
        return rng.choice(values) if rng.random() < 0.4 else usual

    head = struct.pack(
        "<HHIIHH",
        any_of(0, 2, 3, 6, 7, 17, 0x55, 0xFFFE, 0xFFFF, usual=1),
        any_of(0, 1, 3, 255, 0xFFFF, usual=2),
        any_of(0, 1, 7, 192_000, 0x7FFFFFFF, 0xFFFFFFFF, usual=16_000),
        any_of(0, 1, 0xFFFFFFFF, usual=64_000),
        any_of(0, 1, 3, 0xFFFF, usual=4),
        any_of(0, 1, 7, 24, 32, 64, 0xFFFF, usual=16),
    )
    size = any_of(0, 1, 0x7FFFFFFF, 0xFFFFFFFF, usual=len(samples))
    chunks = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", size) + samples
    return "wav", b"RIFF" + struct.pack("<I", any_of(0, 0xFFFFFFFF, usual=len(chunks))) + chunks


def _absurd_flac(rng: random.Random) -> Made:
    """The stream's own description (34 bytes after `fLaC` and a block's head) overwritten in part."""
    data = bytearray(sounds.encoded(sounds.piece(rng, length_s=LENGTH_S), "flac"))
    begin = rng.randrange(8, 38)
    data[begin : begin + 8] = rng.choice([b"\x00" * 8, b"\xff" * 8, rng.randbytes(8)])
    return "flac", bytes(data)


def _bomb(rng: random.Random) -> Made:
    """An hour of silence, whose header says so, or that it is unknown how much there is."""
    data = bytearray(_silence())
    if rng.random() < 0.5:  # the 36 bits of the number of samples
        data[21] &= 0xF0
        data[22:26] = bytes(4)
    return "flac", bytes(data) + rng.randbytes(4)  # so that each is another recording


@cache
def _silence() -> bytes:
    return sounds.encoded(np.zeros((2, 60 * RATE), dtype=np.int16), "flac", times=BOMB_MINUTES)


def _slow_wav(rng: random.Random) -> Made:
    """A few kilobytes that are hours, at one sample a second."""
    return "wav", sounds.wav(sounds.piece(rng, length_s=0.5), rate=1)


def _empty(_: random.Random) -> Made:
    return "wav", b""


def _random(rng: random.Random) -> Made:
    return "wav", rng.randbytes(rng.choice([1, 100, 100_000]))


def _text(rng: random.Random) -> Made:
    text = rng.choice(
        [
            "<html><body>404</body></html>",
            "#EXTM3U\n#EXTINF:9,\nfile:///etc/hostname\n",
            "ffconcat version 1.0\nfile /etc/hostname\n",
            "%PDF-1.7",
            "WEBVTT\n\n00:00.000 --> 00:01.000\nHi",
        ]
    )
    return "mp3", f"{text}\n{rng.random()}".encode()


def _noise(rng: random.Random) -> Made:
    noise = np.frombuffer(rng.randbytes(2 * 2 * int(LENGTH_S * RATE)), dtype=np.int16)
    return "wav", sounds.wav(noise.reshape(2, -1))


KINDS: dict[str, Callable[[random.Random], Made]] = {
    "whole": _whole, "bits flipped": _flipped, "head flipped": _flipped_head, "truncated": _truncated,
    "beheaded": _beheaded, "joined": _joined, "misnamed": _misnamed, "absurd wav": _absurd_wav,
    "absurd flac": _absurd_flac, "bomb": _bomb, "slow wav": _slow_wav, "empty": _empty, "random": _random,
    "text": _text, "noise": _noise,
}  # fmt: skip
"""What can be wrong with a recording."""
