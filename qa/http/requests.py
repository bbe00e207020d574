"""A line in the log for each request, however it is answered: of what it said there is the route alone."""

from __future__ import annotations

import logging
import secrets
import time

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from qa import logs

HEADER = b"x-request-id"
"""What every answer carries, so that its line can be found."""

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_log = logging.getLogger(__name__)


class Logged:
    """Stands outside of the whole interface, so that what has no route is seen too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, and log it when its answer has ended."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        request_id, status = secrets.token_hex(8), 0

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (HEADER, request_id.encode())]
            await send(message)

        began_s = time.monotonic()
        with logs.known(request_id=request_id):
            try:
                await self._app(scope, receive, seen)
            finally:
                method = scope["method"] if scope["method"] in _METHODS else "another method"
                route = scope.get("path_template") or "no route"
                of = logs.fields(
                    method=method,
                    route=route,
                    status=status or None,
                    duration_s=round(time.monotonic() - began_s, 4),
                )
                _log.info("answered" if status else "not answered", extra=of)
