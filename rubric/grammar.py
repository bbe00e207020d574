"""The cue grammar: patterns that people can read, compiled to regular expressions over a line of stems.

    i can see why       words, by their stems: "waiting" finds wait, waits and waited; contractions are spelt out;
                        forms of another stem are words of their own: (ring|rang|rung)
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
from functools import lru_cache, reduce
from typing import NamedTuple

from rubric import language
from rubric.wordlists import words

_COMMON = words("common")

_LEX = re.compile(r"\{[a-z_]+\}|\.\.\.|\.\.\d*|[()\[\]|^$?!_]|~\(|<\(|[^\s()\[\]|{}]+")
_GLUED = re.compile(r"[^\s]\?")
_ENDING = re.compile(r"[\w'][(\[]|[)\]][\w']")
_LONGEST_SLOT = 20
_STRAY = re.compile(r"[*+#@\\/<>=&%\"]")
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
# The stems that a sentence can start behind; behind none it starts at the beginning.
BEFORE_START = language.ENDS | {starter.split()[-1] for starter in _STARTERS}
_START = f"(?:(?<=^ )|(?<=[.?!] )|{'|'.join(f'(?<= {word} )' for word in _STARTERS)})"


Start = tuple[str, ...]
"""The first two stems of what a pattern or a part matches, or fewer where it takes no more; `_` is any stem."""

_NO_WORDS: frozenset[Start] = frozenset({()})
_WORDS: frozenset[Start] = frozenset({("_", "_")})
_MOST_STARTS = 1000


class Pattern(NamedTuple):
    """A compiled pattern, and what must be in a line for it to match: of each set one stem.

    `keys` is the rarest such set, `needs` are the others; `starts` are the stems that a match begins with, and `opens`
    says that it begins a sentence.
    """

    source: str
    regex: re.Pattern[str]
    keys: frozenset[str]
    needs: tuple[frozenset[str], ...] = ()
    starts: frozenset[Start] = _WORDS
    opens: bool = False


class _Part(NamedTuple):
    """A part of a pattern; as given, one that takes no words."""

    regex: str
    keys: frozenset[str] | None = None  # None: matches lines without any certain word
    needs: tuple[frozenset[str], ...] = ()
    starts: frozenset[Start] = _NO_WORDS


_OPENING = ("(", "[", "~(", "<(")
_SIGNS = {
    "_": _Part(_WORD, starts=frozenset({("_",)})),
    "^": _Part(_START),
    "$": _Part(r"(?=[.?!] |$)"),
    "?": _Part(rf"(?=(?:{_WORD})*(?:\? |$))"),
    "!": _Part(rf"(?:{_WORD})*?! ", frozenset({"!"}), starts=_WORDS),
}


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
    return Pattern(source, regex, part.keys, part.needs, part.starts, opens=part.regex.startswith(_START))


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
    return _Part(
        f"(?:{'|'.join(regexes)})", keys, starts=frozenset(each for option in options for each in option.starts)
    )


def _sequence(tokens: list[str], i: int, classes: Mapping[str, _Part], source: str) -> tuple[_Part, int]:
    parts: list[_Part] = []
    while i < len(tokens) and tokens[i] not in (")", "]", "|"):
        if tokens[i] in _OPENING:
            part, i = _bracket(tokens, i, classes, source)
        else:
            part, i = _sign(tokens[i], classes, source), i + 1
        parts.append(part)
    return _joined(parts), i


def _joined(parts: list[_Part]) -> _Part:
    """Parts one behind the other."""
    certain = [part.keys for part in parts if part.keys is not None]
    keys = min(certain, key=_cost, default=None)
    return _Part(
        "".join(part.regex for part in parts),
        keys,
        tuple(sorted({each for each in certain if each != keys}, key=_cost))[:3],
        reduce(_behind, (part.starts for part in parts), _NO_WORDS),
    )


def _behind(starts: frozenset[Start], then: frozenset[Start]) -> frozenset[Start]:
    """The starts of a part and the one behind it; where they are too many, the second stem is let go."""
    joined = {(start + more)[:2] for start in starts for more in (then if len(start) < 2 else _NO_WORDS)}
    if len(joined) > _MOST_STARTS:
        joined = {(start[0], "_") if start else () for start in joined}
    return frozenset(joined)


def _bracket(tokens: list[str], i: int, classes: Mapping[str, _Part], source: str) -> tuple[_Part, int]:
    """The bracket that opens at `i`, and where its close is behind."""
    opening = tokens[i]
    inner, i = _alternatives(tokens, i + 1, classes, source)
    if i >= len(tokens) or tokens[i] != ("]" if opening == "[" else ")"):
        raise GrammarError(source, "has a bracket that is not closed", f"close {opening!r} with its like")
    if opening == "(":
        part = inner._replace(needs=())
    elif opening == "[":
        part = _Part(f"(?:{inner.regex})?", starts=inner.starts | _NO_WORDS)
    elif opening == "~(":
        part = _Part(f"(?!{inner.regex})")
    else:
        behind = inner.regex.removeprefix("(?:").removesuffix(")").split("|")
        part = _Part("".join(f"(?<! {each})" for each in behind))
    return part, i + 1


def _sign(token: str, classes: Mapping[str, _Part], source: str) -> _Part:
    """A sign of the grammar, a class or a word."""
    if token in _SIGNS:
        return _SIGNS[token]
    if token.startswith(".."):
        return _Part(f"(?:{_WORD}){{0,{_slot(token, source)}}}?", starts=_NO_WORDS | _WORDS)
    if token.startswith("{"):
        return _class(token[1:-1], classes, source)
    word = _word(token)
    if word is None:
        raise GrammarError(source, f"has {token!r}, which is no word", "leave it out")
    if stray := _STRAY.search(token):
        raise GrammarError(source, f"has {stray[0]!r} in {token!r}", "leave it out: words match by stem, without signs")
    return word


@lru_cache(maxsize=16384)
def _word(token: str) -> _Part | None:
    """A word as it is read, which may be several stems ("can't"); None where nothing is."""
    stems = language.read(token).stems
    if not stems:
        return None
    keys = min((frozenset({each}) for each in stems), key=_cost)
    return _Part("".join(re.escape(each) + " " for each in stems), keys, starts=frozenset({stems[:2]}))


def _class(name: str, classes: Mapping[str, _Part], source: str) -> _Part:
    if name not in classes:
        near = difflib.get_close_matches(name, list(classes), n=1)
        cure = f"did you mean {{{near[0]}}}?" if near else f"there are {', '.join(classes)}"
        raise GrammarError(source, f"names {{{name}}}, a class that is not there", cure)
    return classes[name]


def _slot(token: str, source: str) -> int:
    """How many words a slot may take: `..` three, `...` eight, `..5` five."""
    most = {"..": 3, "...": 8}.get(token) or int(token[2:])
    if not 1 <= most <= _LONGEST_SLOT:
        raise GrammarError(source, f"has the slot {token!r}", f"a slot takes 1 to {_LONGEST_SLOT} words")
    return most


def _cost(keys: frozenset[str]) -> int:
    return sum(40 if key in _COMMON else 1 for key in keys)
