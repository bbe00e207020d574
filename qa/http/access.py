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
from litestar.types import Scope

from qa import logs
from qa.access import Access, Role
from qa.http.problems import refuse
from qa.store import Store

ROLES: dict[str, Role] = {
    "addCall": "upload", "addTranscript": "upload", "correctCall": "upload",
    "getCall": "read", "listCalls": "read", "getTranscript": "read", "getScorecard": "read", "getRecording": "read",
    "headRecording": "read", "listTeams": "read", "compare": "read", "listJobs": "read", "getJob": "read",
    "getEvents": "read", "getHealth": "read", "findCall": "read", "listWorst": "read", "listAgents": "read",
    "addOutcomes": "upload",
    "cancelJob": "administer", "retryJob": "administer",
    "askSql": "analyse", "getSnapshotDuckdb": "analyse", "getSnapshotParquet": "analyse",
    "eraseCall": "administer", "getErasure": "administer",
    "listWebhooks": "administer", "retryWebhook": "administer",
    "listAudit": "administer", "getMetrics": "administer",
    "listKeys": "administer", "createKey": "administer", "revokeKey": "administer", "makeBackup": "administer",
}  # fmt: skip
"""The role that each operation asks for. What is not here cannot be served."""

OF_ALL_TEAMS = frozenset({
    "getSnapshotDuckdb", "getSnapshotParquet", "getMetrics", "makeBackup", "listKeys", "createKey", "revokeKey",
})  # fmt: skip
"""What tells of all teams at once, or gives a key to them: refused to a key that is bound to some."""

UNRECORDED = frozenset({"getHealth", "getMetrics", "listKeys"})
"""What is read without a row of the audit, for it tells of no call. Changes write their own rows."""

READ_BY_POST = frozenset({"askSql"})
"""What reads although its method is not GET."""

_STATE = "access"
_CALL = "call_id"


def guard(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Raise HTTPException: 401 without a key that is good, 403 where it lacks the role or does not see all teams."""
    operation: str = handler.operation_id  # type: ignore[attr-defined]  # every route here is an HTTP handler
    role = ROLES[operation]
    found = _access(connection, connection.app.state.store)
    connection.scope["state"][_STATE] = found
    logs.tell(key_id=found.key_id)
    if not found.may(role):
        raise refuse(HTTPStatus.FORBIDDEN, f"this key has not the role {role}; ask whoever administers the server")
    if found.teams is not None and operation in OF_ALL_TEAMS:
        teams = ", ".join(sorted(found.teams))
        raise refuse(HTTPStatus.FORBIDDEN, f"this is for keys that see all teams, and this key is bound to {teams}")


def of(request: Request[Any, Any, Any]) -> Access:
    """What the guard has found of who asks."""
    found: Access = request.scope["state"][_STATE]
    return found


def about(request: Request[Any, Any, Any], call_id: str) -> None:
    """This request is about this call: for the audit and the log."""
    request.scope["state"][_CALL] = call_id
    logs.tell(call_id=call_id)


def read_by(scope: Scope) -> str | None:
    """The operation, where what it answers is to stand in the audit."""
    operation_id: str | None = getattr(scope["route_handler"], "operation_id", None)
    if operation_id not in ROLES or operation_id in UNRECORDED:
        return None
    return operation_id if scope.get("method") in ("GET", "HEAD") or operation_id in READ_BY_POST else None


def found(scope: Scope) -> tuple[str | None, str | None]:
    """The ids of the key that asks and of the call that it asks about, as far as they are known by now."""
    state = scope["state"]
    return (state[_STATE].key_id if _STATE in state else None), state.get(_CALL)


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
