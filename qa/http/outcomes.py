"""What became of calls, from outside: `/api/outcomes`."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import Router, post

from qa.http import access
from qa.http.dependencies import AnyRequest, TheStore
from qa.http.problems import documented
from qa.outcomes import AT_ONCE, Imported, Statement


class Outcomes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What became of calls, each named by its call id, or by its contact id and, where several have that, its team."""

    outcomes: Annotated[list[Statement], msgspec.Meta(max_length=AT_ONCE)]


@post(
    "/",
    operation_id="addOutcomes",
    status_code=HTTPStatus.OK,
    sync_to_thread=True,
    responses=documented(400, 413),
)
def add_outcomes(data: Outcomes, request: AnyRequest, store: TheStore) -> Imported:
    """Keep what became of calls: customer satisfaction, repeat contact, churn. On disk for good when this answers.

    What cannot be kept is named in `problems`; the others are kept. The same again changes nothing.
    """
    who = access.of(request)
    rows = [each.row(number, zone=store.settings.zone) for number, each in enumerate(data.outcomes, start=1)]
    return store.import_outcomes(rows, teams=who.teams, key_id=who.key_id)


def router() -> Router:
    """The routes."""
    return Router("/outcomes", route_handlers=[add_outcomes], tags=["calls"])
