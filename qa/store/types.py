"""What the store gives back. All values are immutable; moments are in UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from qa.metadata import Channel, Metadata
from rubric import Rubric
from rubric.types import Scorecard
from transcription.types import Transcript

State = Literal["queued", "running", "done", "failed", "cancelled"]
Ended = Literal["done", "failed", "cancelled"]
DeliveryState = Literal["waiting", "delivered", "given_up"]
By = Literal["team", "agent"]


class CallRow(msgspec.Struct, frozen=True, kw_only=True):
    """A call in a list: what was said about it, how far it is, and its percent.

    `state` is that of its latest job, `done` where it was scored without one; `error` is why that job failed.
    """

    call_id: str
    sha256: str
    metadata: Metadata
    received_at: datetime
    state: State
    error: str | None = None
    scored_at: datetime | None = None
    percent: float | None = None
    coverage: float | None = None
    flags: tuple[str, ...] = ()


class KeptTranscript(msgspec.Struct, frozen=True, kw_only=True):
    """A transcript with what it was made with, `written` for one that came as text.

    `agent_channel` is the channel that it takes for the agent's, None where there are no channels. `transcript_id`
    is None for one that is not in the store in this form.
    """

    transcript: Transcript
    made_with: str
    agent_channel: Channel | None = None
    transcript_id: int | None = None


class Scored(msgspec.Struct, frozen=True, kw_only=True):
    """A call to write: what it is, what is said about it now, its transcript and its scorecard.

    `known_by` has for each act of the scorecard what the same sentence is known by in other calls.
    `speakers_settled` says that somebody told which channel is the agent's. `call_id` is that of a call which was there
    when its scoring began: one that is erased meanwhile is not written back. `job_id` is the job that it was scored
    for: once that is cancelled, nothing of it is written.
    """

    sha256: str
    metadata: Metadata
    kept: KeptTranscript
    scorecard: Scorecard
    known_by: tuple[str | None, ...]
    rubric: Rubric
    speakers_settled: bool = False
    call_id: str | None = None
    job_id: int | None = None


class StoredCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call with the transcript that was scored and its scorecard; both None until it is scored.

    `speakers_settled` says that somebody had told which channel is the agent's when it was scored.
    """

    call: CallRow
    kept: KeptTranscript | None = None
    scorecard: Scorecard | None = None
    speakers_settled: bool = False

    @property
    def call_id(self) -> str:
        return self.call.call_id

    @property
    def metadata(self) -> Metadata:
        return self.call.metadata

    @property
    def transcript(self) -> Transcript | None:
        return self.kept.transcript if self.kept else None


class Page(msgspec.Struct, frozen=True):
    """Calls, newest first; `next` is given as `after` for the next page, None at the end."""

    calls: tuple[CallRow, ...]
    next: str | None = None


class Team(msgspec.Struct, frozen=True):
    """A team with its numbers of calls, of calls with a scorecard (a percent or not), and of known agents."""

    team: str
    calls: int
    scored: int
    agents: int


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A mean of percents over calls that one rubric, one scorer and one speech model judged.

    `low` and `high` are the ends of the 95 % interval, None where it cannot be known; `too_few` says that there are
    fewer calls than `min_calls` or, for a team, fewer agents than `min_agents`. `calls` have a percent, `unscored`
    have none and are in no mean. `agent` is None for a team, and for calls whose agent is not known.
    """

    team: str
    agent: str | None = None
    rubric: str | None
    rubric_version: str | None
    scorer: str | None
    model: str | None
    calls: int
    unscored: int
    agents: int | None = None
    mean: float | None
    low: float | None
    high: float | None
    too_few: bool
    min_calls: int
    min_agents: int | None = None


class Result(msgspec.Struct, frozen=True):
    """The answer to a query: the columns' names, and rows of plain Python values.

    Of an answer from a snapshot, `truncated` says that there are more rows, `data_as_of` how things stood (UTC).
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    truncated: bool = False
    data_as_of: datetime | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """A call waiting to be scored, being scored, or done with.

    Of one that failed, `can_retry` says whether trying again can help: not where the recording itself is at fault.
    """

    job_id: int
    call_id: str
    state: State
    enqueued_at: datetime
    attempts: int = 0
    finished_at: datetime | None = None
    error: str | None = None
    can_retry: bool | None = None


class JobPage(msgspec.Struct, frozen=True):
    """Jobs, newest first; `next` is given as `before` for the next page, None at the end."""

    jobs: tuple[Job, ...]
    next: int | None = None


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """That a receiver was or is to be told of the end of a job; `job_id` None is a transcript, scored at once.

    `url` and `receiver` (its host and port) are None where they are those of the setting `webhook_url`. A delivery that
    waits is tried `wait_s` after `tried_at`; `error` says why it was not taken.
    """

    delivery_id: int
    webhook_id: str
    call_id: str
    job_id: int | None
    event: Ended
    url: str | None
    receiver: str | None
    state: DeliveryState
    attempts: int
    made_at: datetime
    tried_at: datetime | None
    wait_s: float
    error: str | None


class DeliveryPage(msgspec.Struct, frozen=True):
    """Deliveries, newest first; `next` is given as `before` for the next page, None at the end."""

    deliveries: tuple[Delivery, ...]
    next: int | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the audit. `details` are names alone, for values may be personal. Moments are in UTC."""

    entry: int
    done_at: datetime
    key_id: str | None
    action: str
    call_id: str | None
    details: tuple[str, ...]


class AuditPage(msgspec.Struct, frozen=True):
    """Rows of the audit, newest first; `next` is the number of the last where more follow."""

    entries: tuple[Entry, ...]
    next: int | None
