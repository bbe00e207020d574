"""What the product finds where readers have labelled: turn by turn, each transcript read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import rubric
from benchmarks.gold import BY_SPEAKER, Conversation, GoldTurn, Row, RowTurn
from benchmarks.tally import Told
from rubric import acts, backchannels, interruptions
from rubric.file import Rubric
from rubric.said import Said
from rubric.types import Act, Scorecard
from transcription.types import Speaker, TimesFrom, Transcript, Turn


class Reading(NamedTuple):
    """A judged turn: what readers and we say of it, and where it stands."""

    told: Told
    transcript: Transcript
    at: int


def of_conversation(conversation: Conversation, transcript: Transcript, card: Scorecard) -> list[Reading]:
    """Every turn of a conversation; the transcript's turns are the conversation's."""
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for act in card.acts:
        found[act.evidence.turn].setdefault(act.label, act.evidence.rule)
    return [
        Reading(Told(conversation.id, _truth(turn), found[at]), transcript, at)
        for at, turn in enumerate(conversation.turns)
    ]


def of_sound(conversation: Conversation, found: Sequence[Act]) -> tuple[list[Told], int]:
    """Every true turn with the acts whose evidence overlaps it most in time, and how many acts overlap none."""
    by_turn: dict[int, dict[str, str]] = defaultdict(dict)
    astray = 0
    for act in found:
        at = nearest(conversation.turns, act)
        if at is None:
            astray += 1
        else:
            by_turn[at].setdefault(act.label, act.evidence.rule)
    told = [Told(conversation.id, _truth(turn), by_turn[at]) for at, turn in enumerate(conversation.turns)]
    return told, astray


def nearest(turns: Sequence[GoldTurn], act: Act) -> int | None:
    """The turn of the act's speaker that its evidence overlaps most in time; None where it overlaps none."""
    best, most = None, 0.0
    for at, turn in enumerate(turns):
        if turn.speaker == act.speaker:
            shared_s = _shared_s(turn, act)
            if shared_s > most:
                best, most = at, shared_s
    return best


def _shared_s(turn: GoldTurn, act: Act) -> float:
    times = (turn.start_s, turn.end_s, act.evidence.start_s, act.evidence.end_s)
    if None in times:
        return 0.0
    start_s, end_s, from_s, to_s = (time or 0.0 for time in times)
    return min(end_s, to_s) - max(start_s, from_s)


def of_rows(rows: Sequence[Row], judge: Rubric) -> Iterator[Reading]:
    """The judged turn of each row that has a label which is scored."""
    for row in rows:
        if row.scored:
            transcript, at = transcript_of((*row.context, row.judged))
            yield Reading(Told(row.group, row.scored, _found(row, transcript, at, judge)), transcript, at)


def transcript_of(turns: Sequence[RowTurn], *, language: str = "en") -> tuple[Transcript, int]:
    """Turns of a corpus as a transcript in order of time, and the place in it of the last one given."""
    timed = all(turn.start_s is not None and turn.end_s is not None for turn in turns)
    order = sorted(range(len(turns)), key=lambda at: (turns[at].start_s or 0.0) if timed else 0.0)
    made = tuple(_turn(index, turns[at], timed=timed) for index, at in enumerate(order))
    times_from: TimesFrom = "turns" if timed else "none"
    return Transcript(turns=made, language=language, times_from=times_from), order.index(len(turns) - 1)


def _turn(index: int, turn: RowTurn, *, timed: bool) -> Turn:
    speaker: Speaker = "agent" if turn.speaker == "agent" else "customer" if turn.speaker == "customer" else "unknown"
    times = (turn.start_s, turn.end_s) if timed else (None, None)
    return Turn(index, speaker, *times, " ".join(turn.text.split()))


def _found(row: Row, transcript: Transcript, at: int, judge: Rubric) -> dict[str, str]:
    found = {
        act.label: act.evidence.rule
        for act in reversed(acts.judge(transcript, said(transcript)))
        if act.evidence.turn == at
    }
    if "backchannel" in row.scored and backchannels.listens(transcript, transcript.turns[at]):
        found["backchannel"] = "backchannel"
    if "interruption" in row.scored:
        between = interruptions.find(transcript, judge.interruptions)
        rule = next((each.rule for each in between.found if each.turn == at), None)
        found |= {"interruption": rule} if rule else {}
    return found


def rebuilt(rows: Sequence[Row]) -> list[RowTurn]:
    """A conversation from its rows in order: what a row's context shares with the end of what is there stands once."""
    whole: list[RowTurn] = []
    for row in rows:
        turns = [*row.context, row.judged]
        words = [(turn.speaker, turn.text) for turn in turns]
        tail = [(turn.speaker, turn.text) for turn in whole[-len(row.context) :]] if row.context else []
        shared = next((size for size in range(len(tail), 0, -1) if tail[-size:] == words[:size]), 0)
        whole += turns[shared:]
    return whole


def percents(rows: Sequence[Row], judge: Rubric) -> list[tuple[float | None, bool]]:
    """The percent of each conversation whose quality its rows tell, and whether that is high."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.meta.get("mi_quality") in {"high", "low"}:
            groups[row.group].append(row)
    return [
        (rubric.score(transcript_of(rebuilt(own))[0], judge).percent, own[0].meta["mi_quality"] == "high")
        for own in groups.values()
    ]


def said(transcript: Transcript) -> tuple[Said, ...]:
    """A transcript read, as `acts.read` does; a turn that stands in the context of many rows is read once."""
    return tuple(_read(turn.speaker, turn.text)._replace(turn=turn) for turn in transcript.turns)


@lru_cache(maxsize=1 << 16)
def _read(speaker: Speaker, text: str) -> Said:
    return acts.read(Transcript(turns=(Turn(0, speaker, None, None, text),)))[0]


def _truth(turn: GoldTurn) -> dict[str, bool]:
    return {label: label in turn.labels for label in BY_SPEAKER[turn.speaker]}
