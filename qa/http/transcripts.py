"""Transcripts in, scored at once: `/api/transcripts`."""

from http import HTTPStatus
from typing import Any

from anyio import CapacityLimiter, to_thread
from litestar import Response, Router, post
from litestar.openapi.datastructures import ResponseSpec

from qa import metadata
from qa.http import access, forms, webhooks
from qa.http.dependencies import AnyRequest, TheScoring
from qa.http.page import recording_form
from qa.http.problems import documented
from qa.scoring import result_line
from transcription import formats

LIMIT_BYTES = 10_000_000
"""A day of talk is about a megabyte of text, and with each word's time ten."""

_AT_ONCE = CapacityLimiter(4)
"""So many are scored at once, so that threads are left for who reads."""

_NAMES = (*(name for name in metadata.NAMES if name not in ("recording", "agent_channel")), webhooks.FIELD)


@post(
    "/",
    operation_id="addTranscript",
    operation_class=recording_form("transcript", "JSON in our own form, WebVTT or SRT", _NAMES),
    status_code=HTTPStatus.CREATED,
    request_max_body_size=LIMIT_BYTES + forms.OVERHEAD_BYTES,
    responses={
        201: ResponseSpec(
            dict[str, Any], description="the line that `qa score --json` prints", generate_examples=False
        ),
        **documented(400, 409, 413, 415, 422, 507),
    },
)
async def add_transcript(request: AnyRequest, scoring: TheScoring) -> Response[dict[str, Any]]:
    """Score a transcript, without sound, and keep it as a call. The same transcript for the same team is one call."""
    data = bytearray()
    form = await forms.receive(request, file="transcript", names=_NAMES, write=data.extend, limit_bytes=LIMIT_BYTES)

    fields: dict[str, str | None] = {**form.fields}
    access.own_team(access.of(request), fields)
    webhook = webhooks.named(fields, scoring.store.settings)

    def score() -> dict[str, Any]:
        transcript = formats.parse(bytes(data), name=f"transcript: {form.filename}")
        said = metadata.parse({**fields, "recording": form.filename}, zone=scoring.store.settings.zone)
        call = scoring.score_transcript(transcript, said)
        scoring.store.witness(call, transcript, webhook=webhook)
        return result_line(call)

    line = await to_thread.run_sync(score, limiter=_AT_ONCE)
    access.about(request, line["call_id"])
    return Response(line, status_code=HTTPStatus.CREATED, headers={"Location": f"/api/calls/{line['call_id']}"})


def router() -> Router:
    """The routes."""
    return Router("/transcripts", route_handlers=[add_transcript], tags=["transcripts"])
