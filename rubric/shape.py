"""The shape of a turn's sentences: questions, fragments, exclamations, summaries, statements about "you"."""

from __future__ import annotations

import re
from typing import NamedTuple

from rubric.language import Line, Sentence
from rubric.wordlists import words

_ASKING = words("asking")
_NUMBERS = words("numbers")
_FINITE = words("finite")
_MEASURES = words("measures")
_INTENSE = words("intense")
_INSTRUCT = words("instruct")
_LEAD_INS = words("lead_ins")
_LEAD_INS_END = words("lead_ins_end")
_WH = frozenset({"what", "when", "where", "which", "who", "why", "whi", "how"})
_ABOUT = frozenset({"you", "your", "it", "that", "he", "she", "they", "the", "this"})

# How people ask whether they have understood.
_ASKS_BACK = re.compile(
    " (?:"
    "is that (?:right|it|correct|about it|the whole|what|the size of it|how|fair)|"
    "that (?:about it|sum)|"
    "have i (?:got|understood|missed)|"
    "did i (?:get|miss)|"
    "do i have that right|does that sound right|would that be right|"
    "am i right|i got that right|got (?:it|that) right|"
    r"(?:right|correct|yes|is it|are you|you said) \?|"
    "you mean|you are say"
    ") "
)

_SMILES = re.compile("|".join(map(re.escape, (
    ":)", ":-)", ";)", ":D", "x)",
    "❤", "💛", "💚", "💙", "😊", "🙂", "😀", "😃", "😄", "🥰", "😍", "🎉", "👏", "🙌",
))))  # fmt: skip

Span = tuple[int, int]


class Part(NamedTuple):
    """A sentence without its lead-in ("okay so then"): its stems, and what of them is taken up from the other."""

    span: Span
    body: tuple[str, ...]
    echoes: int
    asks: bool
    exclaims: bool
    intense: bool
    verbless: bool


def shapes(line: Line, near: frozenset[str]) -> dict[str, Span]:
    """Each shape that some sentence has, with the first sentence that has it. `near` is what the other just said."""
    found: dict[str, Span] = {}
    last: tuple[str, ...] = ()
    for number, sentence in enumerate(line.sentences):
        part = _part(line, sentence, near)
        names = [*_marks(part), *_starts(part)]
        here = line.stems[sentence.start : sentence.end]
        if last and len(here) <= 3 and any(len(each) > 2 and each in last for each in here):
            names.append("hammers")
        if number == 0 and part.echoes:
            names += _takes_up(part, here, alone=len(line.sentences) == 1)
        last = here
        for name in names:
            found.setdefault(name, part.span)
    if _ASKS_BACK.search(line.text):
        found["asks-back"] = (0, 0)
    _marked(line, found)
    if line.stems.count("you") + line.stems.count("your") >= 3:
        found["much-you"] = (0, 0)
    return found


def _takes_up(part: Part, stems: tuple[str, ...], *, alone: bool) -> list[str]:
    """How a first sentence takes up what the other said."""
    names = ["first-sentence-echo"]
    if not alone and len(stems) <= 6 and stems[0] not in {"i", "we"}:
        names.append("throws-back-asking" if part.asks else "throws-back")
    if not part.asks and part.body[0] not in {"i", "we"}:
        names.append("first-states-echo")
    return names


def _marked(line: Line, found: dict[str, Span]) -> None:
    """How the turn as a whole is written or said: loud, smiling, in bits."""
    loud = [number for number, word in enumerate(line.words) if word.isupper() and len(word) >= 3 and word.isalpha()]
    if any(len(line.words[number]) >= 4 for number in loud) and len(loud) * 3 <= len(line.words) + 2:
        at = line.word_of.index(loud[0]) if loud[0] in line.word_of else 0
        found["shouts"] = (at, at + 1)
    if _SMILES.search(" ".join(line.words)):
        found["smiles"] = (0, 0)
    if len(line.sentences) >= 2 and sum(end - start <= 3 for start, end, _ in line.sentences) >= 2:
        found["curt"] = (0, 0)


def _part(line: Line, sentence: Sentence, near: frozenset[str]) -> Part:
    start, end, asks = sentence
    stems = line.stems
    while (
        start < end - 1 and stems[start] in _LEAD_INS and stems[start] not in near and stems[start + 1] in _LEAD_INS_END
    ):
        start += 1
    body = stems[start:end]
    measured = not _NUMBERS.isdisjoint(body) and not _MEASURES.isdisjoint(body)
    return Part(
        span=(sentence.start, end),
        body=body,
        echoes=sum(map(near.__contains__, body)),
        asks=asks,
        exclaims=end < len(stems) and stems[end] == "!",
        intense=measured or not _INTENSE.isdisjoint(body),
        verbless=len(body) >= 2 and _FINITE.isdisjoint(line.forms[start:end]),
    )


def _marks(part: Part) -> list[str]:
    """How the sentence is marked, and what fragments and echoes it is made of."""
    names = []
    marked = part.asks or part.exclaims
    if part.exclaims:
        names.append("exclaims")
        if part.echoes:
            names.append("echo-exclaims")
    if part.echoes and part.intense:
        names.append("echo-intense")
    if part.verbless:
        names.append("fragment")
        if part.echoes:
            names += ["fragment-echo", "fragment-echo-marked"] if marked else ["fragment-echo"]
        if part.intense and len(part.body) >= 3:
            names += ["fragment-intense", "fragment-intense-marked"] if marked else ["fragment-intense"]
    return names + (_questions(part) if part.asks else [])


def _questions(part: Part) -> list[str]:
    first = part.body[0]
    kind = "asks-wh" if first in _WH else "asks-yes-no" if first in _ASKING else "asks-statement"
    names = ["asks", kind]
    if "you" in part.body or "your" in part.body:
        names.append("asks-you")
    if part.echoes:
        names.append("asks-echo")
    return names


def _starts(part: Part) -> list[str]:  # noqa: C901 - a branch for each way to start
    """What the sentence is about, by how it starts: "so", "you", "I"."""
    body, size = part.body, len(part.body)
    names = []
    if body[0] == "so" and size >= 4:
        names.append("so")
        if part.echoes:
            names.append("so-echo")
        if part.echoes >= 2:
            names.append("so-echo-2")
        if body[1] in _ABOUT:
            names.append("so-you")
    elif body[0] in {"you", "your"} and size >= 3 and not part.asks:
        lived = body[2] in {"not", "been", "had"}  # "you could not get in", not "you could get it at"
        if body[0] == "you" and body[1] in _INSTRUCT and not lived:
            return ["you-instruct"]
        names.append("you-state")
        if part.echoes:
            names.append("you-state-echo")
        if part.intense:
            names.append("you-state-intense")
    elif body[0] in {"i", "we"} and size >= 3:
        names.append("i-state")
        if "will" in body[1:4] or body[1:3] == ("am", "go"):
            names.append("i-will")
        if "would" in body[1:3]:
            names.append("i-would")
    return names
