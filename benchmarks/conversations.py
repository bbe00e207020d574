"""Labelled conversations in plain text: the project's own, in tests/rubric/conversations.

    == s1-01 voice trains
    criteria: listens=met validates=partly ...
    A: Good morning, Northline trains, Petra speaking.
    C: Hi yeah I've been trying to get the app to show my ticket and it just spins. [problem struggle]

`==` begins a conversation: its id, medium and trade. `criteria:` gives its verdicts, where they were read. Then a line a
turn, `A:` the agent's, `C:` the customer's, with the labels of the codebook in brackets at its end. `#` begins a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from transcription.types import Medium, Speaker, Transcript, Turn

_TURN = re.compile(r"(?P<who>[AC]): (?P<text>.+?)(?: \[(?P<labels>[a-z_ ]+)\])?")
_SPEAKERS: dict[str, Speaker] = {"A": "agent", "C": "customer"}


class Labelled(NamedTuple):
    """A conversation: its id, its transcript, the labels of each turn, and the verdicts (empty where none were read)."""

    id: str
    transcript: Transcript
    labels: tuple[frozenset[str], ...]
    verdicts: dict[str, str]


def read(path: Path) -> Iterator[Labelled]:
    """The conversations of a file, in order; ValueError names the line that is none of its form."""
    for block in re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, *lines = [line for line in block.splitlines() if line.strip() and not line.startswith("#")]
        name, medium, *_ = head.split()
        verdicts: dict[str, str] = {}
        turns: list[Turn] = []
        labels: list[frozenset[str]] = []
        for line in lines:
            if line.startswith("criteria: "):
                verdicts = dict(each.split("=") for each in line.split()[1:])
                continue
            found = _TURN.fullmatch(line)
            if found is None:
                raise ValueError(f"{path.name}, {name}: {line!r} is no turn; it begins with 'A: ' or 'C: '")
            turns.append(Turn(len(turns), _SPEAKERS[found["who"]], None, None, " ".join(found["text"].split())))
            labels.append(frozenset((found["labels"] or "").split()))
        yield Labelled(
            name,
            Transcript(turns=tuple(turns), language="en", times_from="none", medium=_medium(medium)),
            tuple(labels),
            verdicts,
        )


def _medium(name: str) -> Medium:
    match name:
        case "voice" | "chat" | "email" | "social":
            return name
        case _:
            raise ValueError(f"{name!r} is no medium")
