"""What is measured of a conversation and earns no points: who speaks how much, how fast and when, moods, set phrases.

What each figure means stands at `rubric.types.Measures`, how it is found in the module of its kind: `times`, `pace`,
`mood`, `phrases`. A figure that cannot be known is None, never 0.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import msgspec

from rubric.case import Case
from rubric.measures import floor, mood, pace, phrases, times
from rubric.types import Measures

# Doubts by what they leave unknown; see `transcription.types.Doubt`.
_OF_SOUND = frozenset({"unheard_speech", "dead_channel", "no_speech", "fragment"})
_OF_SPEAKERS = frozenset({"one_channel", "channels_swapped"})
_OF_WORDS = frozenset({"low_confidence", "other_language"})


class Known(NamedTuple):
    """What of a conversation can be relied on: when there was speech, who spoke, and the words."""

    times: bool
    speakers: bool
    words: bool


def of(case: Case, flags: Collection[str]) -> Measures:
    """The measures of a conversation; `flags` are the codes of all doubts about it."""
    known = _known(case, frozenset(flags))
    measured: dict[str, float | int | None] = {}
    if known.times:
        turns = floor.taken(case.said)
        measured |= times.silences(case.transcript, turns, explained=known.speakers and known.words)
        if known.speakers:
            measured |= times.shares(case.transcript, turns)
            if known.words:
                measured |= pace.paces(case.transcript, turns)
    if known.speakers and known.words:
        measured |= mood.moods(case)
        measured["stock_phrase_share"] = phrases.stock_share(case)
    return msgspec.structs.replace(Measures(), **measured)


def _known(case: Case, flags: frozenset[str]) -> Known:
    transcript = case.transcript
    timed = transcript.times_from == "speech" or (
        transcript.times_from == "turns"
        and all(turn.start_s is not None and turn.end_s is not None for turn in transcript.turns)
    )
    return Known(
        times=timed and not case.written and not flags & _OF_SOUND,
        speakers=transcript.speakers_from is not None and not flags & _OF_SPEAKERS,
        words=not flags & (_OF_WORDS | _OF_SOUND),
    )
