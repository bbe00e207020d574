"""The one way from a recording or a transcript to a stored scorecard: HTTP, command line, batch and tests go by it.

A recording is known by its hash within its team. What has been transcribed with the same model and settings is not
transcribed again: a new rubric, a new scorer or a word about the agent's channel need only the stored transcript.

    from qa import Scoring, Store
    with Store.open("qa.duckdb") as store, Scoring(store) as scoring:
        outcomes = list(scoring.batch(["recordings"], metadata="recordings/calls.csv"))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Self

import msgspec

from qa.metadata import Metadata
from qa.settings import Settings
from qa.store import Store, StoredCall
from rubric import Rubric
from transcription.types import Transcript

Progress = Callable[[float], None]  # the share that is done, 0 to 1


class Outcome(msgspec.Struct, frozen=True):
    """What became of one file of a batch: its call, or why there is none."""

    recording: str
    call: StoredCall | None = None
    error: str | None = None


class Verified(msgspec.Struct, frozen=True):
    """Whether a scorecard came out the same again, and where it did not, why."""

    call_id: str
    same: bool
    reason: str | None = None


class Scoring:
    """Scores into a store. The speech model is loaded when it is first needed, and once."""

    transcriptions: int = 0

    def __init__(
        self,
        store: Store,
        *,
        model: str | None = None,
        rubric: Rubric | Path | None = None,
        settings: Settings | None = None,
    ) -> None:
        self.store = store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def score(
        self, path: str | Path, metadata: Metadata | None = None, *, again: bool = False, progress: Progress | None = None
    ) -> StoredCall:
        """Score a recording (or a transcript, by its suffix) and store it; raises Problem."""
        raise NotImplementedError

    def score_transcript(
        self, transcript: Transcript, metadata: Metadata | None = None, *, again: bool = False
    ) -> StoredCall:
        """Score a written or labelled transcript and store it; the hash of its JSON stands for a recording's."""
        raise NotImplementedError

    def batch(
        self,
        paths: Iterable[str | Path] = (),
        *,
        metadata: Metadata | str | Path | None = None,
        again: bool = False,
        executor: Executor | None = None,
        progress: Progress | None = None,
    ) -> Iterator[Outcome]:
        """Score files and folders, one Outcome a file; a path as `metadata` is a CSV. A bad file stops no other."""
        raise NotImplementedError

    def verify(self, key: str, *, team: str | None = None) -> Verified:
        """Score a call again from its stored transcript and rubric, and compare the bytes."""
        raise NotImplementedError

    def rescore(self, *, team: str | None = None) -> Iterator[Outcome]:
        """Score all stored transcripts again by this rubric and scorer where theirs was another; no audio needed."""
        raise NotImplementedError


def result_line(outcome: Outcome | StoredCall) -> dict[str, Any]:
    """The line that `qa score --json` prints for a call."""
    raise NotImplementedError


def whole(call: StoredCall) -> dict[str, Any]:
    """What `qa show CALL --json` prints."""
    raise NotImplementedError
