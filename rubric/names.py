"""Whose name is said: the customer's, as the conversation itself tells it."""

from __future__ import annotations

import re
from functools import cache

import msgspec

from rubric.resources import cue_file
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
    raw = cue_file("names.toml")
    return frozenset(msgspec.toml.decode(raw, type=dict[str, str])["names"].split()) - listed("names_that_are_words")


_SELF_BARE = re.compile(
    r"\b(?:this is|my name is|my names|name is|its|it's|i'm|im|i am|speaking to|the name is) ([a-z'’-]+)"
)
_SPEAKING = re.compile(r"\b([A-Za-z][\w'’-]+) (?:speaking|here)\b")
_ASKED_NAME = re.compile(r"\b(?:name|who|whom|whose|speaking|talking)\b", re.IGNORECASE)


def customers(transcript: Transcript) -> frozenset[str]:
    """Lower-case names that may be the customer's: what they call themselves, and what the agent calls them.

    The agent's own name is not among them, nor are names of others that are only spoken of.
    """
    own: set[str] = set()
    theirs: set[str] = set()
    called: set[str] = set()
    asked = False
    for turn in transcript.turns:
        text = turn.text
        words = [word.strip(".,!?;:'\"").lower() for word in text.split()]
        if turn.speaker == "agent":
            own.update(_introduced(text))
            own.update(part[1:].lower() for part in text.split() if part.startswith("^"))
            if turn.index == 0:  # who answers says who they are: "Tallybook support. Ray."
                own.update(given().intersection(words))
                own.update(_parts(text.split()[-1:]))
            if len(words) > 6 and text.split()[-2][-1] in ".!?":  # signed: "... on Monday. Ingrid"
                own.update(_parts(text.split()[-1:]))
            called.update(_parts(_TITLE.findall(text)))
            called.update(_parts(_GREETED.findall(text)))
            called.update(_parts(_VOCATIVE.findall(text)) & given())
            called.update(given().intersection(words[:3] + words[-2:]))
            asked = _ASKED_NAME.search(text) is not None
        elif turn.speaker == "customer":
            theirs.update(_introduced(text))
            if asked and len(words) <= 12:
                theirs.update(given().intersection(words))
                theirs.update(_parts(text.split()) if len(words) <= 4 and "number" not in text else ())
            asked = False
    return frozenset(name for name in (theirs | called) - (own - theirs) if name not in _NOT_NAMES)


def _introduced(text: str) -> set[str]:
    """Names that a speaker gives as their own."""
    found = _parts(_SELF.findall(text)) | (set(_SPEAKING.findall(text.lower())) & given())
    if text == text.lower():
        found |= set(_SELF_BARE.findall(text)) & given()
    return {name.strip(".,!?;:'\"") for name in found}


def _parts(found: list[str]) -> set[str]:
    parts = (part.strip(".,!?;:'\"").removesuffix("'s").removesuffix("’s") for name in found for part in name.split())
    return {
        part.lower()
        for part in parts
        if part[:1].isupper() and len(part) > 1 and "--" not in part and part[1:2].islower()
    }
