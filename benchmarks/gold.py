"""Labelled files, of the three forms that a folder may hold, mixed as it likes.

    NAME.json          a conversation whose turns are labelled, written or with the times of its turns
    NAME.truth.json    the same of a recording, which lies beside it
    NAME.jsonl         rows: single turns of a corpus that others labelled, each with what was said before it

Labels are those of the codebook. Labels of a row that are not scored are notes of the corpus.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from benchmarks import truth
from benchmarks.truth import Party, Truth
from transcription import formats
from transcription.errors import Problem
from transcription.types import Medium, Transcript

AGENT = (
    "validation", "apology", "paraphrase", "alternatives", "refusal", "ownership", "follow_up", "follow_up_vague",
    "extra_mile", "personal", "clarifying_question", "dismissive", "jargon",
)  # fmt: skip
CUSTOMER = ("problem", "negative_emotion", "struggle", "positive")
BY_SPEAKER: dict[str, tuple[str, ...]] = {"agent": AGENT, "customer": CUSTOMER}
SCORED = (*AGENT, *CUSTOMER, "question", "backchannel", "interruption")
"""What is scored of rows: the codebook's labels and three that corpora of talk have."""

FREQUENT = tuple(label for label in (*AGENT, *CUSTOMER) if label not in {"ownership", "follow_up_vague", "jargon"})
"""The 14 labels that the written conversations have 50 times and more."""

_FIRST_MESSAGE = datetime(2026, 1, 5, 9, tzinfo=UTC)  # written conversations say only how long after the first


class BadGold(Problem):
    """A labelled file that cannot be read."""


class GoldTurn(msgspec.Struct, frozen=True):
    """A turn with the codebook's labels; `at_min` is minutes since the first message."""

    speaker: Party
    text: str
    labels: tuple[str, ...] = ()
    overlap: str = "none"
    start_s: float | None = None
    end_s: float | None = None
    at_min: float | None = None


class Conversation(msgspec.Struct, frozen=True):
    """A labelled conversation; `criteria` are the verdicts that it deserves."""

    id: str
    turns: tuple[GoldTurn, ...]
    channel: Medium = "voice"
    criteria: dict[str, str] = {}

    @property
    def writer(self) -> str:
        """Whoever wrote it: the first part of the id."""
        return self.id.partition("-")[0]

    def transcript(self, *, bare: bool = False) -> Transcript:
        """As our own JSON form would hold it; `bare` drops marks and case, as some recognisers do."""
        turns = [
            {
                "speaker": turn.speaker,
                "text": without_marks(turn.text) if bare else turn.text,
                "start_s": turn.start_s,
                "end_s": turn.end_s,
                "backchannel": turn.overlap == "backchannel",
                "sent_at": None if turn.at_min is None else _sent_at(turn.at_min),
            }
            for turn in self.turns
        ]
        form = {"turns": turns, "medium": self.channel, "language": "en"}
        return formats.from_json(msgspec.json.encode(form), name=self.id)


class Spoken(NamedTuple):
    """A recording with its truth, and the same as a labelled conversation."""

    recording: Path
    truth: Truth
    conversation: Conversation


class RowTurn(msgspec.Struct, frozen=True):
    """A turn before the one that is judged. Whoever is neither agent nor customer is anybody else in the room."""

    speaker: str
    text: str
    start_s: float | None = None
    end_s: float | None = None


class Row(msgspec.Struct, frozen=True):
    """A turn of a corpus; `group` is its conversation. A label that is None is one that the corpus does not tell."""

    id: str
    group: str
    text: str
    labels: dict[str, Any]
    context: tuple[RowTurn, ...] = ()
    start_s: float | None = None
    end_s: float | None = None
    role: Literal["agent", "customer"] = "agent"
    meta: dict[str, Any] = {}

    @property
    def judged(self) -> RowTurn:
        return RowTurn(self.role, self.text, self.start_s, self.end_s)

    @property
    def scored(self) -> dict[str, bool]:
        """The labels that are scored and that the corpus tells."""
        return {
            label: bool(self.labels[label])
            for label in SCORED
            if isinstance(self.labels.get(label), int)  # None: not told
        }


class Folder(NamedTuple):
    """All that is labelled in a folder; rows by the stem of their file."""

    conversations: tuple[Conversation, ...]
    spoken: tuple[Spoken, ...]
    rows: dict[str, tuple[Row, ...]]


def read(folder: Path) -> Folder:
    """The labelled files of a folder, not of folders in it; raises BadGold or BadTruth in one line."""
    if not folder.is_dir():
        raise BadGold(f"{folder}: no such folder; give one that holds labelled conversations or rows")
    truths = sorted(folder.glob("*.truth.json"))
    found = Folder(
        conversations=tuple(conversation(path) for path in sorted(folder.glob("*.json")) if path not in truths),
        spoken=tuple(spoken(folder)) if truths else (),
        rows={path.stem: rows(path) for path in sorted(folder.glob("*.jsonl"))},
    )
    if not any(found):
        raise BadGold(f"{folder}: nothing labelled here; give a folder with NAME.json, NAME.truth.json or NAME.jsonl")
    return found


def conversation(path: Path) -> Conversation:
    """One labelled conversation, its turns in order of time."""
    try:
        given = msgspec.json.decode(path.read_bytes(), type=Conversation)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadGold(f"{path}: not a labelled conversation: {error}") from error
    return _in_order(given, path)


def spoken(folder: Path) -> list[Spoken]:
    """The recordings of a folder whose truth has labels; what has none (another language) is left out."""
    found = []
    for recording, true in truth.folder(folder):
        if any(turn.acts or turn.labels for turn in true.turns):
            turns = tuple(
                GoldTurn(turn.speaker, turn.text, turn.labels or turn.acts, turn.overlap, turn.start_s, turn.end_s)
                for turn in true.turns
            )
            whole = Conversation(id=recording.stem, turns=turns, criteria=true.criteria or {})
            found.append(Spoken(recording, true, _in_order(whole, recording)))
    return found


def rows(path: Path) -> tuple[Row, ...]:
    """The rows of a file, one a line."""
    decoder = msgspec.json.Decoder(Row)
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            if line.strip():
                found.append(decoder.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadGold(f"{path}, line {number}: not a labelled row: {error}") from error
    return tuple(found)


def without_marks(text: str) -> str:
    """Lower case, no punctuation but apostrophes."""
    return " ".join(re.sub(r"[^\w\s'’]", " ", text.lower()).split())


def _in_order(given: Conversation, path: Path) -> Conversation:
    if not given.turns:
        raise BadGold(f"{path}: it has no turns; leave it out of the folder")
    if any(turn.start_s is None for turn in given.turns):
        return given
    turns = tuple(sorted(given.turns, key=lambda turn: turn.start_s or 0.0))
    return msgspec.structs.replace(given, turns=turns)


def _sent_at(at_min: float) -> str:
    return (_FIRST_MESSAGE + timedelta(minutes=at_min)).isoformat()
