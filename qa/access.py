"""Who may do what: API keys with roles, bound to teams or to none."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Literal, get_args

import msgspec

Role = Literal["upload", "read", "analyse", "review", "administer"]
ROLES: tuple[Role, ...] = get_args(Role)

_PREFIX = "qa"
_SECRET_BYTES = 32


class Access(msgspec.Struct, frozen=True):
    """What somebody who asks may do. `key_id` is None where no keys are asked for; `teams` None are all teams."""

    key_id: str | None = None
    roles: frozenset[Role] = frozenset(ROLES)
    teams: frozenset[str] | None = None

    def may(self, role: Role) -> bool:
        """Whether they have the role; who administers has all."""
        return role in self.roles or "administer" in self.roles

    def sees(self, team: str) -> bool:
        """Whether calls of the team are theirs to see."""
        return self.teams is None or team in self.teams

    def among(self, team: str | None) -> tuple[str, ...] | None:
        """The teams that an answer may be about, where one is asked for or none; None are all."""
        if self.teams is None:
            return None if team is None else (team,)
        return tuple(sorted(self.teams if team is None else self.teams & {team}))


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An API key as it is kept: everything but the secret, of which there is a hash alone. Moments are in UTC."""

    key_id: str
    name: str
    roles: tuple[Role, ...]
    teams: tuple[str, ...] | None
    created_at: datetime
    revoked_at: datetime | None = None

    @property
    def access(self) -> Access:
        return Access(self.key_id, frozenset(self.roles), None if self.teams is None else frozenset(self.teams))


class Secret(msgspec.Struct, frozen=True):
    """A key when it is made: its id, the text to give with each request, and what of it is kept."""

    key_id: str
    text: str
    digest: str


def new() -> Secret:
    """A new key: 256 random bits, so that a plain hash cannot be turned back."""
    key_id, secret = secrets.token_hex(4), secrets.token_urlsafe(_SECRET_BYTES)
    return Secret(key_id, f"{_PREFIX}_{key_id}_{secret}", _digest(secret))


def parts(text: str) -> tuple[str, str] | None:
    """The id of a key and the hash of its secret; None where the text is no key."""
    prefix, _, rest = text.strip().partition("_")
    key_id, _, secret = rest.partition("_")
    return (key_id, _digest(secret)) if prefix == _PREFIX and key_id and secret else None


def same(one: str, other: str) -> bool:
    """Whether two hashes are the same, in a time that does not tell how far they are."""
    return hmac.compare_digest(one, other)


def sorted_roles(roles: Iterable[Role]) -> tuple[Role, ...]:
    """Roles in their own order, each once."""
    given = set(roles)
    return tuple(role for role in ROLES if role in given)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
