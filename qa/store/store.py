"""The store as one object: what it can do, each done in a module of its own."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Self

from qa.metadata import Metadata
from qa.settings import Settings
from qa.store.files import Files
from qa.store.types import By, CallRow, Comparison, Job, KeptTranscript, Page, Result, StoredCall, Team
from rubric import Rubric
from rubric.types import Scorecard


class Store:
    """An open store. Any number of threads may read; writes take turns. Make one with `Store.open`."""

    path: Path
    files: Files
    settings: Settings
    read_only: bool

    @classmethod
    def open(cls, path: str | Path, *, read_only: bool = False, settings: Settings | None = None) -> Self:
        """Open the store in a file, which is made where it is not there, and bring it up to date.

        With `read_only` it must be there. Raises StoreHeld while another process has it open, and StoreProblem
        where the file is no store, is of a newer version, or cannot be read or written.
        """
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # calls

    def save(
        self,
        *,
        sha256: str,
        metadata: Metadata,
        kept: KeptTranscript,
        scorecard: Scorecard,
        rubric: Rubric,
    ) -> StoredCall:
        """Write a scored call, or replace its scorecard: whole or not at all.

        Raises ContactTaken where another recording of the team has the contact id.
        """
        raise NotImplementedError

    def find(self, *, team: str, sha256: str) -> StoredCall | None:
        """The call of a recording within a team."""
        raise NotImplementedError

    def call(self, key: str, *, team: str | None = None) -> StoredCall:
        """A call by its call id or contact id, whole; raises CallNotFound."""
        raise NotImplementedError

    def row(self, key: str, *, team: str | None = None) -> CallRow:
        """A call by its call id or contact id without its transcript and scorecard; raises CallNotFound."""
        raise NotImplementedError

    def calls(
        self,
        *,
        team: str | None = None,
        agent: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Calls, newest first by when they started (else were received): from `since` up to but without `until`."""
        raise NotImplementedError

    def teams(self) -> tuple[Team, ...]:
        """All teams with their numbers of calls."""
        raise NotImplementedError

    def transcript(self, call_id: str, *, made_with: str) -> KeptTranscript | None:
        """The transcript of a call that was made with these settings; a call may have several."""
        raise NotImplementedError

    def rubric(self, version: str) -> Rubric | None:
        """A rubric that has judged a call of this store."""
        raise NotImplementedError

    # comparisons

    def compare(self, by: By = "team", *, team: str | None = None) -> tuple[Comparison, ...]:
        """Teams or agents side by side, never mixing rubrics, scorers or speech models."""
        raise NotImplementedError

    def sql(self, query: str) -> Result:
        """The answer to one SELECT, in a transaction that cannot write; raises QueryProblem."""
        raise NotImplementedError

    # jobs

    def enqueue(self, *, sha256: str, metadata: Metadata) -> Job:
        """Write down a call whose recording is kept, to be scored; one that waits already is not queued twice."""
        raise NotImplementedError

    def claim(self, *, lease_s: float) -> Job | None:
        """Take the oldest job that waits, or whose lease has run out; None where there is none."""
        raise NotImplementedError

    def renew(self, job_id: int, *, lease_s: float) -> None:
        """Say that the job is still being worked on."""
        raise NotImplementedError

    def finish(self, job_id: int, *, error: str | None = None) -> None:
        """The job is done, or has failed for the reason given."""
        raise NotImplementedError

    def requeue(self) -> int:
        """At start: what was running when the process ended waits again; says how many that are."""
        raise NotImplementedError
