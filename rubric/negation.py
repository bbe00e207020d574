"""Whether words are said or denied: "I will call you back" against "I can't call you back".

A negation reaches over the three words behind it in the same clause, and over as many small ones as stand between
("not going to be able to"). It ends at a comma, at a word that begins another clause, and before words that begin with
their own subject ("no, I will call you"). "Why don't I call you" and "don't hesitate to call" deny nothing.
"""

from __future__ import annotations

from functools import lru_cache

from rubric import language
from rubric.language import ENDS, Line

_NEGATES = frozenset({"not", "never", "no", "nobody", "none", "nothing", "neither", "nor", "without"})
_SUBJECTS = frozenset({"i", "we", "you", "he", "she", "it", "they", "that", "this", "there", "let"})
_NEXT_CLAUSE = frozenset({"but", "because", "and", "so", "if", "then", "until", "unless", "or"})
# With these a negation says the opposite: "I won't forget to call you", "not only".
_TURNED = frozenset({"hesitate", "forget", "fail", "worry", "mind", "only"})
_SMALL = frozenset({
    "a", "able", "am", "are", "be", "been", "being", "can", "could", "did", "do", "does", "even", "get", "going", "got",
    "had", "has", "have", "is", "just", "may", "might", "really", "shall", "should", "the", "to", "was", "were", "will",
    "would",
})  # fmt: skip
_REACH = 3


def denied(line: Line, start: int, end: int) -> bool:
    """Whether a negation stands in the tokens `start` to `end` of a line, or reaches over them."""
    if any(_negates(line, i, end) for i in range(start, end)):
        return True
    if line.forms[start] in _SUBJECTS:
        return False
    between = 0
    for i in range(start - 1, -1, -1):
        form = line.forms[i]
        ends = form in ENDS | _NEXT_CLAUSE or line.words[line.word_of[i]].endswith((",", ";", ":", "-", "—", "–"))
        if ends or between >= _REACH:
            return False
        if _negates(line, i, start):
            return True
        between += form not in _SMALL
    return False


def _negates(line: Line, i: int, end: int) -> bool:
    around = line.forms[max(i - 2, 0) : i]
    return line.forms[i] in _NEGATES and "why" not in around and _TURNED.isdisjoint(line.forms[i + 1 : end])


@lru_cache(maxsize=4096)
def names_one(source: str) -> bool:
    """Whether a pattern speaks of a negation itself."""
    return not _NEGATES.isdisjoint(language.read(source).forms)
