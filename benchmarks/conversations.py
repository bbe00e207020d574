"""The project's own labelled talk: conversations in plain text, and examples of single turns.

Conversations are in tests/rubric/conversations:

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
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from benchmarks.gold import BadGold, Conversation, GoldTurn
from benchmarks.truth import Party
from transcription.types import Transcript, Turn

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


class Example(NamedTuple):
    """A turn that does what a label says (`holds`), or only seems to, and what the other said before it."""

    label: str
    speaker: Party
    holds: bool
    after: str | None
    text: str

    def transcript(self) -> Transcript:
        """The turn, the last, with what the other said before it."""
        other: Party = "customer" if self.speaker == "agent" else "agent"
        said: list[tuple[Party, str]] = [(other, self.after)] if self.after else []
        said.append((self.speaker, self.text))
        turns = tuple(Turn(index, who, None, None, words) for index, (who, words) in enumerate(said))
        return Transcript(turns=turns, language="en", times_from="none")


def examples(path: Path) -> Iterator[Example]:
    """The examples of a file of tests/rubric/examples: those that have the label, then the near misses."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    for key, holds in (("yes", True), ("no", False)):
        for each in data[key]:
            yield Example(data["label"], data["speaker"], holds, each.get("after"), each["text"])
