"""API keys over HTTP, for whoever administers the server: `/api/keys`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import Router, delete, get, post
from litestar.params import FromPath

from qa.access import Key, Role
from qa.http import access
from qa.http.dependencies import AnyRequest, TheStore
from qa.http.problems import documented


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a key is for and what may be done with it; without `teams` it sees all."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    roles: Annotated[list[Role], msgspec.Meta(min_length=1)]
    teams: Annotated[list[str], msgspec.Meta(min_length=1)] | None = None


class MadeKey(msgspec.Struct, frozen=True):
    """A key that was made. Its text is shown here once, and kept nowhere."""

    key: Key
    text: str


class Keys(msgspec.Struct, frozen=True):
    """All keys, those that are revoked too."""

    keys: tuple[Key, ...]


@get("/", operation_id="listKeys", sync_to_thread=True, responses=documented())
def list_keys(store: TheStore) -> Keys:
    """The keys, without their secrets."""
    return Keys(store.keys())


@post("/", operation_id="createKey", sync_to_thread=True, responses=documented(400, 507))
def create_key(data: NewKey, request: AnyRequest, store: TheStore) -> MadeKey:
    """Make a key. On disk for good when this answers."""
    key, text = store.create_key(name=data.name, roles=data.roles, teams=data.teams, key_id=access.of(request).key_id)
    return MadeKey(key, text)


@delete(
    "/{key_id:str}",
    operation_id="revokeKey",
    status_code=HTTPStatus.OK,
    sync_to_thread=True,
    responses=documented(400, 404, 507),
)
def revoke_key(key_id: FromPath[str], request: AnyRequest, store: TheStore) -> Key:
    """From the answer on the key is good for nothing, whatever happens to the server."""
    return store.revoke_key(key_id, by=access.of(request).key_id)


def router() -> Router:
    """The routes."""
    return Router("/keys", route_handlers=[list_keys, create_key, revoke_key], tags=["keys"])
