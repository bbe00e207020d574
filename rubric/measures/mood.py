"""How the customer comes and how they go, by what they say."""

from __future__ import annotations

from rubric.case import Case

_UPSET = ("negative_emotion", "unresolved")
_CONTENT = ("positive", "resolved")
# Fewer words than this, with no feeling in them, tell no mood.
_LEAST_WORDS = 5


def moods(case: Case) -> dict[str, float | None]:
    """The mood in the first and in the last third of the customer's turns, backchannels apart.

    A third is at least one turn. With a single turn there is no end that is not the start, and both are unknown.
    """
    turns = case.turns_of("customer")
    third = -(-len(turns) // 3)
    if len(turns) < 2:
        return {"mood_start": None, "mood_end": None}
    return {"mood_start": _mood(case, {*turns[:third]}), "mood_end": _mood(case, {*turns[-third:]})}


def _mood(case: Case, turns: set[int]) -> float | None:
    """Of the turns that show a feeling, the share that is content less the share that is upset."""
    content = turns & {act.evidence.turn for act in case.of(*_CONTENT)}
    upset = turns & {act.evidence.turn for act in case.of(*_UPSET)}
    if content or upset:
        return round((len(content) - len(upset)) / (len(content) + len(upset)), 3)
    words = sum(len(each.line.words) for each in case.said if each.turn.index in turns)
    return 0.0 if words >= _LEAST_WORDS else None
