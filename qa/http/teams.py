"""The teams, and how the server is: `/api/teams`, `/api/health`."""

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from qa.http.problems import documented
from qa.scoring import Scoring
from qa.store import Store, Team


class Teams(msgspec.Struct, frozen=True):
    """All teams of the store."""

    teams: tuple[Team, ...]


class Health(msgspec.Struct, frozen=True):
    """The server answers and can read its store. `transcriptions` counts the recordings recognised since it started."""

    status: str
    transcriptions: int


@get("/teams", operation_id="listTeams", sync_to_thread=True, responses=documented())
def list_teams(store: NamedDependency[SkipValidation[Store]]) -> Teams:
    """The teams with their numbers of calls, of scored calls and of known agents."""
    return Teams(store.teams())


@get("/health", operation_id="getHealth", sync_to_thread=True, responses=documented())
def get_health(scoring: NamedDependency[SkipValidation[Scoring]]) -> Health:
    """Whether the server can do its work; an answer other than 200 means that it cannot."""
    scoring.store.teams()
    return Health("ok", scoring.transcriptions)


def router() -> Router:
    """The routes."""
    return Router("/", route_handlers=[list_teams, get_health], tags=["teams"])
