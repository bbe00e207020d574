"""The teams, how they compare, and how the server is: `/api/teams`, `/api/compare`, `/api/health`."""

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.params import QueryParameter

from qa.http import access
from qa.http.dependencies import AnyRequest, TheScoring, TheStore
from qa.http.problems import documented
from qa.metadata import Channel
from qa.store import By, Comparison, Team
from rubric import scorer_version


class Teams(msgspec.Struct, frozen=True):
    """All teams of the store."""

    teams: tuple[Team, ...]


class Compared(msgspec.Struct, frozen=True):
    """The rows of `qa compare --json`; those that differ in rubric, scorer or model are not to be compared."""

    by: By
    rows: tuple[Comparison, ...]


class Health(msgspec.Struct, frozen=True):
    """The server answers and can read its store. `transcriptions` counts the recordings recognised since it started.

    `model`, `agent_channel`, `rubric` (its id and version) and `scorer` are what it scores with.
    """

    status: str
    transcriptions: int
    model: str
    agent_channel: Channel
    rubric: str
    scorer: str


@get("/teams", operation_id="listTeams", sync_to_thread=True, responses=documented())
def list_teams(store: TheStore, request: AnyRequest) -> Teams:
    """The teams with their numbers of calls, of scored calls and of known agents."""
    return Teams(store.teams(access.of(request).teams))


@get("/compare", operation_id="compare", sync_to_thread=True, responses=documented(400))
def compare(
    *,
    request: AnyRequest,
    store: TheStore,
    by: Annotated[By, QueryParameter(description="What to compare: team or agent.")] = "team",
    team: Annotated[str | None, QueryParameter(description="This team alone.")] = None,
) -> Compared:
    """Mean percents with their 95 % intervals and how many calls they are over."""
    return Compared(by, store.compare(by, teams=access.of(request).among(team)))


@get("/health", operation_id="getHealth", sync_to_thread=True, responses=documented())
def get_health(scoring: TheScoring) -> Health:
    """Whether the server can do its work; an answer other than 200 means that it cannot."""
    scoring.store.teams()
    return Health(
        status="ok",
        transcriptions=scoring.transcriptions,
        model=scoring.model_name,
        agent_channel=scoring.settings.agent_channel,
        rubric=f"{scoring.rubric.id}@{scoring.rubric.version}",
        scorer=scorer_version(),
    )


def router() -> Router:
    """The routes."""
    return Router("/", route_handlers=[list_teams, compare, get_health], tags=["teams"])
