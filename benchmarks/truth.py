"""The truth beside a recording: who said what, when, and how good the call was meant to be.

A folder holds recordings with `NAME.truth.json` beside `NAME.wav` (or mp3, ogg, flac, m4a). Only `recording`,
`channels` and `turns` must be there; a measure whose part is absent is left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

import transcription
from transcription.errors import Problem
from transcription.types import Interval, Transcript

Side = Literal["left", "right"]
Party = Literal["agent", "customer"]

PARTIES: tuple[Party, Party] = ("agent", "customer")


class BadTruth(Problem):
    """A folder or truth file that a benchmark cannot read."""


class TruthTurn(msgspec.Struct, frozen=True):
    """What was really said, exact to some 0.02 s; `overlap` says how it begins, `cut_off` that it broke off.

    `labels` are the codebook's, which calls made from sentence patterns call `acts`.
    """

    speaker: Party
    start_s: float
    end_s: float
    text: str = ""
    overlap: Literal["none", "backchannel", "interruption", "cooperative"] = "none"
    cut_off: bool = False
    labels: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()

    @property
    def interval(self) -> Interval:
        return Interval(self.start_s, self.end_s)


class Truth(msgspec.Struct, frozen=True):
    """One recording's truth. `holds` is where hold music plays; `criteria` are the verdicts it deserves."""

    recording: str
    channels: dict[Side, Party]
    turns: tuple[TruthTurn, ...]
    quality: str | None = None
    criteria: dict[str, str] | None = None
    language: str | None = None
    duration_s: float | None = None
    holds: tuple[Interval, ...] = ()

    @property
    def agent_channel(self) -> Side:
        return "left" if self.channels["left"] == "agent" else "right"

    def by_speaker(self, by_side: dict[Side, str]) -> dict[str, str]:
        """What was heard on each channel, by who speaks on it."""
        return {self.channels[side]: text for side, text in by_side.items()}

    def settled(self, as_left: Transcript) -> Transcript:
        """A transcript that takes the agent to be on the left, with the agent where the truth has them."""
        return as_left if self.agent_channel == "left" else transcription.swapped(as_left)

    def of(self, speaker: str) -> tuple[TruthTurn, ...]:
        """One speaker's turns in order of time."""
        return tuple(sorted((turn for turn in self.turns if turn.speaker == speaker), key=lambda turn: turn.start_s))


def read(path: Path) -> Truth:
    """One truth file; raises BadTruth with the file and the path of what does not fit."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Truth)
    except msgspec.DecodeError as error:
        raise BadTruth(f"{path}: not a truth file: {error}") from error


def folder(path: Path) -> list[tuple[Path, Truth]]:
    """Every recording of the folder that has its truth beside it, by name; BadTruth where there is none."""
    if not path.is_dir():
        raise BadTruth(f"{path}: no such folder; give one that holds recordings and their NAME.truth.json")
    pairs = []
    for file in sorted(path.glob("*.truth.json")):
        truth = read(file)
        recording = path / truth.recording
        if not recording.is_file():
            raise BadTruth(f"{file}: names the recording {truth.recording!r}, which is not in {path}")
        pairs.append((recording, truth))
    if not pairs:
        raise BadTruth(f"{path}: no NAME.truth.json here; give a folder that holds recordings and their truth")
    return pairs
