"""Recordings in, and what became of them: `/api/calls`."""

from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

import msgspec
from anyio import to_thread
from litestar import MediaType, Response, Router, delete, get, head, patch, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from qa import metadata
from qa.errors import MetadataProblem
from qa.http import access, admission, forms, recordings, webhooks
from qa.http.dependencies import AnyRequest, TheDispatcher, TheEraser, TheStore
from qa.http.page import json_form, recording_form
from qa.http.parameters import moment
from qa.http.problems import documented, refuse
from qa.metadata import Channel, Direction, Metadata
from qa.scoring import result_line, whole
from qa.store import CallRow, Erasure, Job, State, Store, StoredCall
from rubric.types import Scorecard
from transcription import formats
from transcription.errors import BadRecording
from transcription.types import Medium, Transcript

CallId = FromPath[str]

_CORRECTION_BYTES = 1 << 16
_FIELDS = (*metadata.NAMES, webhooks.FIELD)


class Accepted(msgspec.Struct, frozen=True):
    """A call that was taken: its recording and metadata are on disk for good."""

    call_id: str
    state: State


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A call: what was said about it, how far it is, and its result in short. Moments are in UTC."""

    call_id: str
    state: State
    error: str | None
    recording: str | None
    team: str
    agent: str | None
    contact_id: str | None
    agent_channel: Channel | None
    started_at: datetime | None
    queue: str | None
    customer_ref: str | None
    medium: Medium | None
    direction: Direction | None
    language: str | None
    extra: dict[str, Any] | None
    received_at: datetime
    scored_at: datetime | None
    percent: float | None
    coverage: float | None
    flags: tuple[str, ...]

    @classmethod
    def of(cls, row: CallRow) -> "Call":
        """The call in this form."""
        own = {name: getattr(row, name) for name in cls.__struct_fields__ if hasattr(row, name)}
        return cls(**own, **msgspec.structs.asdict(row.metadata))


class CallWithResult(Call, frozen=True, kw_only=True):
    """A call with its result: the line that `qa score --json` prints, None until it is scored."""

    result: dict[str, Any] | None


class Calls(msgspec.Struct, frozen=True):
    """Calls, newest first; `next` is given as `after` for the next page, null at the end."""

    calls: tuple[Call, ...]
    next: str | None


@get("/{call_id:str}", operation_id="getCall", sync_to_thread=True, responses=documented(400, 404))
def get_call(call_id: CallId, store: TheStore, request: AnyRequest) -> CallWithResult:
    """How far a call is (queued, running, done, failed), then its result, or the cause of failure."""
    call = store.call(call_id, teams=access.of(request).teams)
    access.about(request, call.call_id)
    result = result_line(call) if call.scorecard is not None else None
    return CallWithResult(**msgspec.structs.asdict(Call.of(call.call)), result=result)


@get("/", operation_id="listCalls", sync_to_thread=True, responses=documented(400, 422))
def list_calls(
    *,
    request: AnyRequest,
    store: TheStore,
    team: Annotated[str | None, QueryParameter(description="Calls of this team alone.")] = None,
    agent: Annotated[str | None, QueryParameter(description="Calls of this agent alone.")] = None,
    from_: Annotated[
        str | None, QueryParameter(name="from", description="Calls that started then or later: ISO 8601, or a date.")
    ] = None,
    to: Annotated[str | None, QueryParameter(description="Calls that started before then.")] = None,
    sha256: Annotated[
        str | None, QueryParameter(description="Calls of the recording or transcript that has this hash alone.")
    ] = None,
    after: Annotated[str | None, QueryParameter(description="`next` of the page before.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500, description="How many calls a page has at most.")] = 50,
) -> Calls:
    """Calls by when they started (else were received), newest first, in pages."""
    since, until = (moment(name, text, zone=store.settings.zone) for name, text in (("from", from_), ("to", to)))
    teams = access.of(request).among(team)
    page = store.calls(teams=teams, agent=agent, since=since, until=until, sha256=sha256, after=after, limit=limit)
    return Calls(tuple(Call.of(row) for row in page.calls), page.next)


@get(
    "/{call_id:str}/transcript",
    operation_id="getTranscript",
    sync_to_thread=True,
    responses={
        200: ResponseSpec(
            Transcript, description="as JSON, WebVTT (text/vtt) or text (text/plain) by Accept", generate_examples=False
        ),
        **documented(400, 404, 406, 409, 422),
    },
)
def get_transcript(call_id: CallId, store: TheStore, request: AnyRequest) -> Response[Any]:
    """What was said, as JSON (what `qa show --json` prints as `transcript`), WebVTT or text, by the Accept header."""
    wanted = request.accept.best_match(["application/json", "text/vtt", "text/plain"])
    if wanted is None:
        message = (
            "a transcript comes as application/json, text/vtt or text/plain; the Accept header allows none of them"
        )
        raise refuse(HTTPStatus.NOT_ACCEPTABLE, message)
    call = _scored(call_id, store, request)
    assert call.transcript is not None
    headers = {"Vary": "Accept"}
    match wanted:
        case "text/vtt":
            return Response(formats.to_vtt(call.transcript), media_type="text/vtt", headers=headers)
        case "text/plain":
            return Response(formats.to_text(call.transcript), media_type=MediaType.TEXT, headers=headers)
        case _:
            return Response(whole(call)["transcript"], media_type=MediaType.JSON, headers=headers)


@get(
    "/{call_id:str}/scorecard",
    operation_id="getScorecard",
    sync_to_thread=True,
    responses={
        200: ResponseSpec(Scorecard, description="as `qa show --json` prints it", generate_examples=False),
        **documented(400, 404, 409),
    },
)
def get_scorecard(call_id: CallId, store: TheStore, request: AnyRequest) -> Response[Any]:
    """The verdicts with points, evidence and reasons."""
    call = _scored(call_id, store, request)
    return Response(whole(call)["scorecard"], media_type=MediaType.JSON)


@get(
    "/{call_id:str}/recording",
    operation_id="getRecording",
    sync_to_thread=True,
    responses={
        200: ResponseSpec(
            bytes, description="the recording as it was sent", media_type="audio/*", generate_examples=False
        ),
        206: ResponseSpec(
            bytes, description="the range of bytes that was asked for", media_type="audio/*", generate_examples=False
        ),
        **documented(400, 404, 416),
    },
)
def get_recording(call_id: CallId, store: TheStore, request: AnyRequest) -> Response[Any]:
    """The sound itself, whole or by byte ranges, so that a player can jump to the evidence."""
    path, headers = _recording(call_id, store, request)
    return recordings.respond(request, path, headers)


@head("/{call_id:str}/recording", operation_id="headRecording", sync_to_thread=True, include_in_schema=False)
def head_recording(call_id: CallId, store: TheStore, request: AnyRequest) -> Response[None]:
    """What `getRecording` would send, without the sound."""
    _, headers = _recording(call_id, store, request)
    return Response(None, headers=headers)


@patch(
    "/{call_id:str}",
    operation_id="correctCall",
    operation_class=json_form("what is to be said of the call from now on; null takes it back", metadata.NAMES),
    request_max_body_size=_CORRECTION_BYTES,
    responses=documented(400, 404, 409, 413, 415, 422, 507),
)
async def correct_call(call_id: CallId, request: AnyRequest, store: TheStore, dispatcher: TheDispatcher) -> Call:
    """Correct what is said of a call: team, agent and the rest. Nothing is transcribed anew.

    It is scored again where the channel, the medium or the language was corrected. On disk for good when this answers.
    """
    if request.content_type[0] not in ("application/json", "application/merge-patch+json"):
        raise refuse(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send a JSON object (Content-Type: application/json)")
    fields = metadata.from_json(await request.body())
    given = metadata.parse(fields, zone=store.settings.zone)
    taken_back = {name: None for name, text in fields.items() if text is None}
    if "team" in taken_back:
        raise MetadataProblem("team: a call belongs to a team; name another")

    who = access.of(request)
    if "team" in fields:
        access.own_team(who, fields)

    def said(known: Metadata) -> Metadata:
        new = {name: getattr(given, name) for name, text in fields.items() if text is not None}
        return msgspec.structs.replace(known, **taken_back, **new)

    def correct() -> CallRow:
        return store.correct(call_id, said, teams=who.teams, key_id=who.key_id)

    row = await to_thread.run_sync(correct)
    access.about(request, row.call_id)
    dispatcher.wake()
    return Call.of(row)


@delete(
    "/{call_id:str}",
    operation_id="eraseCall",
    status_code=HTTPStatus.ACCEPTED,
    sync_to_thread=True,
    responses=documented(400, 404, 507),
)
def erase_call(
    call_id: CallId,
    store: TheStore,
    dispatcher: TheDispatcher,
    eraser: TheEraser,
    request: AnyRequest,
) -> Erasure:
    """Take a call out of every answer, at once and for good; a job takes it out of every file.

    The receipt (`getErasure`) says when that is done, and which copies cannot be reached from here.
    """
    who = access.of(request)
    row = store.row(call_id, teams=who.teams)
    access.about(request, row.call_id)
    running = store.running(row.call_id)
    try:
        (receipt,) = store.erase([row.call_id], key_id=who.key_id)
    finally:
        eraser.wake()  # it may be gone already where that could not be acknowledged
    for job in running:
        dispatcher.cancelled(job)
    return receipt


@get("/{call_id:str}/erasure", operation_id="getErasure", sync_to_thread=True, responses=documented(400, 404))
def get_erasure(call_id: CallId, store: TheStore, request: AnyRequest) -> Erasure:
    """The receipt of an erasure: when it was asked for, and when no file of the store held a byte of it any more."""
    receipt = store.erasure(call_id, teams=access.of(request).teams)
    access.about(request, receipt.call_id)
    return receipt


async def _receive(request: AnyRequest, write: forms.Write, *, limit_bytes: int) -> tuple[str, dict[str, str | None]]:
    """The recording's name and what is said of it; its bytes have gone to `write`."""
    if request.content_type[0].startswith("audio/"):
        header = request.headers.get(metadata.HEADER, "{}")
        fields = metadata.from_json(header.encode("latin-1"), place=f"{metadata.HEADER}: ")
        await forms.receive_raw(request, write=write, limit_bytes=limit_bytes)
        return fields.pop("recording", None) or "recording", fields
    form = await forms.receive(request, file="recording", names=_FIELDS, write=write, limit_bytes=limit_bytes)
    return form.filename, dict(form.fields)


