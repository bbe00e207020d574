"""Names of teams and agents that somebody typed: one that no call has is answered with the nearest that one has."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qa.remote import RemoteStore
    from qa.store import Store


def check(store: Store | RemoteStore, *, team: str | None = None, agent: str | None = None) -> None:
    """Raise CallNotFound where no call has that team, or none of the team's has that agent."""
    if team is not None:
        _known("team", team, (row.team for row in store.teams()))
    if agent is not None:
        _known("agent", agent, store.agents(teams=None if team is None else [team]))


def _known(what: str, given: str, names: Iterable[str]) -> None:
    known = sorted(set(names))
    if given in known:
        return
    by_case = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(given.casefold(), by_case, n=1)
    from qa.errors import CallNotFound

    hint = f"did you mean {by_case[near[0]]}?" if near else f"there are {', '.join(known[:10]) or 'none'}"
    raise CallNotFound(f"no call has the {what} {given}: {hint}")
