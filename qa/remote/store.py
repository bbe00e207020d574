"""`RemoteStore`: what a `qa.store.Store` can do for those who ask, and a few things that its owner does for them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Self

import msgspec

from qa.access import Key, Role
from qa.errors import KeyNotFound, QueryProblem
from qa.outcomes import AT_ONCE, Imported, Row, Statement
from qa.remote import values
from qa.remote.client import Client, json_of
from qa.settings import Settings
from qa.store import By, CallRow, Comparison, Erasure, Result, StoredCall, Team, export

ERASED_POLL_S = 0.5


class _Teams(msgspec.Struct, frozen=True):
    teams: tuple[Team, ...]


class _Agents(msgspec.Struct, frozen=True):
    agents: tuple[str, ...]


class _Worst(msgspec.Struct, frozen=True):
    calls: tuple[CallRow, ...]
    total: int


class _Compared(msgspec.Struct, frozen=True):
    rows: tuple[Comparison, ...]


class _Keys(msgspec.Struct, frozen=True):
    keys: tuple[Key, ...]


class _Made(msgspec.Struct, frozen=True):
    key: Key
    text: str


class RemoteStore:
    """A store by way of the server that holds it. `client` asks whatever else there is to be asked."""

    def __init__(self, client: Client, *, settings: Settings | None = None) -> None:
        self.client = client
        self.settings = settings or Settings()
        self._erased: list[str] = []

    @classmethod
    def open(
        cls,
        url: str,
        key: str | None = None,
        *,
        settings: Settings | None = None,
        said: Callable[[str], None] = lambda _: None,
    ) -> Self:
        """The store of the server at an address; nothing is asked yet. `said` is told what has to be waited for."""
        return cls(Client(url, key, said=said), settings=settings)

    def close(self) -> None:
        """Let go of the server."""
        self.client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, key: str, *, teams: Collection[str] | None = None) -> StoredCall:
        """A call by its call id or contact id, whole; raises CallNotFound."""
        return self.client.ask("GET", "/api/call", json_of(StoredCall), params={"key": key, "team": _one(teams)})

    def row(self, key: str, *, teams: Collection[str] | None = None) -> CallRow:
        """A call as `call` finds it, without its transcript and scorecard; raises CallNotFound."""
        return self.call(key, teams=teams).call

    def worst(
        self, *, teams: Collection[str] | None = None, agent: str | None = None, offset: int = 0, limit: int = 20
    ) -> tuple[tuple[CallRow, ...], int]:
        """Calls to listen to first at the top, and how many in all."""
        params = {"team": _one(teams), "agent": agent, "offset": offset, "limit": limit}
        found = self.client.ask("GET", "/api/worst", json_of(_Worst), params=params)
        return found.calls, found.total

    def agents(self, *, teams: Collection[str] | None = None) -> tuple[str, ...]:
        """The agents whose calls there are."""
        return self.client.ask("GET", "/api/agents", json_of(_Agents), params={"team": _one(teams)}).agents

    def teams(self) -> tuple[Team, ...]:
        """The teams, with their numbers of calls."""
        return self.client.ask("GET", "/api/teams", json_of(_Teams)).teams

    def compare(self, by: By = "team", *, teams: Collection[str] | None = None) -> tuple[Comparison, ...]:
        """Teams or agents side by side."""
        params = {"by": by, "team": _one(teams)}
        return self.client.ask("GET", "/api/compare", json_of(_Compared), params=params).rows

    def sql(self, query: str) -> Result:
        """The answer to one SELECT, from a snapshot and within the server's limits; raises QueryProblem."""
        found = self.client.ask(
            "POST",
            "/api/sql",
            values.decode,
            json={"sql": query},
            headers={"Accept": "application/json"},
            problems=dict.fromkeys((HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY), QueryProblem),
        )
        return Result(tuple(each.name for each in found.columns), found.rows, found.truncated, found.data_as_of)

    def snapshot(self, target: str | Path) -> None:
        """Write what may be read into one file, whole or not at all; raises StoreProblem as `Store.snapshot` does."""
        target = Path(target)
        ending = export.ending(target)

        def fetched(folder: Path) -> Path:
            path = folder / f"snapshot{ending}"
            with self.client.download(f"/api/snapshot{ending}") as blocks, path.open("wb") as file:
                file.writelines(blocks)
            return path

        export.put(target, fetched)

    def import_outcomes(self, rows: Sequence[Row]) -> Imported:
        """Keep what became of calls; what cannot be kept is named, in the order of the rows."""
        good = [Statement.of(row) for row in rows if row.problem is None]
        done = [
            self.client.ask(
                "POST", "/api/outcomes", json_of(Imported), json={"outcomes": good[start : start + AT_ONCE]}
            )
            for start in range(0, len(good), AT_ONCE)
        ]
        refused = iter([problem for part in done for problem in part.problems])
        return Imported(
            sum(part.new for part in done),
            sum(part.replaced for part in done),
            sum(part.unchanged for part in done),
            tuple(_in_order(rows, refused)),
        )

    # Keys

    def keys(self) -> tuple[Key, ...]:
        """All keys, those that are revoked too."""
        return self.client.ask("GET", "/api/keys", json_of(_Keys)).keys

    def create_key(self, *, name: str, roles: Iterable[Role], teams: Iterable[str] | None = None) -> tuple[Key, str]:
        """Make an API key; gives it with its text, which is kept nowhere."""
        wanted = {"name": name, "roles": list(roles), "teams": None if teams is None else list(teams)}
        made = self.client.ask("POST", "/api/keys", json_of(_Made), json=wanted)
        return made.key, made.text

    def revoke_key(self, key_id: str) -> Key:
        """From now on the key is good for nothing; raises KeyNotFound."""
        if not key_id.isalnum():  # it is a part of the path
            raise KeyNotFound(f"there is no key {key_id}; `qa keys list` has their ids")
        return self.client.ask(
            "DELETE", f"/api/keys/{key_id}", json_of(Key), problems={HTTPStatus.NOT_FOUND: KeyNotFound}
        )

    # Erasures

    def erase(self, call_ids: Sequence[str]) -> tuple[Erasure, ...]:
        """Take calls out of every answer, for good; `sweep` waits until they are out of every file."""
        self._erased += call_ids
        return tuple(self.client.ask("DELETE", f"/api/calls/{call_id}", json_of(Erasure)) for call_id in call_ids)

    def sweep(self) -> tuple[Erasure, ...]:
        """The receipts of what was erased, once no file of the store holds a byte of it."""
        self.client.said("taken out of every answer; waiting until no file holds a byte of it")
        receipts, self._erased = tuple(map(self._receipt, self._erased)), []
        return receipts

    def _receipt(self, call_id: str) -> Erasure:
        while True:
            receipt = self.client.ask("GET", f"/api/calls/{call_id}/erasure", json_of(Erasure))
            if receipt.done_at is not None:
                return receipt
            self.client.wait(ERASED_POLL_S)


def _one(teams: Collection[str] | None) -> str | None:
    """The one team that is asked for; a server takes no more."""
    if teams is None:
        return None
    (team,) = teams
    return team


def _in_order(rows: Sequence[Row], refused: Iterator[str]) -> Iterator[str]:
    """What is wrong with rows, found here or by the server, in their order."""
    coming = next(refused, None)
    for row in rows:
        if row.problem is not None:
            yield row.problem
        elif coming is not None and coming.startswith(f"{row.place}:"):
            yield coming
            coming = next(refused, None)
    if coming is not None:
        yield coming
        yield from refused