def router(*, max_upload_bytes: int) -> Router:
    """The routes. The limit holds for the upload alone; all others keep the framework's 10 MB."""

    @post(
        "/",
        operation_id="addCall",
        operation_class=recording_form("recording", "the sound of a call", _FIELDS),
        status_code=HTTPStatus.ACCEPTED,
        request_max_body_size=max_upload_bytes + forms.OVERHEAD_BYTES,
        responses=documented(400, 409, 413, 415, 422, 429, 507),
    )
    async def add_call(request: AnyRequest, store: TheStore, dispatcher: TheDispatcher) -> Response[Accepted]:
        """Take a recording with what is known of it; it is scored soon after.

        Either as a form, or as the body itself (`Content-Type: audio/...`) with what is known of it as a JSON object in
        the header `X-Call-Metadata`. The same recording for the same team is the same call, and is not transcribed
        again; where something else is said of it, 409: correct it with `correctCall`.
        """
        admission.check(store)
        with store.files.incoming() as incoming:
            name, fields = await _receive(request, incoming.write, limit_bytes=max_upload_bytes)
            if not incoming.size_bytes:
                raise BadRecording(f"recording: {name} is empty")
            access.own_team(access.of(request), fields)
            webhook = webhooks.named(fields, store.settings)
            said = metadata.parse({**fields, "recording": name}, zone=store.settings.zone)

            def accept() -> Job:
                return store.accept(sha256=incoming.settle(), metadata=said, webhook=webhook, keep=incoming.keep)

            job = await to_thread.run_sync(accept)
        access.about(request, job.call_id)
        dispatcher.wake(job)
        return Response(
            Accepted(job.call_id, job.state),
            status_code=HTTPStatus.ACCEPTED,
            headers={"Location": f"/api/calls/{job.call_id}"},
        )

    return Router(
        "/calls",
        route_handlers=[
            add_call,
            list_calls,
            get_call,
            correct_call,
            erase_call,
            get_erasure,
            get_transcript,
            get_scorecard,
            get_recording,
            head_recording,
        ],
        tags=["calls"],
    )


def _recording(call_id: str, store: Store, request: AnyRequest) -> tuple[Path, dict[str, str]]:
    row = store.row(call_id, teams=access.of(request).teams)
    access.about(request, row.call_id)
    path = store.files.path(row.sha256)
    if not path.is_file():
        raise refuse(HTTPStatus.NOT_FOUND, f"call {call_id} has no recording here: it came as a transcript")
    return path, recordings.head(path, name=row.metadata.recording or call_id, sha256=row.sha256)


def _scored(call_id: str, store: Store, request: AnyRequest) -> StoredCall:
    call = store.call(call_id, teams=access.of(request).teams)
    access.about(request, call.call_id)
    if call.scorecard is None or call.transcript is None:
        why = f" ({call.call.error})" if call.call.error else "; ask again when its state is done"
        raise refuse(HTTPStatus.CONFLICT, f"call {call.call_id} is not scored: it is {call.call.state}{why}")
    return call
