"""Who asks, and whether they may: a guard before each route, which stands before a byte of a body is read.

A server whose store has no keys asks for none (`qa.http.server` lets such a one listen on loopback alone). What a key
is not bound to does not exist for it: another team's call is answered as one that is not there.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from qa.access import Access, Role
from qa.http.problems import refuse
from qa.store import Store

ROLES: dict[str, Role] = {
    "addCall": "upload", "addTranscript": "upload", "correctCall": "upload",
    "getCall": "read", "listCalls": "read", "getTranscript": "read", "getScorecard": "read", "getRecording": "read",
    "headRecording": "read", "listTeams": "read", "compare": "read", "listJobs": "read", "getJob": "read",
    "getEvents": "read", "getHealth": "read",
    "cancelJob": "administer", "retryJob": "administer",
    "askSql": "analyse", "getSnapshotDuckdb": "analyse", "getSnapshotParquet": "analyse",
    "eraseCall": "administer", "getErasure": "administer",
    "getMetrics": "administer", "listKeys": "administer", "createKey": "administer", "revokeKey": "administer",
    "makeBackup": "administer",
}  # fmt: skip
"""The role that each operation asks for. What is not here cannot be served."""

_STATE = "access"


def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Raise HTTPException: 401 without a key that is good, 403 where it lacks the role."""
    role = ROLES[handler.operation_id]  # type: ignore[attr-defined]  # every route here is an HTTP handler
    found = _access(connection, connection.app.state.store)
    if not found.may(role):
        raise refuse(HTTPStatus.FORBIDDEN, f"this key has not the role {role}; ask whoever administers the server")
    connection.scope["state"][_STATE] = found


def of(request: Request[Any, Any, Any]) -> Access:
    """What the guard has found of who asks."""
    found: Access = request.scope["state"][_STATE]
    return found


def own_team(access: Access, fields: dict[str, str | None]) -> None:
    """Put in the one team that a key is bound to where none is said; raise HTTPException (403) for another's."""
    if access.teams is None:
        return
    if not fields.get("team") and len(access.teams) == 1:
        fields["team"] = next(iter(access.teams))
    if fields.get("team") not in access.teams:
        teams = ", ".join(sorted(access.teams))
        raise refuse(HTTPStatus.FORBIDDEN, f"team: this key is bound to {teams}; name one of these")


def key_id(request: Request[Any, Any, Any]) -> str:
    """What a limit of requests counts by: the id of the key that is given, else the address."""
    given = _given(request)
    return given.split("_")[1] if given.count("_") > 1 else (request.client.host if request.client else "")


def _access(connection: ASGIConnection[Any, Any, Any, Any], store: Store) -> Access:
    given = _given(connection)
    if given:
        found = store.key(given)
        if found is None:
            raise _who("this key is not known, or was revoked")
        return found.access
    if store.has_keys():
        raise _who("this server asks for a key; give it as `Authorization: Bearer KEY`")
    return Access()


def _given(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    scheme, _, text = connection.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else connection.headers.get("X-API-Key", "").strip()


def _who(detail: str) -> HTTPException:
    return HTTPException(
        status_code=HTTPStatus.UNAUTHORIZED, detail=detail, headers={"WWW-Authenticate": 'Bearer realm="empathy-qa"'}
    )
