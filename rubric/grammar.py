"""The cue grammar: patterns that people can read, compiled to regular expressions over a line of stems.

    i can see why       words, by their stems: "waiting" finds wait, waits and waited; contractions are spelt out
    (upset|put out)     one of these
    [really]            this may be there
    {feeling}           one word of a class
    _                   any one word
    ..                  up to three words of the same sentence
    ...                 up to eight words of the same sentence
    ..5                 up to five words of the same sentence, or any other number to 20
    ^ and $             start and end of a sentence
    ?                   the sentence is asked
    !                   and on to the end of an exclamation
    ~(not|never)        what follows is not one of these
    <(not|never)        what stands before is not one of these single words

The classes are those of words.toml. A pattern is only tried where a word that it cannot do without is in the turn.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import NamedTuple

from rubric import language
from rubric.wordlists import words

_COMMON = words("common")

_LEX = re.compile(r"\{[a-z_]+\}|\.\.\.|\.\.\d*|[()\[\]|^$?!_]|~\(|<\(|[^\s()\[\]|{}]+")
_GLUED = re.compile(r"[^\s]\?")
_ENDING = re.compile(r"[\w'][(\[]|[)\]][\w']")
_LONGEST_SLOT = 20
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
    """A pattern that does not follow the grammar: what is wrong with it, and the cure."""

    def __init__(self, source: str, what: str, cure: str) -> None:
        super().__init__(f"{source!r} {what}; {cure}")
        self.what = f"{source!r} {what}"
        self.cure = cure


def compile_pattern(source: str, classes: Mapping[str, _Part]) -> Pattern:
    """Compile a pattern; `classes` are the compiled word classes that it may name."""
    part = _parse(source, classes)
    if part.keys is None:
        raise GrammarError(source, "has no word that must be there", "write one outside of [ ] and slots")
    try:
        regex = re.compile(r"(?<= )" + part.regex)
    except re.error as error:
        raise GrammarError(source, "looks back at more than words", "<( ) takes single words: <(not|never)") from error
    return Pattern(source, regex, part.keys, part.needs)


def compile_classes(classes: Mapping[str, list[str]]) -> dict[str, _Part]:
    """Compile word classes, in order: a class may name one above it."""
    compiled: dict[str, _Part] = {}
    for name, members in classes.items():
        parts = [_parse(member, compiled) for member in members]
        compiled[name] = _either(parts)
    return compiled


def _parse(source: str, classes: Mapping[str, _Part]) -> _Part:
    if glued := _GLUED.search(source):
        cure = "write [x] for what may be there; ? alone means that the sentence is asked"
        raise GrammarError(source, f"has {glued[0]!r}", cure)
    if glued := _ENDING.search(source):
        cure = "put a blank between; endings need no sign, for words match by stem"
        raise GrammarError(source, f"has {glued[0]!r}, a word and a bracket in one", cure)
    if left := _LEX.sub("", source).strip():
        raise GrammarError(source, f"has a stray {left[0]!r}", "a class is written {name}, in small letters")
    tokens = _LEX.findall(source)
    part, rest = _alternatives(tokens, 0, classes, source)
    if rest != len(tokens):
        raise GrammarError(source, f"has {tokens[rest]!r}, which closes nothing", "open the bracket or leave it out")
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
                raise GrammarError(source, "has a bracket that is not closed", f"close {token!r} with its like")
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
        elif token.startswith(".."):
            regex += f"(?:{_WORD}){{0,{_slot(token, source)}}}?"
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
                near = difflib.get_close_matches(name, list(classes), n=1)
                cure = f"did you mean {{{near[0]}}}?" if near else f"there are {', '.join(classes)}"
                raise GrammarError(source, f"names {token}, a class that is not there", cure)
            regex += classes[name].regex
            part_keys = classes[name].keys
        else:
            line = language.read(token)
            if not line.stems:
                raise GrammarError(source, f"has {token!r}, which is no word", "leave it out")
            for each in line.stems:
                regex += re.escape(each) + " "
            part_keys = min((frozenset({each}) for each in line.stems), key=_cost)
        if part_keys is not None:
            certain.append(part_keys)
        if part_keys is not None and (keys is None or _cost(part_keys) < _cost(keys)):
            keys = part_keys
    return _Part(regex, keys, tuple(sorted({each for each in certain if each != keys}, key=_cost))[:3]), i


def _slot(token: str, source: str) -> int:
    """How many words a slot may take: `..` three, `...` eight, `..5` five."""
    most = {"..": 3, "...": 8}.get(token) or int(token[2:])
    if not 1 <= most <= _LONGEST_SLOT:
        raise GrammarError(source, f"has the slot {token!r}", f"a slot takes 1 to {_LONGEST_SLOT} words")
    return most


def _cost(keys: frozenset[str]) -> int:
    return sum(40 if key in _COMMON else 1 for key in keys)
