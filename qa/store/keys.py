"""API keys in the store: their hashes, never themselves. Every function works in its connection's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from qa import access
from qa.access import Key, Role, Secret
from qa.errors import KeyNotFound
from qa.store.database import Connection, first
from qa.store.schema import Table

TABLE = Table(
    "keys",
    "One row an API key. Its secret is shown once, when it is made, and kept nowhere.",
    """
    key_id VARCHAR PRIMARY KEY      | What the key is known by.
    name VARCHAR NOT NULL           | What it is for, in somebody's words.
    digest VARCHAR NOT NULL         | SHA-256 of the secret.
    roles VARCHAR[] NOT NULL        | What may be done with it: upload, read, analyse, review, administer.
    teams VARCHAR[]                 | The teams that it is bound to; NULL where it sees all.
    created_at TIMESTAMPTZ NOT NULL | When it was made (UTC).
    revoked_at TIMESTAMPTZ          | When it was revoked (UTC); NULL while it is good.
    """,
)
_COLUMNS = "key_id, name, roles, teams, created_at, revoked_at"


def create(con: Connection, secret: Secret, *, name: str, roles: Iterable[Role], teams: Iterable[str] | None,
           now: datetime) -> Key:  # fmt: skip
    """Write a new key down."""
    key = Key(
        key_id=secret.key_id,
        name=name,
        roles=access.sorted_roles(roles),
        teams=None if teams is None else tuple(sorted(set(teams))),
        created_at=now,
    )
    con.execute(
        f"INSERT INTO keys ({_COLUMNS}, digest) VALUES (?, ?, ?, ?, ?, NULL, ?)",
        [key.key_id, name, list(key.roles), None if key.teams is None else list(key.teams), now, secret.digest],
    )
    return key


def revoke(con: Connection, key_id: str, *, now: datetime) -> Key:
    """From now on the key is good for nothing; raises KeyNotFound."""
    con.execute("UPDATE keys SET revoked_at = coalesce(revoked_at, ?) WHERE key_id = ?", [now, key_id])
    found = first(con, f"SELECT {_COLUMNS} FROM keys WHERE key_id = ?", [key_id])
    if found is None:
        raise KeyNotFound(f"there is no key {key_id}; `qa keys list` has their ids")
    return _to_key(found)


def read_all(con: Connection) -> tuple[Key, ...]:
    """All keys, the oldest first, those that are revoked too."""
    return tuple(map(_to_key, con.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY created_at, key_id").fetchall()))


def exist(con: Connection) -> bool:
    """Whether there has ever been one."""
    return first(con, "SELECT 1 FROM keys LIMIT 1") is not None


def find(con: Connection, text: str) -> Key | None:
    """The key of this text; None where it is none, is not known, or is revoked."""
    given = access.parts(text)
    if given is None:
        return None
    found = first(con, f"SELECT {_COLUMNS}, digest FROM keys WHERE key_id = ? AND revoked_at IS NULL", [given[0]])
    return _to_key(found[:-1]) if found is not None and access.same(found[-1], given[1]) else None


def _to_key(line: tuple[Any, ...]) -> Key:
    key_id, name, roles, teams, created_at, revoked_at = line
    return Key(
        key_id=key_id,
        name=name,
        roles=tuple(roles),
        teams=None if teams is None else tuple(teams),
        created_at=created_at,
        revoked_at=revoked_at,
    )
