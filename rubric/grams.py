"""Stems in a row, as the learned weights speak of them: what is said in words that stand in no rule.

A turn's grams are its stems, one to three in a row, with the marks that end sentences among them (so `. sorri` is a
sentence that begins with "sorry"); the same with words of a class folded into one (`so {feeling}`), where nobody can
list all ways to say it; and the single stems of what the other said just before (`< late`) and says next (`> thank`).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import msgspec

from rubric import language
from rubric.resources import cue_file

Gram = tuple[str, ...]
Found = tuple[Gram, int, int]
"""A gram and the half-open range of tokens that it is, in the line with a mark before it; (0, 0) for the other's."""

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


def of(stems: tuple[str, ...], before: Iterable[str] = (), after: Iterable[str] = ()) -> list[Found]:
    """The grams of a line of stems; `before` and `after` are the stems of what the other said just before, and next."""
    line = (".", *stems)
    size = len(line)
    found: list[Found] = [((line[at],), at, at + 1) for at in range(1, size)]
    found += [(line[at : at + 2], at, at + 2) for at in range(size - 1)]
    found += [(line[at : at + 3], at, at + 3) for at in range(size - 2)]
    folded = _folded()
    classed = [folded.get(stem) for stem in line]
    if any(classed):
        kept = [at for at in range(size) if classed[at] != "{very}"]
        names = tuple(classed[at] or line[at] for at in kept)
        for n, at in enumerate(kept):
            for length in (1, 2, 3):
                part = names[n : n + length]
                if len(part) == length and any(each[0] == "{" for each in part):
                    found.append((part, at, kept[n + length - 1] + 1))
    found += [(("<", stem), 0, 0) for stem in before]
    found += [((">", stem), 0, 0) for stem in after]
    return found
