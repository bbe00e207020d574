"""Speech and words cut into turns.

Turns follow the voice, not the recogniser's segments: one speaker's speech with gaps under `turn_gap_s` is one turn,
unless the other takes the floor in the gap. A backchannel inside the other's talk is a turn of its own and marked,
and does not cut the other's turn.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from transcription.backchannels import acknowledges
from transcription.sentences import finished
from transcription.types import Interval, Speaker, Turn, Word

MAX_BACKCHANNEL_S = 0.7


class Stretch(NamedTuple):
    """What may become a turn: a speaker's speech without a long gap, and the words said in it."""

    speaker: Speaker
    speech: tuple[Interval, ...]
    words: tuple[Word, ...]
    backchannel: bool = False

    @property
    def span(self) -> Interval:
        return Interval(self.speech[0].start_s, self.speech[-1].end_s)

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)


def cut(
    speech: Mapping[Speaker, Sequence[Interval]], words: Mapping[Speaker, Sequence[Word]], *, turn_gap_s: float
) -> tuple[Turn, ...]:
    """The turns of a call, in order of time.

    A word belongs to the speech it overlaps most. Speech in which no word was recognised is a turn without text, but
    for what is too short to be one: a cough, an "um" that the recogniser leaves out.
    """
    stretches = {
        speaker: _stretches(speaker, intervals, words.get(speaker, ()), turn_gap_s)
        for speaker, intervals in speech.items()
    }
    marked = {
        speaker: [
            stretch._replace(backchannel=_is_backchannel(stretch, _others(stretches, speaker))) for stretch in own
        ]
        for speaker, own in stretches.items()
    }
    found = [
        part
        for speaker, own in marked.items()
        for stretch in own
        for part in _cut_where_the_floor_is_taken(stretch, _others(marked, speaker))
    ]
    found = [stretch for stretch in found if stretch.words or _spoken_s(stretch) >= MAX_BACKCHANNEL_S]
    found.sort(key=lambda stretch: (stretch.span, stretch.text))
    return tuple(_turn(index, stretch) for index, stretch in enumerate(found))


def _spoken_s(stretch: Stretch) -> float:
    return sum(interval.duration_s for interval in stretch.speech)


def _others(stretches: Mapping[Speaker, Sequence[Stretch]], speaker: Speaker) -> list[Stretch]:
    return [stretch for other, theirs in stretches.items() if other != speaker for stretch in theirs]


def _stretches(speaker: Speaker, speech: Sequence[Interval], words: Sequence[Word], turn_gap_s: float) -> list[Stretch]:
    groups: list[list[Interval]] = []
    for interval in sorted(speech):
        if groups and groups[-1][-1].gap_s(interval) < turn_gap_s:
            groups[-1].append(interval)
        else:
            groups.append([interval])
    said: list[list[Word]] = [[] for _ in groups]
    for word in words:
        said[_nearest(groups, word)].append(word)
    return [Stretch(speaker, tuple(group), tuple(own)) for group, own in zip(groups, said, strict=True)]


def _nearest(groups: Sequence[Sequence[Interval]], word: Word) -> int:
    """The group that `word` was said in or nearest to; the groups are in order of time and do not overlap."""
    middle_s = (word.start_s + word.end_s) / 2
    after = bisect_right(groups, middle_s, key=lambda group: group[0].start_s)
    before = max(0, after - 1)
    if after == len(groups) or middle_s - groups[before][-1].end_s <= groups[after][0].start_s - middle_s:
        return before
    return after


def _is_backchannel(stretch: Stretch, others: Sequence[Stretch]) -> bool:
    """Inside the other's talk, and either only acknowledgements or a sound too short to be a bid for the floor."""
    span = stretch.span
    around = [o for o in others if o.span.start_s < span.start_s and span.end_s < o.span.end_s]
    if not around:
        return False
    talked_over = sum(interval.overlap_s(span) for other in around for interval in other.speech)
    brief = _spoken_s(stretch) < MAX_BACKCHANNEL_S
    return acknowledges(stretch.text) or (brief and talked_over > span.duration_s / 2)


def _cut_where_the_floor_is_taken(stretch: Stretch, others: Sequence[Stretch]) -> list[Stretch]:
    """The stretch, cut at each gap in which the other takes the floor."""
    parts: list[list[Interval]] = [[stretch.speech[0]]]
    for before, after in pairwise(stretch.speech):
        gap = Interval(before.end_s, after.start_s)
        if any(_takes_the_floor(gap, stretch, other) for other in others):
            parts.append([])
        parts[-1].append(after)
    if len(parts) == 1:
        return [stretch]
    said: list[list[Word]] = [[] for _ in parts]
    for word in stretch.words:
        said[_nearest(parts, word)].append(word)
    return [
        Stretch(stretch.speaker, tuple(part), tuple(own), stretch.backchannel)
        for part, own in zip(parts, said, strict=True)
    ]


def _takes_the_floor(gap: Interval, stretch: Stretch, other: Stretch) -> bool:
    """Whether `other` begins in the gap, and either is done in it or had found the sentence before it finished.

    One who begins in the pause of an unfinished sentence, and is talked over when it goes on, took nothing.
    """
    if other.backchannel or not gap.start_s <= other.span.start_s < gap.end_s:
        return False
    return other.span.end_s <= gap.end_s or finished(
        " ".join(word.text for word in stretch.words if word.start_s < gap.start_s)
    )


def _turn(index: int, stretch: Stretch) -> Turn:
    span = stretch.span
    return Turn(
        index=index,
        speaker=stretch.speaker,
        start_s=round(span.start_s, 3),
        end_s=round(span.end_s, 3),
        text=stretch.text,
        words=stretch.words,
        backchannel=stretch.backchannel,
    )
