"""Which turns take the floor, and when, and which only say that one is listening."""

from __future__ import annotations

from collections.abc import Iterable

from rubric.said import Said
from transcription.backchannels import acknowledges
from transcription.types import Interval, Turn


def taken(said: Iterable[Said]) -> tuple[Said, ...]:
    """The turns that take the floor, in order of time: all but backchannels.

    A backchannel lies inside the other's talk and is marked so, or is at most three words that only acknowledge and
    answer no question: "Yes." behind "Is that your address?" takes the floor, "Okay." behind a statement does not.
    """
    kept: list[Said] = []
    for each in sorted(said, key=lambda each: (each.turn.start_s or 0.0, each.turn.index)):
        if each.turn.backchannel or (acknowledges(each.turn.text) and not _asked(kept, each)):
            continue
        kept.append(each)
    return tuple(kept)


def _asked(before: list[Said], answer: Said) -> bool:
    """Whether the turn before this one is the other's and ends in a question."""
    return bool(before) and before[-1].turn.speaker != answer.turn.speaker and before[-1].line.ends_asking


def span(turn: Turn) -> Interval:
    """The time of a turn that has one."""
    return Interval(turn.start_s or 0.0, turn.end_s or 0.0)
