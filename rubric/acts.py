"""What each turn does: acts found by the cues and by rules that look at what was said before."""

from __future__ import annotations

from typing import NamedTuple

from rubric import cues, language
from rubric.language import Line
from rubric.types import Act, Evidence
from transcription.types import Transcript, Turn


class Said(NamedTuple):
    """A turn with its line of stems and the hits of the cues in it."""

    turn: Turn
    line: Line
    hits: tuple[cues.Hit, ...]


def read(transcript: Transcript) -> tuple[Said, ...]:
    """Every turn read and its cues found."""
    said: list[Said] = []
    for turn in transcript.turns:
        line = language.read(turn.text)
        hits = tuple(cues.find(line, turn.speaker)) if turn.speaker != "unknown" else ()
        said.append(Said(turn, line, hits))
    return tuple(said)


def find(transcript: Transcript) -> tuple[Act, ...]:
    """The acts of a transcript, in order of turns; a pure function of it."""
    return judge(read(transcript))


def judge(said: tuple[Said, ...]) -> tuple[Act, ...]:
    """The acts of turns already read."""
    acts: list[Act] = []
    for each in said:
        by_label: dict[str, list[cues.Hit]] = {}
        for hit in each.hits:
            by_label.setdefault(hit.rule.label, []).append(hit)
        for label, hits in sorted(by_label.items()):
            if sum(hit.rule.weight for hit in hits) < 1.0:
                continue
            best = min(hits, key=lambda hit: (hit.rule.weak, -hit.rule.weight, hit.start))
            acts.append(
                Act(label, each.turn.speaker, evidence(each.turn, each.line, best.start, best.end, best.rule.name),
                    weak=best.rule.weak)
            )
    return tuple(acts)


def evidence(turn: Turn, line: Line, start: int, end: int, rule: str) -> Evidence:
    """The words that tokens `start` to `end` of a line came from, with their times where words have them."""
    first = line.word_of[start]
    last = line.word_of[end - 1] + 1
    quote = " ".join(line.words[first:last])
    if turn.words and len(turn.words) == len(line.words):
        return Evidence(turn.index, (first, last), quote, rule, turn.words[first].start_s, turn.words[last - 1].end_s)
    return Evidence(turn.index, (first, last), quote, rule, *_share(turn, first, last, len(line.words)))


def _share(turn: Turn, first: int, last: int, count: int) -> tuple[float | None, float | None]:
    """When words were said, by their share of the turn where they have no times of their own."""
    if turn.start_s is None or turn.end_s is None or not count:
        return None, None
    length = turn.end_s - turn.start_s
    return round(turn.start_s + length * first / count, 3), round(turn.start_s + length * last / count, 3)
