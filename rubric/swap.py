"""Channels the wrong way round, found by what is said and never by who speaks first.

Each speaker's words are read for what only the company says (its greeting, verification, "anything else I can help
you with") and for what only a customer says ("I'm calling about my..."). The channels are suspected where the
"customer" talks like the company, and both together talk more like each other's part than like their own.
"""

from __future__ import annotations

from typing import NamedTuple

from rubric import acts, cues
from rubric.said import Said
from rubric.types import Evidence
from transcription.types import Transcript

# What counts for whom; each rule counts once for a speaker, however often it is said.
COMPANY = {
    "company-greeting": 2.0, "verifies": 1.5, "anything-else": 2.0, "company-hold": 1.0, "company-closing": 0.5,
    "company-record": 0.5,
}  # fmt: skip
CALLER = {"own-trouble": 1.5, "asks-of-company": 0.5}
MARGIN = 1.5
LEAST = 1.0
WITNESSES = 2  # so many different things must be said: any one of them, anybody may say once


class Side(NamedTuple):
    """How much one speaker talks like the company and like a caller, with the words that show it."""

    company: float
    caller: float
    company_words: tuple[Evidence, ...]
    caller_words: tuple[Evidence, ...]


def swap_suspected(transcript: Transcript) -> tuple[Evidence, ...]:
    """The words that show that "agent" and "customer" are exchanged; empty where nothing does."""
    return suspected(acts.read(transcript))


def suspected(said: tuple[Said, ...]) -> tuple[Evidence, ...]:
    """The same, of turns already read."""
    agent, customer = _side(said, "agent"), _side(said, "customer")
    wrong = customer.company + agent.caller
    right = agent.company + customer.caller
    shown = customer.company_words + agent.caller_words
    if customer.company + agent.caller / 2 < LEAST or wrong - right < MARGIN or len(shown) < WITNESSES:
        return ()
    return tuple(sorted(shown, key=lambda each: (each.turn, each.words, each.rule)))


def _side(said: tuple[Said, ...], speaker: str) -> Side:
    first: dict[str, Evidence] = {}
    for each in said:
        if each.turn.speaker != speaker:
            continue
        for hit in cues.find(each.line, "swap"):
            name = hit.rule.name.partition(".")[2]
            if name not in first:
                first[name] = acts.evidence(each.turn, each.line, hit.start, hit.end, hit.rule.name)
    return Side(
        sum(COMPANY[name] for name in first if name in COMPANY),
        sum(CALLER[name] for name in first if name in CALLER),
        tuple(words for name, words in first.items() if name in COMPANY),
        tuple(words for name, words in first.items() if name in CALLER),
    )
