"""The cue grammar: patterns that people can read, compiled to regular expressions over a line of stems.

    i can see why              words, matched by stem, wherever contractions or fillers stand between
    (upset|angry|put out)      one of these
    [really]                   may be there
    {feeling}                  one of a class in words.toml
    _                          any one word
    ..                         up to three words of the same sentence
    ...                        up to eight words of the same sentence
    ^ and $                    start and end of a sentence
    ?                          the sentence is asked
    !                          and on to the end of an exclamation
    ~(not|never)               what follows is not one of these
    <(not|never)               what stands before is not one of these (single words)

A pattern is only tried where a word that it cannot do without is in the turn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from rubric import language
from rubric.wordlists import words

_COMMON = words("common")

_LEX = re.compile(r"\{[a-z_]+\}|\.\.\.|\.\.|[()\[\]|^$?!_]|~\(|<\(|[^\s()\[\]|{}]+")
_GLUED = re.compile(r"[^\s]\?")
_WORD = r"[^ .?!]+ "
# A sentence starts at a mark, or behind the small words that people start on.
_STARTERS = (
    "oh",
    "okay",
    "so",
    "well",
    "yes",
    "no",
    "right",
    "and",
    "but",
    "all right",
    "now",
    "then",
    "look",
    "sure",
    "because",
)
_START = f"(?:(?<=^ )|(?<=[.?!] )|{'|'.join(f'(?<= {word} )' for word in _STARTERS)})"


class Pattern(NamedTuple):
    """A compiled pattern; `keys` is a set of stems of which at least one stands in every line that it matches."""

    source: str
    regex: re.Pattern[str]
    keys: frozenset[str]
    needs: tuple[frozenset[str], ...] = ()  # further sets of which one stem each must be there


class _Part(NamedTuple):
    regex: str
    keys: frozenset[str] | None  # None: matches lines without any certain word
    needs: tuple[frozenset[str], ...] = ()


class GrammarError(ValueError):
    """A pattern that does not follow the grammar."""


def compile_pattern(source: str, classes: Mapping[str, _Part]) -> Pattern:
    """Compile a pattern; `classes` are the compiled word classes that it may name."""
    part = _parse(source, classes)
    if part.keys is None:
        raise GrammarError(f"{source!r}: at least one word must be certain")
    return Pattern(source, re.compile(r"(?<= )" + part.regex), part.keys, part.needs)


def compile_classes(classes: Mapping[str, list[str]]) -> dict[str, _Part]:
    """Compile word classes, in order: a class may name one above it."""
    compiled: dict[str, _Part] = {}
    for name, members in classes.items():
        parts = [_parse(member, compiled) for member in members]
        compiled[name] = _either(parts)
    return compiled


def _parse(source: str, classes: Mapping[str, _Part]) -> _Part:
    if _GLUED.search(source):
        raise GrammarError(f"{source!r}: write [x] for what may be there; ? alone means that the sentence is asked")
    tokens = _LEX.findall(source)
    part, rest = _alternatives(tokens, 0, classes, source)
    if rest != len(tokens):
        raise GrammarError(f"{source!r}: {tokens[rest]!r} closes nothing")
    return part


def _alternatives(tokens: list[str], i: int, classes: Mapping[str, _Part], source: str) -> tuple[_Part, int]:
    options: list[_Part] = []
    while True:
        part, i = _sequence(tokens, i, classes, source)
        options.append(part)
        if i < len(tokens) and tokens[i] == "|":
            i += 1
            continue
        return (options[0] if len(options) == 1 else _either(options)), i


def _either(options: list[_Part]) -> _Part:
    keys: frozenset[str] | None = frozenset()
    for option in options:
        keys = None if keys is None or option.keys is None else keys | option.keys
    # longest first, so that "put out" is not read as "put"
    regexes = sorted({option.regex for option in options}, key=lambda regex: (-len(regex), regex))
    return _Part(f"(?:{'|'.join(regexes)})", keys)


def _sequence(  # noqa: C901, PLR0912, PLR0915 - one branch for each sign of the grammar
    tokens: list[str], i: int, classes: Mapping[str, _Part], source: str
) -> tuple[_Part, int]:
    regex = ""
    keys: frozenset[str] | None = None
    certain: list[frozenset[str]] = []
    while i < len(tokens) and tokens[i] not in (")", "]", "|"):
        token = tokens[i]
        i += 1
        part_keys: frozenset[str] | None = None
        if token in ("(", "[", "~(", "<("):
            inner, i = _alternatives(tokens, i, classes, source)
            if i >= len(tokens) or tokens[i] != ("]" if token == "[" else ")"):
                raise GrammarError(f"{source!r}: a bracket is not closed")
            i += 1
            if token == "(":
                regex += inner.regex
                part_keys = inner.keys
            elif token == "[":
                regex += f"(?:{inner.regex})?"
            elif token == "~(":
                regex += f"(?!{inner.regex})"
            else:
                behind = inner.regex.removeprefix("(?:").removesuffix(")").split("|")
                regex += "".join(f"(?<! {each})" for each in behind)
        elif token == "..":
            regex += f"(?:{_WORD}){{0,3}}?"
        elif token == "...":
            regex += f"(?:{_WORD}){{0,8}}?"
        elif token == "_":
            regex += _WORD
        elif token == "^":
            regex += _START
        elif token == "$":
            regex += r"(?=[.?!] |$)"
        elif token == "?":
            regex += rf"(?=(?:{_WORD})*(?:\? |$))"
        elif token == "!":
            regex += rf"(?:{_WORD})*?! "
            part_keys = frozenset({"!"})
        elif token.startswith("{"):
            name = token[1:-1]
            if name not in classes:
                raise GrammarError(f"{source!r}: there is no class {name!r}")
            regex += classes[name].regex
            part_keys = classes[name].keys
        else:
            line = language.read(token)
            if not line.stems:
                raise GrammarError(f"{source!r}: {token!r} is no word")
            for each in line.stems:
                regex += re.escape(each) + " "
            part_keys = min((frozenset({each}) for each in line.stems), key=_cost)
        if part_keys is not None:
            certain.append(part_keys)
        if part_keys is not None and (keys is None or _cost(part_keys) < _cost(keys)):
            keys = part_keys
    return _Part(regex, keys, tuple(sorted({each for each in certain if each != keys}, key=_cost))[:3]), i


def _cost(keys: frozenset[str]) -> int:
    return sum(40 if key in _COMMON else 1 for key in keys)
