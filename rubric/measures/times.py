"""Who spoke how much and for how long at a stretch, how soon one answered the other, and when nobody spoke.

All of it is measured on speech, where one speaker's voice is, and never on the recogniser's segments. In a labelled
transcript the times of turns stand for speech: pauses inside a turn then count as talk.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from statistics import median

from rubric.measures.floor import span
from rubric.said import Said
from transcription.types import Interval, Speaker, Transcript, Turn

# Longer than this is a silence, and ends a monologue.
SILENCE_S = 3.0
# An explanation stands in the last so many sentences before the silence.
_JUST_BEFORE = 2
_PARTIES: tuple[Speaker, Speaker] = ("agent", "customer")


def shares(transcript: Transcript, turns: Sequence[Said]) -> dict[str, float | None]:
    """Talk share, longest monologues and times to answer; `turns` are those that take the floor."""
    spoken = {speaker: _total_s(transcript.speech_of(speaker)) for speaker in _PARTIES}
    together = spoken["agent"] + spoken["customer"]
    answers = _answers([each.turn for each in turns])
    return {
        "agent_talk_share": round(spoken["agent"] / together, 4) if together else None,
        "agent_longest_monologue_s": _longest(transcript, turns, "agent", "customer"),
        "customer_longest_monologue_s": _longest(transcript, turns, "customer", "agent"),
        "agent_answer_s": _median(answers["agent"]),
        "customer_answer_s": _median(answers["customer"]),
    }


def _longest(transcript: Transcript, turns: Sequence[Said], speaker: Speaker, other: Speaker) -> float | None:
    """The longest stretch in which `speaker` talks, no turn of the other's but a backchannel falls, and no silence."""
    cuts = [span(each.turn) for each in turns if each.turn.speaker == other]
    talk = without(transcript.speech_of(speaker), cuts)
    longest: float | None = None
    begin_s = end_s = None
    for stretch, mine in sorted([*((each, True) for each in talk), *((each, False) for each in cuts)]):
        if not mine:
            begin_s = None
            continue
        if begin_s is None or end_s is None or stretch.start_s - end_s > SILENCE_S:
            begin_s = stretch.start_s
        end_s = stretch.end_s
        longest = max(longest or 0.0, end_s - begin_s)
    return None if longest is None else round(longest, 3)


def without(talk: Iterable[Interval], cuts: Sequence[Interval]) -> list[Interval]:
    """What of the talk lies outside the cuts; both in order of time."""
    left: list[Interval] = []
    first = 0
    for each in talk:
        start_s = each.start_s
        while first < len(cuts) and cuts[first].end_s <= start_s:
            first += 1
        at = first
        while at < len(cuts) and cuts[at].start_s < each.end_s:
            if cuts[at].start_s > start_s:
                left.append(Interval(start_s, cuts[at].start_s))
            start_s = max(start_s, cuts[at].end_s)
            at += 1
        if start_s < each.end_s:
            left.append(Interval(start_s, each.end_s))
    return left


def _answers(turns: Sequence[Turn]) -> dict[Speaker, list[float]]:
    """For each speaker the seconds from the end of the other's turn to the start of theirs, whenever the floor changes.

    One who begins before the other has ended takes no time: 0. A turn that ends before the other's does takes nothing
    over: it is no answer, and neither is what the other goes on to say.
    """
    gaps: dict[Speaker, list[float]] = {"agent": [], "customer": [], "unknown": []}
    last: Turn | None = None
    for turn in turns:
        if last is not None and span(turn).end_s <= span(last).end_s:
            continue
        if last is not None and last.speaker != turn.speaker and "unknown" not in {last.speaker, turn.speaker}:
            gaps[turn.speaker].append(max(0.0, span(last).gap_s(span(turn))))
        last = turn
    return gaps


def silences(transcript: Transcript, turns: Sequence[Said], *, explained: bool) -> dict[str, float | int | None]:
    """How often and how long nobody spoke for over 3 s, and how much of it was explained, where that can be known."""
    found = _silences(transcript)
    held = [each for each in found if _is_explained(each, turns)] if explained else None
    return {
        "silences": len(found),
        "silence_s": _total_s(found),
        "explained_silences": None if held is None else len(held),
        "explained_silence_s": None if held is None else _total_s(held),
    }


def _silences(transcript: Transcript) -> list[Interval]:
    """Where nobody speaks for longer than SILENCE_S, between the first word and the last."""
    talk = sorted(each for speaker in (*_PARTIES, "unknown") for each in transcript.speech_of(speaker))
    found: list[Interval] = []
    end_s = talk[0].end_s if talk else 0.0
    for each in talk:
        if round(each.start_s - end_s, 3) > SILENCE_S:
            found.append(Interval(end_s, each.start_s))
        end_s = max(end_s, each.end_s)
    return found


def _is_explained(silence: Interval, turns: Sequence[Said]) -> bool:
    """Whether the agent's last turn before it ends in asking to wait, or the customer's, if that comes last.

    A customer who says how long they were "on hold" asks nobody to wait.
    """
    last = bisect_left(turns, silence.start_s, key=lambda each: span(each.turn).start_s) - 1
    agents = next((turns[at] for at in range(last, -1, -1) if turns[at].turn.speaker == "agent"), None)
    if agents is not None and _asks_to_wait(agents):
        return True
    return last >= 0 and _asks_to_wait(turns[last]) and " on hold " not in turns[last].line.text


def _asks_to_wait(said: Said) -> bool:
    """Whether one of the last sentences says to wait, or what is being done: "bear with me while I look"."""
    tail = said.line.sentences[-_JUST_BEFORE:]
    return bool(tail) and any(hit.rule.name == "talk.hold-on" and hit.end > tail[0].start for hit in said.hits)


def _total_s(stretches: Iterable[Interval]) -> float:
    return round(sum((each.duration_s for each in stretches), start=0.0), 3)


def _median(gaps: Sequence[float]) -> float | None:
    return round(median(gaps), 3) if gaps else None
