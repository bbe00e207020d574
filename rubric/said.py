"""A turn that has been read, a trait of it, and what a whole transcript tells of its words and its tone."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from rubric.cues import Hit
from rubric.language import Line
from rubric.wordlists import words
from transcription.types import Turn

# Words that carry no content of their own: never an echo.
STOP = words("stop")
# What is asked for the file, not to understand.
DATA = words("data")
# What customers and companies deal in.
BUSINESS = words("business")


class Said(NamedTuple):
    """A turn with its line of stems, the hits of the cues in it, and the stems that carry its content."""

    turn: Turn
    line: Line
    hits: tuple[Hit, ...]
    content: frozenset[str]


class Trait(NamedTuple):
    """A value, and the half-open range of tokens that shows it (0, 0 where it is the turn as a whole)."""

    value: float
    start: int = 0
    end: int = 0


def content_of(line: Line) -> frozenset[str]:
    """The stems of a line that carry content."""
    return frozenset(each for each in line.stems if len(each) > 2 and each not in STOP and each.isalpha())


class Tone(NamedTuple):
    """The tone of the call so far: how often the customer was heated, the agent cold or warm."""

    heat: int = 0
    cold: int = 0
    warm: int = 0

    def after(self, sums: dict[str, float]) -> Tone:
        """The tone after a turn with these sums of its labels' rules."""
        return Tone(
            self.heat + (sums.get("negative_emotion", 0.0) >= 0.5),
            self.cold + (sums.get("dismissive", 0.0) >= 0.7),
            self.warm + (sums.get("validation", 0.0) >= 0.9),
        )


class Origins(NamedTuple):
    """Where each word of content is said for the first time, by anybody and by each speaker."""

    anyone: dict[str, int]
    by: dict[str, dict[str, int]]
    new: Counter[int]  # how many of its words nobody has said before, by turn
    business: int  # the first turn that speaks of business, or as many turns as there are


def origins(said: tuple[Said, ...]) -> Origins:
    """Where the words of a transcript come from."""
    anyone: dict[str, int] = {}
    by: dict[str, dict[str, int]] = {"agent": {}, "customer": {}, "unknown": {}}
    for index, each in enumerate(said):
        mine = by[each.turn.speaker]
        for stem in each.content:
            anyone.setdefault(stem, index)
            mine.setdefault(stem, index)
    business = min((anyone[stem] for stem in BUSINESS if stem in anyone), default=len(said))
    return Origins(anyone, by, Counter(anyone.values()), business)
