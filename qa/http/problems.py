"""The one place where errors become HTTP: problem+json (RFC 9457) with the status that says whose turn it is."""

import logging
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from qa.errors import CallNotFound, ContactTaken, MetadataProblem, QueryProblem, StoreProblem
from transcription.errors import BadRecording, BadTranscript, ModelProblem, Problem

MEDIA_TYPE = "application/problem+json"

_STATUSES: tuple[tuple[type[Problem], HTTPStatus], ...] = (
    (CallNotFound, HTTPStatus.NOT_FOUND),
    (ContactTaken, HTTPStatus.CONFLICT),
    (MetadataProblem, HTTPStatus.UNPROCESSABLE_ENTITY),
    (BadTranscript, HTTPStatus.UNPROCESSABLE_ENTITY),
    (BadRecording, HTTPStatus.UNPROCESSABLE_ENTITY),
    (QueryProblem, HTTPStatus.UNPROCESSABLE_ENTITY),
    (ModelProblem, HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreProblem, HTTPStatus.SERVICE_UNAVAILABLE),
)

_log = logging.getLogger(__name__)


def refuse(status: HTTPStatus, detail: str) -> HTTPException:
    """An error to raise where the request itself is at fault and no Problem says so."""
    return HTTPException(status_code=status, detail=detail)


def to_response(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """What a client is told of an error: its own text where it is meant for people, nothing of it where it is not."""
    match error:
        case HTTPException():
            status, detail, headers = error.status_code, _detail(error), error.headers
        case Problem():
            found = next((status for kind, status in _STATUSES if isinstance(error, kind)), None)
            status, detail, headers = found or HTTPStatus.INTERNAL_SERVER_ERROR, str(error), None
        case _:
            _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
            status, headers = HTTPStatus.INTERNAL_SERVER_ERROR, None
            detail = "something went wrong that should not; the server's log has the cause"
    content = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": detail}
    return Response(content, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _detail(error: HTTPException) -> str:
    """The text of a framework's error, with the parameters that it names."""
    named = [
        f"{item['key']}: {item.get('message', 'not possible')}"
        for item in (error.extra if isinstance(error.extra, list) else [])
        if isinstance(item, dict) and "key" in item
    ]
    return "; ".join(named) or error.detail
