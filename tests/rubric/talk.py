"""Conversations written down in tests, and what a scorecard says of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import rubric
from rubric.types import Score, Scorecard, Verdict
from transcription.types import Medium, Speaker, Transcript, Turn

SECONDS = 6.0

Said = tuple[Speaker, str]

_SPEAKERS: dict[str, Speaker] = {"A": "agent", "C": "customer"}
# "A: text", "A 4-9.5: text" with the seconds of the turn, "A 2026-03-02T09:00: text" with when it was sent.
_LINE = re.compile(r"(?P<who>[AC])(?: (?P<start>[\d.]+)-(?P<end>[\d.]+)| (?P<sent>\d{4}-\S+))?: (?P<text>.+)")


def call(*said: Said) -> Transcript:
    """A conversation without overlap: a turn every six seconds."""
    return Transcript(
        turns=tuple(_spoken(index, speaker, text) for index, (speaker, text) in enumerate(said)),
        language="en",
        times_from="turns",
    )


def read(text: str, medium: Medium = "voice") -> Transcript:
    """A conversation of lines like "A: Hello."; of a call without times, a turn every six seconds."""
    turns = tuple(_turns(text, medium))
    return Transcript(turns=turns, language="en", times_from="turns" if medium == "voice" else "none", medium=medium)


def _turns(text: str, medium: Medium) -> Iterator[Turn]:
    for index, line in enumerate(text.strip().splitlines()):
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"no line of a conversation: {line!r}; write 'A: text' or 'C: text'")
        speaker = _SPEAKERS[found["who"]]
        if found["start"]:
            yield Turn(index, speaker, float(found["start"]), float(found["end"]), found["text"])
        elif medium == "voice":
            yield _spoken(index, speaker, found["text"])
        else:
            yield Turn(index, speaker, None, None, found["text"], sent_at=found["sent"])


def _spoken(index: int, speaker: Speaker, text: str) -> Turn:
    return Turn(index, speaker, index * SECONDS, index * SECONDS + SECONDS - 0.5, text)


def judged(transcript: Transcript, criterion: str) -> Score:
    """What the default rubric says of a conversation, by one criterion."""
    return score_of(rubric.score(transcript, rubric.load()), criterion)


def score_of(card: Scorecard, criterion: str) -> Score:
    return next(score for score in card.scores if score.criterion == criterion)


def verdict(card: Scorecard, criterion: str) -> Verdict:
    return score_of(card, criterion).verdict
