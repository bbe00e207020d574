"""Who read, changed or deleted what: reads are written down before they are answered; `/api/audit` tells of all."""

from __future__ import annotations

import time
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import parse_qsl

import msgspec
from anyio import to_thread
from litestar import Router, get
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.params import QueryParameter
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

from qa.http import access
from qa.http.dependencies import AnyRequest, TheStore
from qa.http.parameters import moment
from qa.http.problems import documented, to_response
from qa.store import Entry, Store
from transcription.errors import Problem

LISTENING_S = 3600.0
"""A player asks for a recording piece by piece: what one key hears of one call within an hour is one row."""

_IN_PIECES = ("getRecording", "headRecording")
_PLAYERS = 10_000


class Audit(msgspec.Struct, frozen=True):
    """Rows of the audit, newest first; `next` is given as `after` for the next page, null at the end."""

    entries: tuple[Entry, ...]
    next: int | None


class Recorder(ASGIMiddleware):
    """Writes a read down once it is known that it will be answered, and before any of the answer leaves.

    Where it cannot be written down, it is not answered: StoreProblem, 503.
    """

    scopes = (ScopeType.HTTP,)

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heard: dict[tuple[str | None, str | None, str], float] = {}

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Stand between a route and who asks."""
        operation = access.read_by(scope)
        if operation is None:
            await next_app(scope, receive, send)
            return

        failed: list[Problem] = []

        async def recorded(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < HTTPStatus.MULTIPLE_CHOICES:
                try:
                    await self._record(operation, scope, message)
                except Problem as problem:
                    failed.append(problem)
                    raise
            await send(message)

        try:
            await next_app(scope, receive, recorded)
        except Exception:
            if not failed:
                raise
            # The framework takes the answer for begun, and has left it; none of it was sent.
            request = AnyRequest(scope, receive, send)
            await to_response(request, failed[0]).to_asgi_response(None, request)(scope, receive, send)

    async def _record(self, operation: str, scope: Scope, answer: HTTPResponseStartEvent) -> None:
        key_id, call_id = access.found(scope)
        heard = (key_id, call_id, operation)
        if operation in _IN_PIECES and time.monotonic() - self._heard.get(heard, -LISTENING_S) < LISTENING_S:
            return
        details = [name for name, _ in parse_qsl(scope["query_string"].decode("latin-1"))]
        form = dict(answer["headers"]).get(b"content-type", b"").decode("latin-1").partition(";")[0]
        if form not in ("application/json", ""):
            details.append(form)

        def write() -> None:
            self._store.audit.note(operation, call_id=call_id, key_id=key_id, details=sorted(set(details)))

        await to_thread.run_sync(write)
        if operation in _IN_PIECES:
            if len(self._heard) >= _PLAYERS:
                self._heard.clear()
            self._heard[heard] = time.monotonic()


@get("/audit", operation_id="listAudit", sync_to_thread=True, responses=documented(400, 422))
def list_audit(
    *,
    request: AnyRequest,
    store: TheStore,
    call: Annotated[str | None, QueryParameter(description="What was done with the call of this id.")] = None,
    key: Annotated[str | None, QueryParameter(description="What was done with the key of this id.")] = None,
    action: Annotated[
        str | None, QueryParameter(description="What was done in this way: `erase`, `getTranscript` and so on.")
    ] = None,
    from_: Annotated[
        str | None, QueryParameter(name="from", description="What was done then or later: ISO 8601, or a date.")
    ] = None,
    to: Annotated[str | None, QueryParameter(description="What was done before then.")] = None,
    after: Annotated[int | None, QueryParameter(description="`next` of the page before.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=500, description="How many rows a page has at most.")] = 50,
) -> Audit:
    """Who read, changed or deleted what, newest first. A key bound to teams sees what is about their calls."""
    since, until = _moment("from", from_, store), _moment("to", to, store)
    page = store.audit.page(
        teams=access.of(request).among(None),
        call_id=call,
        key_id=key,
        action=action,
        since=since,
        until=until,
        after=after,
        limit=limit,
    )
    return Audit(page.entries, page.next)


def _moment(name: str, text: str | None, store: Store) -> datetime | None:
    return moment(name, text, zone=store.settings.zone)


def router() -> Router:
    """The routes."""
    return Router("/", route_handlers=[list_audit], tags=["audit"])
