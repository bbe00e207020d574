"""The cue data: rules read from the TOML files beside this module, compiled once.

A rule belongs to one label and one speaker. It hits where one of its `any` patterns matches and none of its `unless`
patterns matches in the same sentence; with `affirmed` only where the words are not negated, unless the pattern names a
negation itself. `weight` is what the hit counts towards its label: a turn has the label from 1.0 on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Literal, NamedTuple

import msgspec

from rubric import grammar, negation, resources
from rubric.grammar import Pattern
from rubric.language import Line
from rubric.resources import cue_file


class RuleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule as its file writes it."""

    name: str
    any: tuple[str, ...]
    unless: tuple[str, ...] = ()
    asks: bool | None = None
    affirmed: bool = False
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
    weight: float


class Hit(NamedTuple):
    """A rule's match: the half-open range of tokens in the line."""

    rule: Rule
    start: int
    end: int


_NOT_CUES = frozenset({"words.toml", "names.toml", "weights.toml", "learned.toml", "lists.toml"})


class Cues(NamedTuple):
    """All rules of one speaker, and for each stem the patterns that need it."""

    patterns: tuple[tuple[Pattern, Rule], ...]
    by_key: dict[str, tuple[int, ...]]


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
    by_key: dict[str, list[int]] = {}
    for label, text in texts:
        unless = tuple(compiled(each) for each in text.unless)
        rule = Rule(label, f"{label}.{text.name}", unless, text.asks, text.affirmed, text.weight)
        for source in text.any:
            pattern = compiled(source)
            for key in pattern.keys:
                by_key.setdefault(key, []).append(len(patterns))
            patterns.append((pattern, rule))
    return Cues(tuple(patterns), {key: tuple(numbers) for key, numbers in by_key.items()})


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
    patterns, by_key = rules
    tried: set[int] = set()
    here = set(line.stems)
    for each in here:
        tried.update(by_key.get(each, ()))
    hits: list[Hit] = []
    for number in sorted(tried):
        pattern, rule = patterns[number]
        for need in pattern.needs:
            if here.isdisjoint(need):
                break
        else:
            hit = _first(line, rule, pattern)
            if hit is not None:
                hits.append(hit)
    hits.sort(key=lambda hit: (hit.start, -hit.end, hit.rule.name))
    return hits


def _first(line: Line, rule: Rule, pattern: Pattern) -> Hit | None:
    """The first place where the pattern matches and the rule holds."""
    for match in pattern.regex.finditer(line.text):
        if match.end() > match.start():
            hit = _hit(line, rule, match)
            if hit is not None and not _denied(line, hit, pattern):
                return hit
    return None


def _denied(line: Line, hit: Hit, pattern: Pattern) -> bool:
    return hit.rule.affirmed and not negation.names_one(pattern.source) and negation.denied(line, hit.start, hit.end)


def _unmarked_asks(line: Line, start: int) -> bool:
    return any(sentence.asks and sentence.start <= start < sentence.end for sentence in line.sentences)


def _hit(line: Line, rule: Rule, match: re.Match[str]) -> Hit | None:
    start = line.text.count(" ", 0, match.start()) - 1
    end = line.text.count(" ", 0, match.end()) - 1
    if rule.unless or rule.asks is not None:
        low = max(at if (at := line.text.rfind(f" {mark} ", 0, match.start())) >= 0 else -2 for mark in ".?!")
        ends = [at for mark in ".?!" if (at := line.text.find(f" {mark} ", match.end() - 1)) >= 0]
        high = min(ends, default=len(line.text))
        if rule.asks is not None:
            # without marks, what begins like a question is one
            asked = _unmarked_asks(line, start) if line.bare else line.text[high : high + 3] == " ? "
            if rule.asks != asked:
                return None
        sentence = line.text[max(low + 2, 0) : high + 1]
        if any(pattern.regex.search(sentence) for pattern in rule.unless):
            return None
    return Hit(rule, start, end)
