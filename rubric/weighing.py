"""What counts towards a label, and how much: numbers that can be read, for rules, traits and stems in a row.

A turn has a label where its bias and the weights of all that is found in the turn add up to zero or more, and its own
words speak for it. What shows it is the sentence with the most weight, and in it the rule that weighs most, else the
part that does.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import msgspec

from rubric import grams
from rubric.grams import Gram
from rubric.resources import cue_file
from rubric.said import Said, Trait

# What the words of the turn itself must add; for a charge the shape of a sentence is none of its words.
OWN_WORDS = 0.5
_CHARGES = frozenset({"dismissive"})


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
    return msgspec.toml.decode(cue_file("weights.toml"), type=dict[str, Weights])


@cache
def learned() -> dict[str, dict[str, float]]:
    """The weights of stems in a row, by label."""
    return msgspec.toml.decode(cue_file("learned.toml"), type=dict[str, dict[str, float]])


class Table(NamedTuple):
    """The weights of some labels by what they are for: for a trait or a gram, `(number of the label, weight)`."""

    biases: tuple[float, ...]
    by_trait: dict[str, tuple[tuple[int, float], ...]]
    by_gram: dict[Gram, tuple[tuple[int, float], ...]]


@cache
def table(labels: tuple[str, ...]) -> Table:
    """The weights of these labels, for one pass over a turn."""
    by_trait: dict[str, list[tuple[int, float]]] = {}
    by_gram: dict[Gram, list[tuple[int, float]]] = {}
    for number, label in enumerate(labels):
        for name, weight in weights()[label].of.items():
            by_trait.setdefault(name, []).append((number, weight))
        for text, weight in learned()[label].items():
            by_gram.setdefault(tuple(text.split(" ")), []).append((number, weight))
    return Table(
        tuple(weights()[label].bias for label in labels),
        {name: tuple(each) for name, each in by_trait.items()},
        {gram: tuple(each) for gram, each in by_gram.items()},
    )


# How many turns back, and on, the other's words are still what a turn answers, or what answers it.
_NEAR = 3


def found_in(said: tuple[Said, ...], index: int) -> list[grams.Found]:
    """The grams of a turn among the others."""
    back, on = said[max(0, index - _NEAR) : index][::-1], said[index + 1 : index + _NEAR]
    return grams.of(said[index].line.stems, *(_others(turns, said[index].turn.speaker) for turns in (back, on)))


def _others(turns: tuple[Said, ...], speaker: str) -> frozenset[str]:
    """The stems of the first turn that is the other's."""
    return next((frozenset(each.line.stems) for each in turns if each.turn.speaker != speaker), frozenset())


def held(labels: tuple[str, ...], traits: dict[str, Trait], found: list[grams.Found]) -> list[str]:
    """Those of the labels that a turn has: the sum is not under zero, and the turn's own words are for it.

    Where the talk stands can tip the scales but proves nothing by itself: nobody is charged with the mood of a call.
    """
    biases, by_trait, by_gram = table(labels)
    totals, own = [*biases], [0.0] * len(labels)
    for name, trait in traits.items():
        for number, weight in by_trait.get(name, ()):
            totals[number] += weight * trait.value
            if _own_words(labels[number], name, trait.start, trait.end):
                own[number] += weight * trait.value
    for gram, (start, end) in _once(found, by_gram).items():
        for number, weight in by_gram[gram]:
            totals[number] += weight
            if end > start:
                own[number] += weight
    return [
        label
        for label, sum_, mine in zip(labels, totals, own, strict=True)
        if _exact(sum_) >= 0 and _exact(mine) >= OWN_WORDS
    ]


def _exact(total: float) -> float:
    """A sum of weights without what the order of adding leaves behind: another process adds in another order."""
    return round(total, 6)


def _own_words(label: str, name: str, start: int, end: int) -> bool:
    """Whether a part is words of the turn itself that may speak for the label."""
    return end > start and (label not in _CHARGES or name.startswith(("rule:", f"{label}.words:")))


def parts(label: str, traits: dict[str, Trait], found: list[grams.Found]) -> list[Part]:
    """All that a label's weights speak of, of a turn's traits and grams."""
    _, by_trait, by_gram = table((label,))
    counted = [
        Part(name, by_trait[name][0][1] * trait.value, trait.start, trait.end)
        for name, trait in traits.items()
        if name in by_trait
    ]
    for gram, (start, end) in _once(found, by_gram).items():
        counted.append(Part(f"{label}.words:{' '.join(gram)}", by_gram[gram][0][1], start, end))
    return counted


def _once(found: list[grams.Found], known: dict[Gram, tuple[tuple[int, float], ...]]) -> dict[Gram, tuple[int, int]]:
    """Each gram that weights know, where it stands first, in the line's own tokens: the mark before it is none."""
    return {gram: (max(start - 1, 0), max(end - 1, 0)) for gram, start, end in reversed(found) if gram in known}


def total(label: str, found: list[Part]) -> float:
    """The bias and all parts of a label together."""
    return _exact(weights()[label].bias + sum(part.adds for part in found))


def best(label: str, each: Said, found: list[Part]) -> Part | None:
    """The part that weighs most in the sentence that weighs most; None where no words of the turn show anything.

    Where the label has a rule of its own in the turn, the sentence is one with such a rule: it says more than words do.
    """
    in_words = [part for part in found if part.adds > 0 and _own_words(label, part.name, part.start, part.end)]
    if not in_words:
        return None
    own = [part for part in in_words if part.name.startswith(f"rule:{label}.")]
    sums = {
        sentence: 0.0
        for sentence in each.line.sentences
        if not own or any(sentence.start <= part.start < sentence.end for part in own)
    }
    for part in in_words:
        for sentence in sums:
            if sentence.start <= part.start < sentence.end:
                sums[sentence] += part.adds
    top = max(sums, key=lambda sentence: (_exact(sums[sentence]), -sentence.start), default=None)
    inside = [part for part in in_words if top and top.start <= part.start < top.end] or in_words
    named = [part for part in inside if part in own] or inside
    return max(named, key=lambda part: (part.adds, part.name))
