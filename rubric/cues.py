"""The cue data: rules read from the TOML files beside this module, compiled once.

A rule belongs to one label and one speaker. It hits where one of its `any` patterns matches and none of its `unless`
patterns matches in the same sentence; with `affirmed` only where the words are not negated, unless the pattern names a
negation itself. `weight` is what the hit counts towards its label: a turn has the label from 1.0 on. A rule that is
`sure` decides alone, whatever else is said: nothing kind outweighs an insult.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple, TypeVar

import msgspec

from rubric import grammar, negation, resources
from rubric.grammar import BEFORE_START, Pattern, Start
from rubric.language import ENDS, Line
from rubric.resources import cue_file

_Key = TypeVar("_Key", str, Start)


class RuleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule as its file writes it."""

    name: str
    any: tuple[str, ...]
    unless: tuple[str, ...] = ()
    asks: bool | None = None
    affirmed: bool = False
    sure: bool = False
    weight: float = 1.0


class CueFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file of cues: a label, whose turns it is for, and its rules."""

    label: str
    speaker: Literal["agent", "customer", "both", "swap"]
    rule: tuple[RuleText, ...]


class Rule(NamedTuple):
    """A compiled rule."""

    label: str
    name: str
    unless: tuple[Pattern, ...]
    asks: bool | None
    affirmed: bool
    sure: bool
    weight: float


class Hit(NamedTuple):
    """A rule's match: the half-open range of tokens in the line."""

    rule: Rule
    start: int
    end: int


_ANY = ("_", "_")
# Of how many conditions of a pattern are looked at, its rarest first.
_CONDITIONS = 5
_NOT_CUES = frozenset({"words.toml", "names.toml", "weights.toml", "learned.toml", "lists.toml"})


class Cues(NamedTuple):
    """All rules of one speaker, and sets of their patterns as the bits of numbers: bit n is the pattern numbered n.

    A pattern has some conditions, each of which some stem of the line must fulfil; those that it lacks are `given`.
    They stand side by side in one number: condition c of pattern n is bit `c * len(patterns) + n`.
    """

    patterns: tuple[tuple[Pattern, Rule], ...]
    given: int
    fulfils: dict[str, int]  # for each stem, the conditions that it fulfils
    starts: dict[Start, int]  # for two stems, either of which may be `_`, the patterns that may start so
    inside: int  # the patterns that need not begin a sentence


@cache
def names() -> tuple[str, ...]:
    """The cue files, in order."""
    return tuple(sorted(each.name for each in resources.cues().iterdir() if each.name.endswith(".toml")))


@cache
def classes() -> dict[str, grammar._Part]:
    """The word classes of words.toml."""
    return grammar.compile_classes(msgspec.toml.decode(cue_file("words.toml"), type=dict[str, list[str]]))


@lru_cache(maxsize=4096)
def compiled(source: str) -> Pattern:
    """A pattern compiled with the word classes, once; raises GrammarError."""
    return grammar.compile_pattern(source, classes())


def compile_rules(texts: Iterable[tuple[str, RuleText]]) -> Cues:
    """Compile rules, each with its label."""
    patterns: list[tuple[Pattern, Rule]] = []
    for label, text in texts:
        unless = tuple(compiled(each) for each in text.unless)
        rule = Rule(label, f"{label}.{text.name}", unless, text.asks, text.affirmed, text.sure, text.weight)
        patterns += ((compiled(source), rule) for source in text.any)
    return _indexed(tuple(patterns))


def _indexed(patterns: tuple[tuple[Pattern, Rule], ...]) -> Cues:
    given = inside = 0
    fulfils: dict[str, int] = {}
    starts: dict[Start, int] = {_ANY: 0}
    for number, (pattern, _) in enumerate(patterns):
        first = frozenset(start[0] for start in pattern.starts)
        conditions = [pattern.keys, *pattern.needs, *(() if "_" in first else (first,))]
        for nth in range(_CONDITIONS):
            bit = 1 << (nth * len(patterns) + number)
            if nth < len(conditions):
                _mark(fulfils, conditions[nth], bit)
            else:
                given |= bit
        _mark(starts, {(start[0], start[1] if start[1:] else "_") for start in pattern.starts}, 1 << number)
        if not pattern.opens:
            inside |= 1 << number
    return Cues(patterns, given, fulfils, starts, inside)


