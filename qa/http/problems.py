"""The one place where errors become HTTP: problem+json (RFC 9457) with the status that says whose turn it is."""

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec

from qa import version
from qa.errors import (
    CallKnown,
    CallNotFound,
    ContactTaken,
    DeliveryNotFound,
    JobNotFound,
    JobProblem,
    KeyNotFound,
    MetadataProblem,
    PageNotFound,
    QueryProblem,
    StoreFull,
    StoreProblem,
    StoreUnavailable,
    WorkerLost,
)  # fmt: skip
from transcription.errors import BadRecording, BadTranscript, ModelProblem, Problem

MEDIA_TYPE = "application/problem+json"

HEADERS = {
    version.HEADER: version.version(),
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""The headers of every answer: whose it is, and that a browser may not run, frame, guess at or keep it."""

_STATUSES: tuple[tuple[type[Problem], HTTPStatus], ...] = (
    (CallNotFound, HTTPStatus.NOT_FOUND),
    (JobNotFound, HTTPStatus.NOT_FOUND),
    (DeliveryNotFound, HTTPStatus.NOT_FOUND),
    (KeyNotFound, HTTPStatus.NOT_FOUND),
    (PageNotFound, HTTPStatus.BAD_REQUEST),
    (CallKnown, HTTPStatus.CONFLICT),
    (JobProblem, HTTPStatus.CONFLICT),
    (ContactTaken, HTTPStatus.CONFLICT),
    (MetadataProblem, HTTPStatus.UNPROCESSABLE_ENTITY),
    (BadTranscript, HTTPStatus.UNPROCESSABLE_ENTITY),
    (BadRecording, HTTPStatus.UNPROCESSABLE_ENTITY),
    (QueryProblem, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ModelProblem, HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreFull, HTTPStatus.INSUFFICIENT_STORAGE),
    (WorkerLost, HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreProblem, HTTPStatus.SERVICE_UNAVAILABLE),
)

RETRY_AFTER_S = 60
"""When to ask again where something is full: in a minute a queue moves on, and a disk may be tidied."""

_RETRY_AFTER_S: tuple[tuple[type[Problem], int], ...] = (
    (StoreFull, RETRY_AFTER_S),
    (StoreUnavailable, 1),
    (WorkerLost, 1),
)

_SAID: dict[int, str] = {
    400: "the request cannot be understood",
    401: "no key, or one that is not good",
    403: "the key has not the role, or not the team",
    404: "there is no such call, job or delivery, or it has nothing of that kind",
    406: "the Accept header allows no form that there is",
    409: "not as things are: it is not scored yet, is known already by other words, or has ended",
    413: "the file is larger than the limit",
    415: "the body has another form than this takes",
    416: "the recording ends before that range",
    422: "a field, a parameter or the file has a value that it cannot have",
    429: "too many requests with this key, or too much is waiting; Retry-After says when to ask again",
    507: "the disk is full, or nearly; Retry-After says when to ask again",
    503: "the store cannot be read or written now",
}

_log = logging.getLogger(__name__)


class ProblemJson(msgspec.Struct, frozen=True):
    """An error: `detail` says what happened and what to do."""

    type: str
    title: str
    status: int
    detail: str


def documented(*statuses: int) -> dict[int, ResponseSpec]:
    """The errors of a route, for its description."""
    return {
        status: ResponseSpec(ProblemJson, description=_SAID[status], media_type=MEDIA_TYPE, generate_examples=False)
        for status in (401, 403, *statuses, 429, 503)
    }


def refuse(status: HTTPStatus, detail: str) -> HTTPException:
    """An error to raise where the request itself is at fault and no Problem says so."""
    return HTTPException(status_code=status, detail=detail)


def to_response(request: Request[Any, Any, Any], error: Exception) -> Response[ProblemJson]:
    """What a client is told of an error: its own text where it is meant for people, nothing of it where it is not."""
    match error:
        case HTTPException():
            status, detail, headers = error.status_code, _detail(error), error.headers
        case Problem():
            found = next((status for kind, status in _STATUSES if isinstance(error, kind)), None)
            status, detail = found or HTTPStatus.INTERNAL_SERVER_ERROR, str(error)
            again_s = next((after_s for kind, after_s in _RETRY_AFTER_S if isinstance(error, kind)), None)
            headers = None if again_s is None else {"Retry-After": str(again_s)}
        case RecursionError():
            status, headers = HTTPStatus.BAD_REQUEST, None
            detail = "what was sent is nested too deeply to be read"
        case _:
            _log.error("what was asked of %s failed", request.scope.get("path_template"), exc_info=error)
            status, headers = HTTPStatus.INTERNAL_SERVER_ERROR, None
            detail = "something went wrong that should not; the server's log has the cause"
    content = ProblemJson("about:blank", HTTPStatus(status).phrase, int(status), detail)
    return Response(
        content, status_code=status, media_type=MEDIA_TYPE, headers=HEADERS | _when(status, dict(headers or {}))
    )


def _when(status: int, headers: dict[str, str]) -> dict[str, str]:
    """The headers of an error; for too many requests with when to ask again, which the framework says otherwise."""
    reset_s = headers.get("RateLimit-Reset")
    if status != HTTPStatus.TOO_MANY_REQUESTS or reset_s is None:
        return headers
    return {"Retry-After": str(max(1, int(reset_s)))} | headers


def _detail(error: HTTPException) -> str:
    """The text of a framework's error, with the parameters that it names."""
    named = [
        f"{item['key']}: {item.get('message', 'not possible')}"
        for item in (error.extra if isinstance(error.extra, list) else [])
        if isinstance(item, dict) and "key" in item
    ]
    return "; ".join(named) or error.detail
