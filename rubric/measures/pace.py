"""How fast each speaks, and how far the agent's pace is the customer's.

Two figures, as Levitan and Hirschberg (Measuring Acoustic-Prosodic Entrainment with Respect to Multiple Levels and
Dimensions, Interspeech 2011) tell the level of a whole conversation from what happens turn by turn: the ratio of the
two paces, and the correlation of the agent's pace in a turn with the customer's in the turn before it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import StatisticsError, correlation

from rubric.measures.floor import span
from rubric.said import Said
from transcription.types import Interval, Speaker, Transcript, Turn

# Fewer words in all tell no pace; fewer words in a turn none of that turn; fewer pairs of turns no correlation.
_LEAST_WORDS = 10
_LEAST_IN_TURN = 5
_LEAST_PAIRS = 8
# What stands between blanks; a dash alone is none.


def paces(transcript: Transcript, turns: Sequence[Said]) -> dict[str, float | None]:
    """Words per minute of each, their ratio, and how far the agent follows; `turns` are those that take the floor."""
    agent, customer = (_pace(transcript, speaker) for speaker in ("agent", "customer"))
    return {
        "agent_words_per_minute": agent and round(agent, 1),
        "customer_words_per_minute": customer and round(customer, 1),
        "pace_ratio": round(agent / customer, 3) if agent and customer else None,
        "pace_following": _following(transcript, [each.turn for each in turns]),
    }


def _pace(transcript: Transcript, speaker: Speaker) -> float | None:
    """Words per minute of the speaker's own speech; speech whose words were not caught counts on neither side."""
    speech = transcript.speech_of(speaker)
    own = [turn for turn in transcript.turns if turn.speaker == speaker and turn.text]
    return _rate(sum(map(_words, own)), sum(_spoken_s(turn, speech) for turn in own), _LEAST_WORDS)


def _following(transcript: Transcript, turns: Sequence[Turn]) -> float | None:
    speech = {speaker: transcript.speech_of(speaker) for speaker in ("agent", "customer")}
    pairs: list[tuple[float, float]] = []
    for asked, answer in pairwise(turns):
        if (asked.speaker, answer.speaker) == ("customer", "agent"):
            theirs = _rate(_words(asked), _spoken_s(asked, speech["customer"]), _LEAST_IN_TURN)
            mine = _rate(_words(answer), _spoken_s(answer, speech["agent"]), _LEAST_IN_TURN)
            if theirs is not None and mine is not None:
                pairs.append((theirs, mine))
    if len(pairs) < _LEAST_PAIRS:
        return None
    try:
        return round(correlation(*zip(*pairs, strict=True)), 3)
    except StatisticsError:  # one of them never varies
        return None


def _rate(words: int, seconds: float, least: int) -> float | None:
    return 60 * words / seconds if words >= least and seconds > 0 else None


def _words(turn: Turn) -> int:
    return sum(any(map(str.isalnum, word)) for word in turn.text.split())


def _spoken_s(turn: Turn, speech: Sequence[Interval]) -> float:
    """Seconds of the speaker's speech within the turn; `speech` is in order of time."""
    mine = span(turn)
    spoken = 0.0
    for at in range(bisect_right(speech, mine.start_s, key=lambda each: each.end_s), len(speech)):
        each = speech[at]
        if each.start_s >= mine.end_s:
            break
        spoken += each.overlap_s(mine)
    return spoken
