"""How much of an agent's empathy could be said to anybody, or has been said before."""

from __future__ import annotations

import re

from rubric.case import Case, gist, once
from rubric.said import STOP
from rubric.types import Act
from rubric.wordlists import words

EMPATHY = ("validation", "validation_weak", "apology", "ownership")
# What set phrases are made of: a sentence with no other word of content names nothing of this conversation.
_SET = words("set_phrases") | words("padding") | STOP
# A name put in makes no sentence another one: "I'm sorry to hear that, Mrs Bell."
_ADDRESS = re.compile(r",\s+(?:(?:Mr|Mrs|Ms|Miss|Dr)\.?\s+)?[A-Z][\w'’-]+(?=[,.!?]|$)")


def stock_share(case: Case) -> float | None:
    """Share of the agent's sentences of empathy that are set phrases, or repeat an earlier one; None without any.

    A sentence that shows several acts counts once. It is a set phrase where all its words of content but a name are
    of the list `set_phrases`, or where it has a phrase of `validation_weak` and neither validation nor ownership.
    """
    sentences: dict[tuple[int, int, int], list[Act]] = {}
    for act in case.of(*EMPATHY):
        sentences.setdefault((act.evidence.turn, *act.evidence.words), []).append(act)
    if not sentences:
        return None
    new = {id(act) for act in once(acts[0] for acts in sentences.values())}
    stock = [acts for acts in sentences.values() if id(acts[0]) not in new or _is_set(acts)]
    return round(len(stock) / len(sentences), 4)


def _is_set(acts: list[Act]) -> bool:
    labels = {act.label for act in acts}
    weak = "validation_weak" in labels and labels.isdisjoint({"validation", "ownership"})
    return weak or _nameless(acts[0].evidence.quote) <= _SET


def _nameless(quote: str) -> frozenset[str]:
    return gist(_ADDRESS.sub("", quote))


def known_by(act: Act) -> str | None:
    """What the same sentence of empathy is known by in another call: its stems in order of the alphabet.

    None for other acts.
    """
    return " ".join(sorted(_nameless(act.evidence.quote))) if act.label in EMPATHY else None
