"""The shape of a turn's sentences: questions, fragments, exclamations, summaries, statements about "you"."""

from __future__ import annotations

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
_ASKS_BACK = (
    " is that right ",
    " is that it ",
    " is that correct ",
    " is that about it ",
    " that about it ",
    " did i get ",
    " have i got ",
    " am i right ",
    " i got that right ",
    " is that the whole ",
    " is that what ",
    " have i understood ",
    " do i have that right ",
    " does that sound right ",
    " is that the size of it ",
    " that sum ",
    " right ? ",
    " correct ? ",
    " yes ? ",
    " is that how ",
    " have i missed ",
    " did i miss ",
    " is it ? ",
    " are you ? ",
    " is that fair ",
    " would that be right ",
    " got it right ",
    " got that right ",
    " you said ? ",
    " you mean ",
    " you are say ",
)

_SMILES = (
    ":)",
    ":-)",
    ";)",
    ":D",
    "❤",
    "💛",
    "💚",
    "💙",
    "😊",
    "🙂",
    "😀",
    "😃",
    "😄",
    "🥰",
    "😍",
    "🎉",
    "👏",
    "🙌",
    "x)",
)

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
        if len(here) <= 3 and any(len(each) > 2 and each in last for each in here):
            names.append("hammers")
        if number == 0 and len(line.sentences) > 1 and len(here) <= 6 and part.echoes and here[0] not in {"i", "we"}:
            names.append("throws-back-asking" if part.asks else "throws-back")
        last = here
        if number == 0 and part.echoes:
            names.append("first-sentence-echo")
            if not part.asks and part.body[0] not in {"i", "we"}:
                names.append("first-states-echo")
        for name in names:
            found.setdefault(name, part.span)
    if any(tag in line.text for tag in _ASKS_BACK):
        found["asks-back"] = (0, 0)
    _marked(line, found)
    if sum(each in {"you", "your"} for each in line.stems) >= 3:
        found["much-you"] = (0, 0)
    return found


def _marked(line: Line, found: dict[str, Span]) -> None:
    """How the turn as a whole is written or said: loud, smiling, in bits."""
    loud = [number for number, word in enumerate(line.words) if len(word) >= 3 and word.isalpha() and word.isupper()]
    if any(len(line.words[number]) >= 4 for number in loud) and len(loud) * 3 <= len(line.words) + 2:
        at = line.word_of.index(loud[0]) if loud[0] in line.word_of else 0
        found["shouts"] = (at, at + 1)
    smile = next((n for n, word in enumerate(line.words) if any(mark in word for mark in _SMILES)), None)
    if smile is not None:
        found["smiles"] = (0, 0)
    if len(line.sentences) >= 2 and sum(end - start <= 3 for start, end, _ in line.sentences) >= 2:
        found["curt"] = (0, 0)


def _part(line: Line, sentence: Sentence, near: frozenset[str]) -> Part:
    start, end = sentence.start, sentence.end
    stems = line.stems
    while (
        start < end - 1 and stems[start] in _LEAD_INS and stems[start] not in near and stems[start + 1] in _LEAD_INS_END
    ):
        start += 1
    body = stems[start:end]
    measured = any(each in _NUMBERS for each in body) and any(each in _MEASURES for each in body)
    return Part(
        span=(sentence.start, sentence.end),
        body=body,
        echoes=sum(each in near for each in body),
        asks=sentence.asks,
        exclaims=end < len(stems) and stems[end] == "!",
        intense=measured or any(each in _INTENSE for each in body),
        verbless=len(body) >= 2 and not any(each in _FINITE for each in line.forms[start:end]),
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
