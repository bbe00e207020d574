"""Puts the routes together over one open store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version

from anyio import to_thread
from litestar import Litestar, Router
from litestar.datastructures import ResponseHeader, State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.middleware.rate_limit import RateLimitConfig

from qa.erasing import Eraser
from qa.http import (
    access,
    backups,
    calls,
    jobs,
    keys,
    monitoring,
    page,
    parameters,
    problems,
    schemas,
    sql,
    teams,
    transcripts,
)
from qa.jobs import Dispatcher
from qa.scoring import Scoring
from transcription.errors import Problem


def create_app(scoring: Scoring, *, dispatcher: Dispatcher | None = None) -> Litestar:
    """The HTTP interface to a store, whose owner this process is. While it runs, the queue is worked on."""
    works = dispatcher or Dispatcher(scoring)
    eraser = Eraser(scoring.store)

    @asynccontextmanager
    async def working(_app: Litestar) -> AsyncIterator[None]:
        await to_thread.run_sync(works.start)
        scoring.store.snapshots.start()
        eraser.start()
        try:
            yield
        finally:
            await to_thread.run_sync(eraser.stop)
            await to_thread.run_sync(works.stop)

    routes = [
        calls.router(max_upload_bytes=scoring.store.settings.max_upload_bytes),
        transcripts.router(),
        teams.router(),
        jobs.router(),
        keys.router(),
        sql.router(),
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
        middleware=[_limit(scoring.store.settings.max_requests_per_minute).middleware],
        response_headers=[ResponseHeader(name=name, value=value) for name, value in problems.SECURE.items()],
        logging_config=None,  # what is logged, and where, is for the program that serves
        openapi_config=page.config(_version()),
        plugins=[schemas.AsWritten()],
    )


def _limit(per_minute: int) -> RateLimitConfig:
    """So many requests a minute for each key."""
    return RateLimitConfig(
        ("minute", per_minute), identifier_for_request=access.key_id, exclude=["/healthz", "/readyz"]
    )


def _version() -> str:
    try:
        return version("empathy-qa")
    except PackageNotFoundError:  # run from its sources
        return "0"
