"""Labelled conversations in plain text: the project's own, in tests/rubric/conversations.

    == s1-01 voice trains
    criteria: listens=met validates=partly ...
    A: Good morning, Northline trains, Petra speaking.
    C: Hi yeah I've been trying to get the app to show my ticket and it just spins. [problem struggle]

`==` begins a conversation: its id, medium and trade. `criteria:` gives its verdicts, where they were read. Then a line
a turn, `A:` the agent's, `C:` the customer's, with the labels of the codebook in brackets at its end. `#` begins a
remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.gold import BadGold, Conversation, GoldTurn
from benchmarks.truth import Party

_TURN = re.compile(r"(?P<who>[AC]): (?P<text>.+?)(?: \[(?P<labels>[a-z_ ]+)\])?")
_SPEAKERS: dict[str, Party] = {"A": "agent", "C": "customer"}


def read(path: Path) -> Iterator[Conversation]:
    """The conversations of a file, in order; BadGold names the line that is not of its form."""
    for block in re.split(r"^== ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        head, *lines = [line for line in block.splitlines() if line.strip() and not line.startswith("#")]
        name, channel, *_ = head.split()
        criteria: dict[str, str] = {}
        turns: list[GoldTurn] = []
        for line in lines:
            found = _TURN.fullmatch(line)
            if line.startswith("criteria: "):
                criteria = dict(each.split("=") for each in line.split()[1:])
            elif found is None:
                raise BadGold(f"{path}, {name}: {line!r} is no turn; it begins with 'A: ' or 'C: '")
            else:
                labels = tuple((found["labels"] or "").split())
                turns.append(GoldTurn(_SPEAKERS[found["who"]], found["text"], labels))
        yield msgspec.convert({"id": name, "channel": channel, "turns": turns, "criteria": criteria}, Conversation)
