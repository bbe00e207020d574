"""A call by any of its names, the calls to listen to first, the agents: `/api/call`, `/api/worst`, `/api/agents`."""

from typing import Annotated

import msgspec
from litestar import Response, Router, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import QueryParameter

from qa.http import access
from qa.http.dependencies import AnyRequest, TheStore
from qa.http.problems import documented
from qa.store import CallRow, StoredCall


class Worst(msgspec.Struct, frozen=True):
    """Calls, those to listen to first at the top, and how many there are in all."""

    calls: tuple[CallRow, ...]
    total: int


class Agents(msgspec.Struct, frozen=True):
    """The names of agents."""

    agents: tuple[str, ...]


@get(
    "/call",
    operation_id="findCall",
    sync_to_thread=True,
    responses={
        200: ResponseSpec(StoredCall, description="what `qa show` is made from", generate_examples=False),
        **documented(400, 404),
    },
)
def find_call(
    *,
    request: AnyRequest,
    store: TheStore,
    key: Annotated[str, QueryParameter(description="Its call id, or its contact id, whatever characters that has.")],
    team: Annotated[str | None, QueryParameter(description="The team, where several have that contact id.")] = None,
) -> Response[StoredCall]:
    """A call whole, with transcript and scorecard as they were together; both null until it is scored."""
    return Response(store.call(key, teams=access.of(request).among(team)))


@get("/worst", operation_id="listWorst", sync_to_thread=True, responses=documented(400))
def list_worst(
    *,
    request: AnyRequest,
    store: TheStore,
    team: Annotated[str | None, QueryParameter(description="Calls of this team alone.")] = None,
    agent: Annotated[str | None, QueryParameter(description="Calls of this agent alone.")] = None,
    offset: Annotated[int, QueryParameter(ge=0, le=1 << 40, description="How many calls to pass over.")] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=1000, description="How many calls to give at most.")] = 20,
) -> Worst:
    """Calls that failed or have a flag, then the others by percent, lowest first: what `qa calls` prints."""
    teams = access.of(request).among(team)
    return Worst(*store.worst(teams=teams, agent=agent, offset=offset, limit=limit))


@get("/agents", operation_id="listAgents", sync_to_thread=True, responses=documented(400))
def list_agents(
    *,
    request: AnyRequest,
    store: TheStore,
    team: Annotated[str | None, QueryParameter(description="Agents of this team alone.")] = None,
) -> Agents:
    """The agents whose calls there are, in order of name."""
    return Agents(store.agents(teams=access.of(request).among(team)))


def router() -> Router:
    """The routes."""
    return Router("/", route_handlers=[find_call, list_worst, list_agents], tags=["calls"])
