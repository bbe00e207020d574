"""The queue, for whoever runs the server: `/api/jobs`, and what happens as it happens: `/api/events`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

import msgspec
from anyio import to_thread
from litestar import Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from litestar.response import ServerSentEvent, ServerSentEventMessage

from qa.errors import CallNotFound
from qa.http import access
from qa.http.dependencies import AnyRequest, TheDispatcher, TheStore
from qa.http.problems import documented
from qa.jobs.dispatcher import Dispatcher
from qa.jobs.events import Event
from qa.store import Job, State

JobId = FromPath[int]


class JobState(msgspec.Struct, frozen=True, kw_only=True):
    """A job: a call that waits to be scored, is being scored (`progress` 0 to 1), or is done with.

    `can_retry` says of one that failed whether trying again can help. Moments are in UTC.
    """

    job_id: int
    call_id: str
    state: State
    progress: float | None
    attempts: int
    enqueued_at: datetime
    finished_at: datetime | None
    error: str | None
    can_retry: bool | None

    @classmethod
    def of(cls, job: Job, dispatcher: Dispatcher) -> JobState:
        """The job with how far it is now."""
        own = {name: getattr(job, name) for name in cls.__struct_fields__ if hasattr(job, name)}
        return cls(**own, progress=dispatcher.progress(job.job_id) if job.state == "running" else None)


class Jobs(msgspec.Struct, frozen=True):
    """Jobs, newest first; `next` is given as `before` for the next page, null at the end.

    `paused` says why none is begun now, by something that the machine lacks; null while the queue moves.
    """

    jobs: tuple[JobState, ...]
    next: int | None
    paused: str | None


@get("/jobs", operation_id="listJobs", sync_to_thread=True, responses=documented(400))
def list_jobs(
    *,
    request: AnyRequest,
    store: TheStore,
    dispatcher: TheDispatcher,
    state_: Annotated[State | None, QueryParameter(name="state", description="Jobs in this state alone.")] = None,
    team: Annotated[str | None, QueryParameter(description="Jobs of this team's calls alone.")] = None,
    before: Annotated[int | None, QueryParameter(description="`next` of the page before.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500, description="How many jobs a page has at most.")] = 50,
) -> Jobs:
    """The queue and what became of it, newest first, in pages."""
    page = store.jobs(state=state_, teams=access.of(request).among(team), before=before, limit=limit)
    return Jobs(tuple(JobState.of(job, dispatcher) for job in page.jobs), page.next, dispatcher.paused)


@get("/jobs/{job_id:int}", operation_id="getJob", sync_to_thread=True, responses=documented(400, 404))
def get_job(job_id: JobId, store: TheStore, dispatcher: TheDispatcher, request: AnyRequest) -> JobState:
    """How far a job is, and why it failed."""
    job = store.job(job_id, teams=access.of(request).teams)
    access.about(request, job.call_id)
    return JobState.of(job, dispatcher)


@post(
    "/jobs/{job_id:int}/cancel",
    operation_id="cancelJob",
    status_code=HTTPStatus.OK,
    sync_to_thread=True,
    responses=documented(400, 404, 409, 507),
)
def cancel_job(job_id: JobId, store: TheStore, dispatcher: TheDispatcher, request: AnyRequest) -> JobState:
    """Not to be done, or no further: what was transcribed of it so far is lost, the recording stays."""
    who = access.of(request)
    job = store.cancel(job_id, teams=who.teams, key_id=who.key_id)
    access.about(request, job.call_id)
    dispatcher.cancelled(job)
    return JobState.of(job, dispatcher)


@post(
    "/jobs/{job_id:int}/retry",
    operation_id="retryJob",
    status_code=HTTPStatus.OK,
    sync_to_thread=True,
    responses=documented(400, 404, 409, 507),
)
def retry_job(job_id: JobId, store: TheStore, dispatcher: TheDispatcher, request: AnyRequest) -> JobState:
    """What failed or was cancelled waits again, as a new job."""
    who = access.of(request)
    job = store.retry(job_id, teams=who.teams, key_id=who.key_id)
    access.about(request, job.call_id)
    dispatcher.wake()
    return JobState.of(job, dispatcher)


@get(
    "/events",
    operation_id="getEvents",
    media_type="text/event-stream",
    responses={
        200: ResponseSpec(
            str,
            description="server-sent events: `queued`, `running`, `done`, `failed`, `cancelled`, each with `job_id`, "
            "`call_id` and `at` as JSON",
            media_type="text/event-stream",
            generate_examples=False,
        ),
        **documented(400),
    },
)
async def get_events(store: TheStore, dispatcher: TheDispatcher, request: AnyRequest) -> ServerSentEvent:
    """What becomes of jobs, as it happens, until the client goes; what happened before is in `listJobs`."""
    listener = dispatcher.events.listen()
    who = access.of(request)

    def theirs(event: Event) -> bool:
        try:
            return who.teams is None or who.sees(store.row(event.call_id).metadata.team)
        except CallNotFound:  # it was erased meanwhile
            return False

    async def messages() -> AsyncIterator[ServerSentEventMessage]:
        try:
            while not dispatcher.events.closed:
                event = await to_thread.run_sync(listener.next, abandon_on_cancel=True)
                if event is None:
                    yield ServerSentEventMessage(comment="still here", data=None)
                elif await to_thread.run_sync(theirs, event):
                    yield ServerSentEventMessage(event=event.kind, data=msgspec.json.encode(event).decode())
        finally:
            dispatcher.events.forget(listener)

    return ServerSentEvent(messages())


def router() -> Router:
    """The routes."""
    handlers = [list_jobs, get_job, cancel_job, retry_job, get_events]
    return Router("/", route_handlers=handlers, tags=["jobs"])
