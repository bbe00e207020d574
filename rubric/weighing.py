"""What counts towards a label, and how much: numbers that can be read, for rules, traits and stems in a row.

A turn has a label where its bias and the weights of all that is found in the turn add up to zero or more, and its own
words speak for it. What shows it is the sentence with the most weight, and in it the rule that weighs most, else the
part that does.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import msgspec

from rubric import grams, lanes
from rubric.grams import Spans
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
    """The weights of some labels by what they are for, those of all labels side by side (rubric/lanes.py)."""

    bias: int
    own: int  # where the sum of the turn's own words starts: what they must add is taken off
    by_trait: dict[str, tuple[int, int]]  # what a trait adds, and what of that where it is words of the turn itself
    by_gram: dict[str, int]
    known: grams.Known


@cache
def table(labels: tuple[str, ...]) -> Table:
    """The weights of these labels, for one pass over a turn."""
    traits: dict[str, list[tuple[int, float]]] = {}
    words: dict[str, list[tuple[int, float]]] = {}
    for number, label in enumerate(labels):
        for name, weight in weights()[label].of.items():
            traits.setdefault(name, []).append((number, weight))
        for gram, weight in learned()[label].items():
            words.setdefault(gram, []).append((number, weight))
    return Table(
        lanes.packed((number, weights()[label].bias) for number, label in enumerate(labels)),
        lanes.packed((number, -OWN_WORDS) for number in range(len(labels))),
        {
            name: (lanes.packed(each), lanes.packed(one for one in each if _speaks(labels[one[0]], name)))
            for name, each in traits.items()
        },
        {gram: lanes.packed(each) for gram, each in words.items()},
        grams.known(words),
    )


# How many turns back, and on, the other's words are still what a turn answers, or what answers it.
_NEAR = 3


def found_in(said: tuple[Said, ...], index: int) -> list[grams.Found]:
    """The grams of a turn among the others."""
    return grams.of(said[index].line.stems, *map(frozenset, _around(said, index)))


def known_in(said: tuple[Said, ...], index: int, labels: tuple[str, ...]) -> Spans:
    """Those of the grams of a turn that have a weight for some of the labels."""
    return grams.find(table(labels).known, said[index].line.stems, *_around(said, index))


def _around(said: tuple[Said, ...], index: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The stems of what the other said just before a turn, and of what they say next."""
    speaker = said[index].turn.speaker
    back, on = said[max(0, index - _NEAR) : index][::-1], said[index + 1 : index + _NEAR]
    return _others(back, speaker), _others(on, speaker)


def _others(turns: tuple[Said, ...], speaker: str) -> tuple[str, ...]:
    """The stems of the first turn that is the other's."""
    return next((each.line.stems for each in turns if each.turn.speaker != speaker), ())


def held(labels: tuple[str, ...], traits: dict[str, Trait], found: Spans) -> list[str]:
    """Those of the labels that a turn has: the sum is not under zero, and the turn's own words are for it.

    Where the talk stands can tip the scales but proves nothing by itself: nobody is charged with the mood of a call.
    """
    total, own, by_trait, by_gram, _ = table(labels)
    for name, (value, start, end) in traits.items():
        if name in by_trait:
            adds, speaks = by_trait[name]
            total += adds * int(value)
            if end > start:
                own += speaks * int(value)
    for gram, (start, end) in found.items():
        adds = by_gram[gram]
        total += adds
        if end > start:
            own += adds
    return [labels[place] for place in lanes.reached(total, own, len(labels))]


def _exact(total: float) -> float:
    """A sum of weights without what the order of adding leaves behind: another process adds in another order."""
    return round(total, 6)


def _speaks(label: str, name: str) -> bool:
    """Whether a part of this name may speak for the label, where it is words of the turn."""
    return label not in _CHARGES or name.startswith(("rule:", f"{label}.words:"))


def parts(label: str, traits: dict[str, Trait], found: Spans) -> list[Part]:
    """All that a label's weights speak of, of a turn's traits and grams."""
    of, words = weights()[label].of, learned()[label]
    return [
        *(Part(name, of[name] * trait.value, trait.start, trait.end) for name, trait in traits.items() if name in of),
        *(Part(f"{label}.words:{gram}", words[gram], *span) for gram, span in found.items() if gram in words),
    ]


def total(label: str, found: list[Part]) -> float:
    """The bias and all parts of a label together."""
    return _exact(weights()[label].bias + sum(part.adds for part in found))


def _for(label: str, traits: dict[str, Trait], found: Spans) -> list[Part]:
    """The parts that are words of the turn itself, and for the label."""
    of, words = weights()[label].of, learned()[label]
    own = [
        Part(name, of[name] * value, start, end)
        for name, (value, start, end) in traits.items()
        if end > start and of.get(name, 0.0) > 0 and _speaks(label, name)
    ]
    own += [
        Part(f"{label}.words:{gram}", words[gram], start, end)
        for gram, (start, end) in found.items()
        if end > start and words.get(gram, 0.0) > 0
    ]
    return own


def best(label: str, each: Said, traits: dict[str, Trait], found: Spans) -> Part | None:
    """The part that weighs most in the sentence that weighs most; None where no words of the turn show anything.

    Where the label has a rule of its own in the turn, the sentence is one with such a rule: it says more than words do.
    """
    in_words = _for(label, traits, found)
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
