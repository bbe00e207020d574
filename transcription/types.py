"""What a recording becomes: words, turns, speech and the transcript that holds them.

All values are immutable. Times are seconds from the start of the recording; intervals are half-open.
The types are msgspec structs, so a transcript's JSON is these fields by their names, and reading one back
checks it and names the path of what does not fit.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Speaker = Literal["agent", "customer", "unknown"]
SpeakersFrom = Literal["channels", "diarized", "labelled"]
TimesFrom = Literal["speech", "turns", "cues", "none"]
Medium = Literal["voice", "chat", "email", "social"]


class Interval(msgspec.Struct, frozen=True, array_like=True, order=True):
    """A half-open stretch of time; its JSON is `[start_s, end_s]`."""

    start_s: float
    end_s: float

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    def overlap_s(self, other: Interval) -> float:
        """Seconds that both share; 0.0 where they only touch or are apart."""
        return max(0.0, min(self.end_s, other.end_s) - max(self.start_s, other.start_s))

    def gap_s(self, later: Interval) -> float:
        """Seconds from the end of this one to the start of `later`; negative where they overlap."""
        return later.start_s - self.end_s


class Word(msgspec.Struct, frozen=True):
    """One recognised word with its punctuation; `probability` is the recogniser's, 0 to 1."""

    text: str
    start_s: float
    end_s: float
    probability: float | None = None


class Turn(msgspec.Struct, frozen=True):
    """One speaker's stretch of talk (or one written message).

    `text` is the words joined by single blanks; a word of the text is what stands between blanks, so
    `text.split()[i]` is `words[i].text` wherever words are kept. A backchannel inside the other's talk is a
    turn of its own and marked. Times are None where nothing says them; `sent_at` is for written media.
    """

    index: int
    speaker: Speaker
    start_s: float | None
    end_s: float | None
    text: str
    words: tuple[Word, ...] = ()
    backchannel: bool = False
    sent_at: str | None = None


class Engine(msgspec.Struct, frozen=True):
    """What wrote the transcript: program and version, model, and every setting that can change a word."""

    name: str
    model: str
    model_sha256: str | None = None
    settings: dict[str, str | float | int | bool | None] = {}


class Doubt(msgspec.Struct, frozen=True):
    """Something about the recording that makes parts of it unsafe to judge.

    `code` is one of `unheard_speech`, `low_confidence`, `one_channel`, `dead_channel`, `no_speech`, `truncated`,
    `fragment` (less than half is there), `other_language`, `channels_swapped`; `speaker` says whose channel, None for
    the whole call.
    """

    code: str
    reason: str
    speaker: Speaker | None = None


class Transcript(msgspec.Struct, frozen=True):
    """A call in words: turns in order of time, each speaker's speech, and where all of it came from.

    `times_from` says what the times may be used for: `speech` is voice activity (the truth for timing),
    `turns` are a labelled transcript's own turn times, which stand for speech, `cues` are subtitle times,
    which do not, `none` means there are none. `speakers_from` is None where speakers are not told apart.
    """

    turns: tuple[Turn, ...]
    duration_s: float | None = None
    language: str | None = None
    language_probability: float | None = None
    speakers_from: SpeakersFrom | None = "labelled"
    times_from: TimesFrom = "turns"
    medium: Medium = "voice"
    speech: dict[Speaker, tuple[Interval, ...]] = {}
    engine: Engine | None = None
    doubts: tuple[Doubt, ...] = ()

    def speech_of(self, speaker: Speaker) -> tuple[Interval, ...]:
        """The speaker's speech: voice activity where it was measured, else the times of their turns."""
        if self.times_from == "speech":
            return self.speech.get(speaker, ())
        if self.times_from != "turns":
            return ()
        return tuple(
            Interval(turn.start_s, turn.end_s)
            for turn in self.turns
            if turn.speaker == speaker and turn.start_s is not None and turn.end_s is not None
        )
