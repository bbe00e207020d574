"""How far starts and ends of turns are off, and which interruptions were found, missed or invented."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec

from benchmarks.truth import PARTIES, Party, Truth, TruthTurn
from rubric.types import Interruption
from transcription.types import Interval, Transcript

Counts = TypeVar("Counts", bound=msgspec.Struct)

TURN_GAP_S = 0.6
"""Design: gaps under this within one speaker's talk are one turn, unless the other takes the floor in them."""
INTERRUPTION_S = 0.5
"""A marked interruption counts as true from this much overlap."""
DOUBTFUL_S = 0.45
"""Any other overlap from this on may be reported or not: the ear could go either way."""
MATCH_S = 1.2
"""How far apart the true and the found start of one interruption may be."""


class Edges(msgspec.Struct, frozen=True):
    """Seconds by which starts and ends are off, and how the true turns were met."""

    turns: int = 0
    start_off_s: tuple[float, ...] = ()
    end_off_s: tuple[float, ...] = ()
    missed_s: tuple[float, ...] = ()
    invented_s: tuple[float, ...] = ()
    split_s: tuple[float, ...] = ()

    def __add__(self, other: Edges) -> Edges:
        return _added(self, other)


class Found(msgspec.Struct, frozen=True):
    """Interruptions by one side, each by its start: rightly found, missed, invented, and neither way."""

    hits_s: tuple[float, ...] = ()
    missed_s: tuple[float, ...] = ()
    invented_s: tuple[float, ...] = ()
    ignored_s: tuple[float, ...] = ()

    @property
    def precision(self) -> float | None:
        found = len(self.hits_s) + len(self.invented_s)
        return len(self.hits_s) / found if found else None

    @property
    def recall(self) -> float | None:
        true = len(self.hits_s) + len(self.missed_s)
        return len(self.hits_s) / true if true else None

    def __add__(self, other: Found) -> Found:
        return _added(self, other)


def _added(one: Counts, other: Counts) -> Counts:
    fields = type(one).__struct_fields__
    return type(one)(**{field: getattr(one, field) + getattr(other, field) for field in fields})


def joined(truth: Truth, speaker: Party) -> list[Interval]:
    """The speaker's true turns as the design counts them.

    Small gaps are closed where no turn of the other but a backchannel touches the gap; a backchannel stays apart.
    """
    others = [turn for turn in truth.turns if turn.speaker != speaker and turn.overlap != "backchannel"]
    talk: list[Interval] = []
    for turn in truth.of(speaker):
        if turn.overlap == "backchannel":
            continue
        last = talk[-1] if talk else None
        if last is None or turn.start_s - last.end_s >= TURN_GAP_S or _floor_taken(last, turn.interval, others):
            talk.append(turn.interval)
        else:
            talk[-1] = Interval(last.start_s, max(last.end_s, turn.end_s))
    backchannels = [turn.interval for turn in truth.of(speaker) if turn.overlap == "backchannel"]
    return sorted(talk + backchannels)


def _floor_taken(last: Interval, following: Interval, others: Sequence[TruthTurn]) -> bool:
    return any(last.end_s < other.end_s and other.start_s < following.start_s for other in others)


def edges(truth: Truth, transcript: Transcript) -> Edges:
    """Each true turn against the found turn of its speaker that overlaps it most."""
    total = Edges()
    for speaker in PARTIES:
        found = [
            Interval(turn.start_s, turn.end_s)
            for turn in transcript.turns
            if turn.speaker == speaker and turn.start_s is not None and turn.end_s is not None
        ]
        total += _edges(joined(truth, speaker), found)
    return total


def _edges(true: Sequence[Interval], found: Sequence[Interval]) -> Edges:
    starts, ends, missed, split = [], [], [], []
    for turn in true:
        met = [other for other in found if turn.overlap_s(other) > 0]
        if not met:
            missed.append(turn.start_s)
            continue
        best = max(met, key=turn.overlap_s)
        starts.append(abs(best.start_s - turn.start_s))
        ends.append(abs(best.end_s - turn.end_s))
        if len(met) > 1:
            split.append(turn.start_s)
    invented = [other.start_s for other in found if not any(turn.overlap_s(other) > 0 for turn in true)]
    return Edges(len(true), tuple(starts), tuple(ends), tuple(missed), tuple(invented), tuple(split))


def true_interruptions(truth: Truth, by: Party) -> tuple[list[float], list[float]]:
    """Starts of the interruptions by one side that must be found, and of overlaps that count neither way.

    Must be found: marked so, and overlapping the other's previous turn, which is cut off, by 0.5 s or more.
    Neither way: any other overlap of 0.45 s or more that begins while the other speaks.
    """
    must, may = [], []
    for turn in truth.of(by):
        begun = [other for other in truth.turns if other.speaker != by and other.start_s <= turn.start_s]
        if not begun:
            continue
        previous = max(begun, key=lambda other: other.start_s)
        overlap_s = turn.interval.overlap_s(previous.interval)
        if turn.overlap == "interruption" and previous.cut_off and overlap_s >= INTERRUPTION_S:
            must.append(turn.start_s)
        elif overlap_s >= DOUBTFUL_S:
            may.append(turn.start_s)
    return must, may


def interruptions(truth: Truth, found: Sequence[Interruption], by: Party) -> Found:
    """Those by one side; each true one is matched by the nearest found one within 1.2 s, each found one once."""
    must, may = true_interruptions(truth, by)
    left = sorted(one.start_s for one in found if one.by == by and one.start_s is not None)
    hits, missed = [], []
    for true_s in must:
        nearest = min(left, key=lambda start_s: abs(start_s - true_s), default=None)
        if nearest is None or abs(nearest - true_s) > MATCH_S:
            missed.append(true_s)
        else:
            hits.append(true_s)
            left.remove(nearest)
    ignored = [start_s for start_s in left if any(abs(start_s - doubtful_s) <= MATCH_S for doubtful_s in may)]
    invented = [start_s for start_s in left if start_s not in ignored]
    return Found(tuple(hits), tuple(missed), tuple(invented), tuple(ignored))
