"""Word error rate, and words that stand where nobody spoke."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec
from rapidfuzz.distance import Levenshtein

from benchmarks.truth import Truth
from transcription.types import Transcript, Word

TOLERANCE_S = 0.3
"""How far from their speaker's true talk a word may stand before it counts as placed in silence."""


class Errors(msgspec.Struct, frozen=True):
    """Substituted, left out and put in, against the number of words that were said."""

    errors: int = 0
    words: int = 0

    @property
    def rate(self) -> float | None:
        """Word error rate; None where nothing was said."""
        return self.errors / self.words if self.words else None

    def __add__(self, other: Errors) -> Errors:
        return Errors(self.errors + other.errors, self.words + other.words)


class Strays(msgspec.Struct, frozen=True):
    """Words of a transcript, and those whose middle stands where the truth has their speaker silent."""

    words: int = 0
    in_silence: int = 0
    on_hold: int = 0

    def __add__(self, other: Strays) -> Strays:
        return Strays(self.words + other.words, self.in_silence + other.in_silence, self.on_hold + other.on_hold)


def normalised(text: str) -> list[str]:
    """Lower-case words without punctuation; apostrophes close up (`don't` is `dont`). Numerals stay as written."""
    closed = re.sub(r"['’‘`]", "", text.lower())
    return re.sub(r"[\W_]+", " ", closed).split()


def errors(said: Sequence[str], heard: Sequence[str]) -> Errors:
    """The least number of edits that turn the heard words into the said ones."""
    return Errors(Levenshtein.distance(said, heard), len(said))


def call_errors(truth: Truth, heard: dict[str, str]) -> Errors:
    """Over both speakers: each one's heard text, in order of time, against what that speaker said."""
    total = Errors()
    for speaker in truth.channels.values():
        said = normalised(" ".join(turn.text for turn in truth.of(speaker)))
        total += errors(said, normalised(heard.get(speaker, "")))
    return total


def text_by_speaker(transcript: Transcript) -> dict[str, str]:
    """All that each speaker is heard to say, in order of time."""
    texts: dict[str, list[str]] = {}
    for turn in sorted(transcript.turns, key=lambda turn: turn.start_s or 0.0):
        texts.setdefault(turn.speaker, []).append(turn.text)
    return {speaker: " ".join(parts) for speaker, parts in texts.items()}


def strays(truth: Truth, transcript: Transcript) -> Strays:
    """Words whose middle is more than 0.3 s from any turn of their speaker, and those of them on hold music."""
    total = Strays()
    for turn in transcript.turns:
        talk = [(said.start_s - TOLERANCE_S, said.end_s + TOLERANCE_S) for said in truth.of(turn.speaker)]
        holds = [(hold.start_s, hold.end_s) for hold in truth.holds]
        silent = [word for word in turn.words if not _within(word, talk)]
        total += Strays(len(turn.words), len(silent), sum(_within(word, holds) for word in silent))
    return total


def _within(word: Word, stretches: Iterable[tuple[float, float]]) -> bool:
    middle_s = (word.start_s + word.end_s) / 2
    return any(start_s <= middle_s < end_s for start_s, end_s in stretches)
