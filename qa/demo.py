"""What `qa demo` scores: three recorded calls and 32 written conversations that come with the package.

Nobody in them exists: language models wrote them, and synthetic voices speak the recordings. See data/demo/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from qa.scoring import Outcome, Progress, Scoring

FOLDER = Path(__file__).with_name("data") / "demo"
CALLS = FOLDER / "calls" / "calls.csv"
CONVERSATIONS = FOLDER / "conversations" / "conversations.csv"

TEAMS = ("North", "South")
SHOWN = "car-repair"
"""The call whose scorecard is shown whole: an average one, so that it has points earned and points missed."""

WRITTEN_TO_BE = {"broadband": "good", "car-repair": "average", "carers-payment": "poor"}
"""What the writer of each recorded call set out to write, by contact id."""


def score_calls(scoring: Scoring, *, progress: Progress | None = None) -> Iterator[Outcome]:
    """The three recordings, transcribed here and now whatever is in the store already."""
    return scoring.batch(metadata=CALLS, again=True, progress=progress)


def score_conversations(scoring: Scoring, *, progress: Progress | None = None) -> Iterator[Outcome]:
    """The conversations of the two teams, scored as text."""
    return scoring.batch(metadata=CONVERSATIONS, progress=progress)
