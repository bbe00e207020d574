"""Whose name is said: the customer's, as the conversation itself tells it."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

import msgspec

from rubric.wordlists import words as listed
from transcription.types import Transcript

_TITLE = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Sir|Madam|Señora?|Herr|Frau)\.? ([A-Z][\w'’-]+)")
_VOCATIVE = re.compile(
    r"(?:^|[.!?,—-] )(?:(?i:oh|hi|hey|hello|dear|morning|okay|ok|thanks|thank you|sorry|right|no|yes|well),? )?"
    r"([A-Z][a-z'’]+(?:-[a-zA-Z][a-z]+)?)(?=[,.!?—]|$)",
)
_GREETED = re.compile(
    r"\b(?i:hi|hey|hello|dear|morning|afternoon|evening|thanks|thank you|sorry) ([A-Z][a-z'’]+(?:-[a-zA-Z][a-z]+)?)\b"
)
_SELF = re.compile(
    r"(?:\bthis is|\bmy name(?:'s| is)|\bname(?:'s| is)|\bit's|\bi'm|\bi am|\bspeaking to|\bthe name is|\bhere's) "
    r"((?-i:[A-Z])[\w'’-]+(?: (?-i:[A-Z])[\w'’-]+)?)",
    re.IGNORECASE,
)
_NOT_NAMES = listed("not_names")


@cache
def given() -> frozenset[str]:
    """Common given names, lower-case."""
    raw = files("rubric").joinpath("cues").joinpath("names.toml").read_bytes()
    return frozenset(msgspec.toml.decode(raw, type=dict[str, str])["names"].split()) - listed("names_that_are_words")


def customers(transcript: Transcript) -> frozenset[str]:
    """Lower-case names that may be the customer's: what they call themselves, and what the agent calls them.

    The agent's own name is not among them, nor are names of others that are only spoken of.
    """
    own: set[str] = set()
    theirs: set[str] = set()
    called: set[str] = set()
    for turn in transcript.turns:
        if turn.speaker == "agent":
            own.update(_parts(_SELF.findall(turn.text)))
            own.update(part[1:].lower() for part in turn.text.split() if part.startswith("^"))
            called.update(_parts(_TITLE.findall(turn.text)))
            called.update(_parts(_GREETED.findall(turn.text)))
            called.update(_parts(_VOCATIVE.findall(turn.text)) & given())
            edges = turn.text.split()
            called.update({word.strip(".,!?").lower() for word in edges[:3] + edges[-2:]} & given())
        elif turn.speaker == "customer":
            theirs.update(_parts(_SELF.findall(turn.text)))
            words = [word.strip(".,!?").lower() for word in turn.text.split()]
            if len(words) <= 5:
                theirs.update(given().intersection(words))
            theirs.update(given().intersection(words[-2:]))
            own.update(_parts(_VOCATIVE.findall(turn.text)) & given() if len(words) > 5 else ())
    return frozenset(name for name in (theirs | called) - (own - theirs) if name not in _NOT_NAMES)


def _parts(found: list[str]) -> set[str]:
    return {part.lower() for name in found for part in name.split() if part[:1].isupper() and len(part) > 1}