def _mark(sets: dict[_Key, int], keys: AbstractSet[_Key], bit: int) -> None:
    for key in keys:
        sets[key] = sets.get(key, 0) | bit


@cache
def load(speaker: str) -> Cues:
    """The rules for one speaker's turns."""
    read = (msgspec.toml.decode(cue_file(name), type=CueFile) for name in names() if name not in _NOT_CUES)
    return compile_rules(
        (data.label, text)
        for data in read
        if data.speaker in (speaker, "both") and (speaker == "swap") == (data.speaker == "swap")
        for text in data.rule
    )


@cache
def fingerprint() -> str:
    """SHA-256 over all cue data."""
    digest = hashlib.sha256()
    for name in names():
        digest.update(name.encode() + b"\0" + cue_file(name) + b"\0")
    return digest.hexdigest()


def find(line: Line, speaker: str) -> list[Hit]:
    """All hits of the speaker's rules in a line, in order of where they stand."""
    return find_by(load(speaker), line)


def find_by(rules: Cues, line: Line) -> list[Hit]:
    """All hits of rules in a line, in order of where they stand: of each pattern the first."""
    stems = frozenset(line.stems)
    left = _possible(rules, stems)
    if not left:
        return []
    patterns, _, _, starts, inside = rules
    anywhere = starts[_ANY]
    text = line.text
    hits: list[Hit] = []
    passed: dict[int, int] = {}  # where a match ended that its rule did not hold for; the next is behind it
    before = "."
    for start, (at, (stem, then)) in enumerate(zip(line.at, pairwise((*line.stems, "")), strict=True)):
        here = left & (starts.get((stem, then), 0) | starts.get((stem, "_"), 0) | starts.get(("_", then), 0) | anywhere)
        if before not in BEFORE_START:
            here &= inside
        before = stem
        while here:
            bit = here & -here
            here ^= bit
            pattern, rule = patterns[bit.bit_length() - 1]
            match = pattern.regex.match(text, at)
            if match is None or passed.get(bit, 0) > at:
                continue
            hit = _hit(line, stems, rule, match, start)
            if hit is not None and not _denied(line, hit, pattern):
                hits.append(hit)
                left ^= bit
            else:
                passed[bit] = match.end()
    hits.sort(key=lambda hit: (hit.start, -hit.end, hit.rule.name))
    return hits


def _possible(rules: Cues, stems: frozenset[str]) -> int:
    """The patterns with no condition that a line's stems leave open."""
    seen = rules.given
    for stem in stems:
        seen |= rules.fulfils.get(stem, 0)
    count = len(rules.patterns)
    possible = (1 << count) - 1
    for _ in range(_CONDITIONS):
        possible &= seen
        seen >>= count
    return possible


def _denied(line: Line, hit: Hit, pattern: Pattern) -> bool:
    return hit.rule.affirmed and not negation.names_one(pattern.source) and negation.denied(line, hit.start, hit.end)


def _unmarked_asks(line: Line, start: int) -> bool:
    return any(sentence.asks and sentence.start <= start < sentence.end for sentence in line.sentences)


def _hit(line: Line, stems: frozenset[str], rule: Rule, match: re.Match[str], start: int) -> Hit | None:
    end = start + line.text.count(" ", match.start(), match.end())
    unless = [pattern for pattern in rule.unless if not stems.isdisjoint(pattern.keys)]
    if unless or rule.asks is not None:
        # as far as the marks before and behind, which need not be those of the line's sentences
        low = next((at + 1 for at in range(start - 1, -1, -1) if line.stems[at] in ENDS), 0)
        high = next((at for at in range(end, len(line.stems)) if line.stems[at] in ENDS), None)
        if rule.asks is not None:
            # without marks, what begins like a question is one
            asked = _unmarked_asks(line, start) if line.bare else high is not None and line.stems[high] == "?"
            if rule.asks != asked:
                return None
        sentence = line.text[line.at[low] - 1 : None if high is None else line.at[high]]
        if any(pattern.regex.search(sentence) for pattern in unless):
            return None
    return Hit(rule, start, end)
