"""Puts the routes together over one open store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from litestar import Litestar, Router
from litestar.datastructures import ResponseHeader, State
from litestar.di import Provide
from litestar.exceptions import HTTPException

from qa.http import (
    access,
    audit,
    backups,
    calls,
    finding,
    jobs,
    keys,
    limits,
    monitoring,
    outcomes,
    page,
    parameters,
    problems,
    schemas,
    sql,
    teams,
    transcripts,
    webhooks,
)
from qa.jobs.dispatcher import Dispatcher
from qa.scoring import Scoring
from qa.upkeep.erasing import Eraser
from qa.upkeep.periodic import Periodic
from qa.version import version
from qa.webhooks.delivering import Deliverer
from transcription.errors import Problem

GATHER_S = 60.0
"""How often what was written down of reads is put into the store."""


def create_app(scoring: Scoring, *, dispatcher: Dispatcher | None = None) -> Litestar:
    """The HTTP interface to a store, whose owner this process is. While it runs, the queue is worked on.

    Raises SettingsProblem where webhooks are named and nothing to sign them with.
    """
    works = dispatcher or Dispatcher(scoring)
    deliverer = Deliverer(scoring.store)
    eraser = Eraser(scoring.store, works.cancelled)
    gatherer = Periodic(scoring.store.audit.gather, name="the audit of reads", every_s=GATHER_S)

    @asynccontextmanager
    async def working(_app: Litestar) -> AsyncIterator[None]:
        await to_thread.run_sync(works.start)
        scoring.store.snapshots.start()
        eraser.start()
        deliverer.start()
        gatherer.start()
        try:
            yield
        finally:
            await to_thread.run_sync(gatherer.stop)
            await to_thread.run_sync(eraser.stop)
            await to_thread.run_sync(works.stop)
            await to_thread.run_sync(deliverer.stop)

    routes = [
        calls.router(max_upload_bytes=scoring.store.settings.max_upload_bytes),
        transcripts.router(),
        finding.router(),
        outcomes.router(),
        teams.router(),
        jobs.router(),
        keys.router(),
        audit.router(),
        sql.router(),
        webhooks.router(),
        backups.router(),
    ]
    guards = [access.guard, parameters.known_alone]
    return Litestar(
        route_handlers=[
            page.front,
            monitoring.healthz,
            monitoring.readyz,
            monitoring.metrics,
            Router("/api", route_handlers=routes, guards=guards),
        ],
        dependencies={
            "store": Provide(lambda: scoring.store, sync_to_thread=False),
            "scoring": Provide(lambda: scoring, sync_to_thread=False),
            "dispatcher": Provide(lambda: works, sync_to_thread=False),
            "eraser": Provide(lambda: eraser, sync_to_thread=False),
        },
        exception_handlers=dict.fromkeys((HTTPException, Problem, Exception), problems.to_response),
        lifespan=[working],
        state=State({"store": scoring.store}),
        middleware=[
            limits.requests(scoring.store.settings.max_requests_per_minute).middleware,
            audit.Recorder(scoring.store),
        ],
        response_headers=[ResponseHeader(name=name, value=value) for name, value in problems.HEADERS.items()],
        logging_config=None,  # what is logged, and where, is for the program that serves
        openapi_config=page.config(version()),
        plugins=[schemas.AsWritten()],
    )
