"""Speech packed into as few windows of 30 s as it takes, and words mapped back to the time they were said.

A piece is one stretch of speech with a little of the recording on either side, for the recogniser's sake; a window
is pieces of one channel in order of time with a breath of silence between them. Nothing but speech is transcribed,
and a word can only stand where there is speech.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from transcription.sound import FRAME_S, RATE, PerFrame, Samples
from transcription.types import Interval, Word

# Seconds of the recording kept on either side of a stretch of speech, and of silence put between two pieces.
PAD_S = 0.15
BREATH_S = 0.05
MARGIN_S = 2 * PAD_S + BREATH_S
# Stretches of speech closer than this stay one piece, with the recording between them.
JOIN_S = 0.6
# A piece is cut to fill the rest of a window only where this much of it fits.
MIN_PART_S = 2.0
# Speech shorter than this may well be an "um", which the recogniser leaves out; by itself it would be guessed at.
WORDY_S = 0.8
# A word this far from a piece, in the window, may still have been said in it.
PULL_S = 0.7


class Piece(NamedTuple):
    """`speech` said at its own time in the call, found from `start_s` on in the window."""

    speech: tuple[Interval, ...]
    cut: Interval
    start_s: float


class Window(NamedTuple):
    """Up to 30 s of one channel's speech: what the recogniser hears at once."""

    audio: Samples
    pieces: tuple[Piece, ...]


def pack(audio: Samples, speech: Sequence[Interval], probability: PerFrame, *, window_s: float) -> list[Window]:
    """Windows that hold all of a channel's speech, in order, each no longer than `window_s`."""
    limit_s = window_s - MARGIN_S
    groups: list[list[tuple[Interval, ...]]] = []
    room_s = 0.0
    for joined in _joined(_split(speech, probability, limit_s)):
        rest = joined
        while rest:
            fits = _fitting(rest, room_s)
            if not fits:
                groups.append([])
                room_s = window_s
                fits = _fitting(rest, room_s)
            groups[-1].append(fits)
            room_s -= _length_s(fits)
            rest = rest[len(fits) :]
    return [_window(audio, group) for group in groups]


def _length_s(piece: Sequence[Interval]) -> float:
    """What a piece takes up of a window."""
    return piece[-1].end_s - piece[0].start_s + MARGIN_S


def _fitting(piece: tuple[Interval, ...], room_s: float) -> tuple[Interval, ...]:
    """As much from the start of the piece as fits: all of it, or up to the widest pause in the last third of the room.

    Nothing where the part would be too short to be worth cutting a sentence for.
    """
    if _length_s(piece) <= room_s:
        return piece
    cuts = [
        count for count in range(1, len(piece)) if max(MIN_PART_S, room_s * 2 / 3) <= _length_s(piece[:count]) <= room_s
    ]
    best = max(cuts, key=lambda count: piece[count - 1].gap_s(piece[count]), default=0)
    return piece[:best]


def _split(speech: Sequence[Interval], probability: PerFrame, limit_s: float) -> list[Interval]:
    """Speech with every stretch longer than `limit_s` cut where the detector was least sure of voice."""
    pieces: list[Interval] = []
    for interval in speech:
        rest = interval
        while rest.duration_s > limit_s:
            first, last = round((rest.start_s + limit_s / 2) / FRAME_S), round((rest.start_s + limit_s) / FRAME_S)
            cut_s = (first + int(np.argmin(probability[first:last]))) * FRAME_S
            pieces.append(Interval(rest.start_s, cut_s))
            rest = Interval(cut_s, rest.end_s)
        pieces.append(rest)
    return pieces


def _joined(speech: Sequence[Interval]) -> list[tuple[Interval, ...]]:
    """Stretches that follow each other closely, as one piece each."""
    pieces: list[list[Interval]] = []
    for interval in speech:
        if pieces and pieces[-1][-1].gap_s(interval) < JOIN_S:
            pieces[-1].append(interval)
        else:
            pieces.append([interval])
    return [tuple(piece) for piece in pieces]


def _window(audio: Samples, group: Sequence[tuple[Interval, ...]]) -> Window:
    breath = np.zeros(round(BREATH_S * RATE), dtype=np.float32)
    parts: list[Samples] = []
    pieces: list[Piece] = []
    samples = 0
    for speech in group:
        first = max(0, round((speech[0].start_s - PAD_S) * RATE))
        part = audio[first : round((speech[-1].end_s + PAD_S) * RATE)]
        pieces.append(Piece(speech, Interval(first / RATE, (first + len(part)) / RATE), samples / RATE))
        parts += [part, breath]
        samples += len(part) + len(breath)
    return Window(np.concatenate(parts), tuple(pieces))


def unpack(window: Window, words: Sequence[Word]) -> list[Word]:
    """The window's words at their true times, each inside one stretch of speech, in order."""
    placed: list[Word] = []
    for word, piece in zip(words, _homes(window.pieces, words), strict=True):
        shift_s = piece.cut.start_s - piece.start_s
        said = Interval(word.start_s + shift_s, word.end_s + shift_s)
        speech = max(piece.speech, key=lambda interval: _nearness(interval, said))
        start_s = min(max(said.start_s, speech.start_s), speech.end_s - FRAME_S)
        end_s = max(min(said.end_s, speech.end_s), start_s + FRAME_S)
        if placed:  # the recogniser's order is the order in which words were said
            start_s = max(start_s, placed[-1].start_s)
        placed.append(Word(word.text, start_s, max(end_s, start_s), word.probability))
    return placed


def without_words(window: Window, placed: Sequence[Word]) -> list[Interval]:
    """The speech of those pieces in which not one word was recognised, though they are long enough to hold some."""
    return [
        interval
        for piece in window.pieces
        if sum(interval.duration_s for interval in piece.speech) >= WORDY_S
        and not any(Interval(word.start_s, word.end_s).overlap_s(own) for word in placed for own in piece.speech)
        for interval in piece.speech
    ]


def _homes(pieces: Sequence[Piece], words: Sequence[Word]) -> list[Piece]:
    """The piece that each word was said in: the nearest, but for one word at a border that its sentence pulls over.

    The recogniser's times are off by some tenths of a second at a pause, and a sentence seldom runs over one: the
    word that ends a sentence stays with it, the word that begins one goes with what follows.
    """
    homes = [max(range(len(pieces)), key=lambda index: _closeness(pieces[index], word)) for word in words]
    for last in range(len(words) - 1):
        here, there = homes[last], homes[last + 1]
        if there != here + 1 or _ends(words[last]):
            continue
        alone_here = last > 0 and homes[last - 1] == here and _ends(words[last - 1])
        if _ends(words[last + 1]) and -_closeness(pieces[here], words[last + 1]) < PULL_S:
            homes[last + 1] = here
        elif alone_here and -_closeness(pieces[there], words[last]) < PULL_S:
            homes[last] = there
    return [pieces[home] for home in homes]


def _ends(word: Word) -> bool:
    return word.text.endswith((".", "?", "!"))


def _closeness(piece: Piece, word: Word) -> float:
    shift_s = piece.start_s - piece.cut.start_s
    heard = Interval(piece.speech[0].start_s + shift_s, piece.speech[-1].end_s + shift_s)
    return _nearness(heard, Interval(word.start_s, word.end_s))


def _nearness(interval: Interval, other: Interval) -> float:
    """Seconds shared, or minus the seconds that part them."""
    return interval.overlap_s(other) or -max(other.start_s - interval.end_s, interval.start_s - other.end_s)
