"""Stems in a row, as the learned weights speak of them: what is said in words that stand in no rule.

A turn's grams are its stems, one to three in a row, with the marks that end sentences among them (so `. sorri` is a
sentence that begins with "sorry"); the same with words of a class folded into one (`so {feeling}`), where nobody can
list all ways to say it; and the single stems of what the other said just before (`< late`) and says next (`> thank`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import msgspec

from rubric import language
from rubric.resources import cue_file

Gram = tuple[str, ...]
Found = tuple[Gram, int, int]
"""A gram and the half-open range of tokens that it is, in the line with a mark before it; (0, 0) for the other's."""
Spans = dict[str, tuple[int, int]]
"""Grams, with a blank between their stems, and where each is first in the line's own tokens, without that mark."""

# What words are folded into, where several classes hold one the first; {very} is left out.
_CLASSES = ("feeling", "glad", "hard", "very", "day", "number", "contact", "team", "strong")
_SHORTEST = 3  # letters; "am" is more often no time of day


@cache
def _folded() -> dict[str, str]:
    """For each stem of a class, the class; of what is a pattern, or several words, none is made."""
    raw = cue_file("words.toml")
    listed = msgspec.toml.decode(raw, type=dict[str, list[str]])
    folded: dict[str, str] = {}
    for name in _CLASSES:
        for word in listed[name]:
            if word.isalpha() and len(word) >= _SHORTEST:
                for stem in language.read(word).stems:
                    folded.setdefault(stem, f"{{{name}}}")
    return folded


class Node(NamedTuple):
    """A place in a tree of grams: the gram that ends there, if one does, and the places behind it, by the next stem."""

    gram: str | None
    then: dict[str, Node]


class Known(NamedTuple):
    """The grams that some weights know: those of stems alone, those with classes, and the other's single stems."""

    plain: Node
    classed: Node
    before: dict[str, str]
    after: dict[str, str]


def known(all_of_them: Iterable[str]) -> Known:
    """Grams made ready to be looked for."""
    trees = Known(Node(None, {}), Node(None, {}), {}, {})
    for gram in all_of_them:
        if gram[0] in "<>":
            (trees.before if gram[0] == "<" else trees.after)[gram[2:]] = gram
        else:
            _plant(trees.classed if "{" in gram else trees.plain, gram)
    return trees


def _plant(tree: Node, gram: str) -> None:
    *way, last = gram.split(" ")
    for stem in way:
        tree = tree.then.setdefault(stem, Node(None, {}))
    tree.then[last] = Node(gram, tree.then[last].then if last in tree.then else {})


def find(these: Known, stems: tuple[str, ...], before: Iterable[str], after: Iterable[str]) -> Spans:
    """Those of the grams of a line (see `of`) that are among these; where a turn is weighed nobody asks for more."""
    line = (".", *stems)
    # backwards, for the first of each to stay; the mark before the line is no gram by itself
    spans = {
        gram: (start - 1 if start else 0, end - 1) for gram, start, end in reversed(_walk(these.plain, line)) if end > 1
    }
    names, kept = _classed(line)
    for gram, start, end in reversed(_walk(these.classed, names)):
        spans[gram] = (max(kept[start] - 1, 0), kept[end - 1])
    for others, side in ((before, these.before), (after, these.after)):
        for stem in others:
            if stem in side:
                spans[side[stem]] = (0, 0)
    return spans


def _walk(tree: Node, stems: tuple[str, ...]) -> list[tuple[str, int, int]]:
    """The grams of a tree that are in the stems, and the half-open range that each is."""
    found: list[tuple[str, int, int]] = []
    for start, stem in enumerate(stems):
        node, end = tree.then.get(stem), start + 1
        while node is not None:
            if node.gram is not None:
                found.append((node.gram, start, end))
            node = node.then.get(stems[end]) if end < len(stems) else None
            end += 1
    return found


def _classed(line: tuple[str, ...]) -> tuple[tuple[str, ...], list[int]]:
    """A line with the words of a class folded into one, and where each of what is left stood; nothing without any."""
    folded = _folded()
    if folded.keys().isdisjoint(line):
        return (), []
    classed = [folded.get(stem, stem) for stem in line]
    kept = [at for at, name in enumerate(classed) if name != "{very}"]
    return tuple(classed[at] for at in kept), kept


def of(stems: tuple[str, ...], before: Iterable[str] = (), after: Iterable[str] = ()) -> list[Found]:
    """The grams of a line of stems; `before` and `after` are the stems of what the other said just before, and next."""
    line = (".", *stems)
    size = len(line)
    found: list[Found] = [((line[at],), at, at + 1) for at in range(1, size)]
    found += [(line[at : at + 2], at, at + 2) for at in range(size - 1)]
    found += [(line[at : at + 3], at, at + 3) for at in range(size - 2)]
    names, kept = _classed(line)
    for n, at in enumerate(kept):
        for length in (1, 2, 3):
            part = names[n : n + length]
            if len(part) == length and any(each[0] == "{" for each in part):
                found.append((part, at, kept[n + length - 1] + 1))
    found += [(("<", stem), 0, 0) for stem in before]
    found += [((">", stem), 0, 0) for stem in after]
    return found
