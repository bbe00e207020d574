"""Reads WebVTT and SubRip (SRT) with the speakers' names, as transcribers export them.

A speaker's name stands in a voice tag (`<v Agent>`) or before a colon at the start of a line (`Agent: `); a line
without one goes on with the speaker before it. The time of a cue says when it is shown, which is not when somebody
spoke, so a transcript of cues has `times_from` "cues". Neighbouring cues of one speaker are one turn: lines are broken
to fit a screen, in the middle of a sentence.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from transcription.errors import BadTranscript
from transcription.types import Speaker, Transcript, Turn

AGENT_NAMES = (
    *("agent", "advisor", "adviser", "rep", "representative", "csr", "operator", "associate"),
    *("support", "support agent", "service", "customer service", "customer support", "call center", "call centre"),
)
CUSTOMER_NAMES = ("customer", "caller", "client", "guest", "user", "member", "patient", "consumer", "buyer")

_TIME = r"(?:(\d+):)?([0-5]?\d):([0-5]?\d)[.,](\d{3})"
_TIMES = re.compile(rf"^\s*{_TIME}\s+-->\s+{_TIME}(?:\s.*)?$")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]*)>")
_TAG = re.compile(r"<[^>]*>|\{\\[^}]*\}")
_LABEL = re.compile(r"^[-\u2013\u2014>\s]*\[?([^\W\d_][\w .'\u2019#()-]{0,39}?)\]?\s*:\s+(?=\S)")


class _Piece(NamedTuple):
    """Some text of one cue under one name (None: no name of its own), and the line in the file."""

    line: int
    start_s: float
    end_s: float
    name: str | None
    text: str


def read(text: str, *, name: str, speakers: Mapping[str, Speaker]) -> Transcript:
    """The transcript in a WebVTT or SRT text. `speakers` gives names their side; `name` opens each error.

    Raises BadTranscript with the line, where a time cannot be read or a name belongs to neither side.
    """
    pieces = list(_pieces(text, name))
    if not any(piece.text for piece in pieces):
        message = f"{name} holds no cue with text"
        raise BadTranscript(message)
    known: dict[str, Speaker] = dict.fromkeys(AGENT_NAMES, "agent")
    known |= dict.fromkeys(CUSTOMER_NAMES, "customer")
    known |= {_plain(label): side for label, side in speakers.items()}
    pieces = _labelled(pieces, known)
    turns: list[Turn] = []
    current: Speaker | None = None
    for piece in pieces:
        if piece.name is not None:
            current = _side(piece, known, name)
        if current is None:
            message = f"{name}, line {piece.line}: nothing says who speaks; put <v Agent> or `Agent: ` before it"
            raise BadTranscript(message)
        if turns and turns[-1].speaker == current:
            last = turns.pop()
            turn = Turn(last.index, current, last.start_s, piece.end_s, f"{last.text} {piece.text}".strip())
        else:
            turn = Turn(len(turns), current, piece.start_s, piece.end_s, piece.text)
        turns.append(turn)
    return Transcript(turns=tuple(turns), duration_s=max(piece.end_s for piece in pieces), times_from="cues")


def timestamp(seconds: float) -> str:
    """A time as WebVTT writes it, `hh:mm:ss.mmm`."""
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}"


def _pieces(text: str, name: str) -> Iterator[_Piece]:
    """The text of every cue, divided where the speaker changes."""
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        if "-->" not in lines[at] or lines[at].lstrip().startswith("NOTE"):
            # a header, a comment, a style sheet or a cue's own number; blocks of WebVTT's end with a blank line
            if re.match(r"(NOTE|STYLE|REGION|WEBVTT)\b", lines[at]):
                while at < len(lines) and lines[at].strip():
                    at += 1
            at += 1
            continue
        found = _TIMES.match(lines[at])
        if found is None:
            message = f"{name}, line {at + 1}: {lines[at].strip()[:60]!r} is not the times of a cue"
            raise BadTranscript(message)
        start_s, end_s = _seconds(found.groups()[:4]), _seconds(found.groups()[4:])
        if end_s < start_s:
            message = f"{name}, line {at + 1}: the cue ends before it begins"
            raise BadTranscript(message)
        at += 1
        while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
            for label, said in _voices(lines[at]):
                yield _Piece(at + 1, start_s, end_s, label, said)
            at += 1


def _voices(line: str) -> Iterator[tuple[str | None, str]]:
    """A line of a cue divided at its voice tags, without any other tag."""
    before, *tagged = _VOICE.split(line)
    parts = [(None, before), *zip(tagged[::2], tagged[1::2], strict=True)]
    for label, part in parts:
        said = " ".join(html.unescape(_TAG.sub("", part)).split())
        if said:
            yield (html.unescape(label).strip() or None) if label is not None else None, said


def _labelled(pieces: list[_Piece], known: Mapping[str, Speaker]) -> list[_Piece]:
    """Takes names before a colon for names: those that are known, and those that come again and again.

    "The rule is: ask" and "Please note: we close at five" stay as they are.
    """
    found = [_LABEL.match(piece.text) if piece.name is None else None for piece in pieces]
    often = Counter(_plain(match[1]) for match in found if match)
    result = []
    for piece, match in zip(pieces, found, strict=True):
        if match and (_plain(match[1]) in known or often[_plain(match[1])] > 1):
            result.append(piece._replace(name=match[1].strip(), text=piece.text[match.end() :]))
        else:
            result.append(piece)
    return result


def _side(piece: _Piece, known: Mapping[str, Speaker], name: str) -> Speaker:
    side = known.get(_plain(piece.name or ""))
    if side is None:
        message = (
            f"{name}, line {piece.line}: it is not known whether {piece.name!r} is the agent or the customer; "
            "call the speakers Agent and Customer"
        )
        raise BadTranscript(message)
    return side


def _plain(label: str) -> str:
    """A name without case, brackets, and the number that transcribers put behind it (`AGENT 1`)."""
    return re.sub(r"[\s_#-]*\d*$", "", label.strip(" []()").casefold())


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, milliseconds = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + milliseconds / 1000
