"""What counts towards a label, and how much: numbers that can be read, for rules, traits and stems in a row.

A turn has a label where its bias and the weights of all that is found in the turn add up to zero or more, and its own
words speak for it. What shows it is the sentence with the most weight, and in it the rule that weighs most, else the
part that does.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec

from rubric import grams
from rubric.grams import Gram
from rubric.said import Said, Trait

# What the words of the turn itself must add.
OWN_WORDS = 0.25


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What counts towards a label: a bias, and a number for each rule or trait."""

    bias: float
    of: dict[str, float]


class Part(NamedTuple):
    """Something found in a turn that a label's weights speak of: its name, what it adds, and the tokens that show it.

    `start` and `end` are a half-open range of tokens, 0 and 0 for what is no words of the turn.
    """

    name: str
    adds: float
    start: int
    end: int


@cache
def weights() -> dict[str, Weights]:
    """The weights of rules and traits, by label."""
    return msgspec.toml.decode(_resource("weights.toml"), type=dict[str, Weights])


@cache
def learned() -> dict[str, dict[str, float]]:
    """The weights of stems in a row, by label."""
    return msgspec.toml.decode(_resource("learned.toml"), type=dict[str, dict[str, float]])


def _resource(name: str) -> bytes:
    return files("rubric").joinpath("cues").joinpath(name).read_bytes()


@cache
def _by_gram() -> dict[Gram, tuple[tuple[str, float], ...]]:
    """For each gram, the labels that it counts towards."""
    found: dict[Gram, list[tuple[str, float]]] = {}
    for label, of in learned().items():
        for text, weight in of.items():
            found.setdefault(tuple(text.split(" ")), []).append((label, weight))
    return {gram: tuple(each) for gram, each in found.items()}


@cache
def _by_trait() -> dict[str, tuple[tuple[str, float], ...]]:
    """For each rule or trait, the labels that it counts towards."""
    found: dict[str, list[tuple[str, float]]] = {}
    for label, rule in weights().items():
        for name, weight in rule.of.items():
            found.setdefault(name, []).append((label, weight))
    return {name: tuple(each) for name, each in found.items()}


# How many turns back, and on, the other's words are still what a turn answers, or what answers it.
_NEAR = 3


def found_in(said: tuple[Said, ...], index: int) -> list[grams.Found]:
    """The grams of a turn among the others."""
    back, on = said[max(0, index - _NEAR) : index][::-1], said[index + 1 : index + _NEAR]
    return grams.of(said[index].line.stems, *(_others(turns, said[index].turn.speaker) for turns in (back, on)))


def _others(turns: tuple[Said, ...], speaker: str) -> frozenset[str]:
    """The stems of the first turn that is the other's."""
    return next((frozenset(each.line.stems) for each in turns if each.turn.speaker != speaker), frozenset())


def parts(traits: dict[str, Trait], found: list[grams.Found]) -> dict[str, list[Part]]:
    """For each label all that its weights speak of, of a turn's traits and grams."""
    by_trait, by_gram = _by_trait(), _by_gram()
    counted: dict[str, list[Part]] = {}
    for name, trait in traits.items():
        for label, weight in by_trait.get(name, ()):
            counted.setdefault(label, []).append(Part(name, weight * trait.value, trait.start, trait.end))
    seen: set[Gram] = set()
    for gram, start, end in found:
        if gram in by_gram and gram not in seen:
            seen.add(gram)
            for label, weight in by_gram[gram]:
                # in the line's own tokens: the mark before it is none of them
                part = Part(f"{label}.words:{' '.join(gram)}", weight, max(start - 1, 0), max(end - 1, 0))
                counted.setdefault(label, []).append(part)
    return counted


def total(label: str, found: list[Part]) -> float:
    """The bias and all parts of a label together."""
    return weights()[label].bias + sum(part.adds for part in found)


def holds(label: str, found: list[Part]) -> bool:
    """Whether a turn has the label: the sum is not under zero, and the turn's own words are for it.

    Where the talk stands can tip the scales but proves nothing by itself: nobody is charged with the mood of a call.
    """
    own = sum(part.adds for part in found if part.end > part.start)
    return own >= OWN_WORDS and total(label, found) >= 0


def best(each: Said, found: list[Part]) -> Part | None:
    """The part that weighs most in the sentence that weighs most; None where no words of the turn show anything."""
    in_words = [part for part in found if part.end > part.start and part.adds > 0]
    if not in_words:
        return None
    sums = dict.fromkeys(each.line.sentences, 0.0)
    for part in in_words:
        for sentence in sums:
            if sentence.start <= part.start < sentence.end:
                sums[sentence] += part.adds
    top = max(sums, key=lambda sentence: (sums[sentence], -sentence.start), default=None)
    inside = [part for part in in_words if top and top.start <= part.start < top.end] or in_words
    named = [part for part in inside if part.name.startswith("rule:")] or inside  # a rule says more than its words
    return max(named, key=lambda part: (part.adds, part.name))
