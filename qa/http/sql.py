"""SQL for QA leads: `/api/sql`, and what may be read as a file of their own: `/api/snapshot.duckdb`, `.parquet.zip`.

Nothing of it touches the store: a process of its own answers from a snapshot (`qa.store.reader`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
from anyio import to_thread
from litestar import Response, Router, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.response import Stream

from qa.http import access
from qa.http.dependencies import AnyRequest, TheStore
from qa.http.problems import documented, refuse
from qa.store.reader import MEDIA_TYPES, Form, answer

_FORMS: dict[str, Form] = {media_type.partition(";")[0]: form for form, media_type in MEDIA_TYPES.items()}
_FILES = {"duckdb": "application/vnd.duckdb", "parquet.zip": "application/zip"}
_BLOCK_BYTES = 1 << 20


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One SELECT, with what is bound to its parameters: by place (?) or by name ($name)."""

    sql: str
    params: list[Any] | dict[str, Any] | None = None


class Rows(msgspec.Struct, frozen=True):
    """An answer as JSON. `truncated` says that there are more rows; `data_as_of` how things stood (UTC)."""

    columns: list[dict[str, str]]
    rows: list[list[Any]]
    truncated: bool
    data_as_of: str


@post(
    "/sql",
    operation_id="askSql",
    status_code=HTTPStatus.OK,
    sync_to_thread=True,
    responses={
        200: ResponseSpec(Rows, description="as JSON, or CSV, Arrow or Parquet by Accept", generate_examples=False),
        **documented(400, 406, 422, 507),
    },
)
def ask(data: Question, request: AnyRequest, store: TheStore) -> Response[bytes]:
    """The answer to one SELECT on the tables and views that docs/store.md lists, of the teams that the key sees.

    How old the data are stands in `data_as_of`, and for every form in the header `X-Data-As-Of`; `X-Truncated: true`
    says that there are more rows than are given.
    """
    wanted = request.accept.best_match(list(_FORMS))
    if wanted is None:
        raise refuse(HTTPStatus.NOT_ACCEPTABLE, f"an answer comes as {', '.join(_FORMS)}; Accept allows none of them")
    found = answer(store.snapshots, data.sql, data.params, teams=access.of(request).teams, form=_FORMS[wanted])
    headers = {
        "X-Data-As-Of": found.data_as_of.isoformat(),
        "X-Truncated": str(found.truncated).lower(),
        "Vary": "Accept",
    }
    return Response(found.body, media_type=found.media_type, headers=headers)


def _file(ending: str) -> Any:
    @get(
        f"/snapshot.{ending}",
        operation_id=f"getSnapshot{'Duckdb' if ending == 'duckdb' else 'Parquet'}",
        responses={
            200: ResponseSpec(bytes, description="the file", media_type=_FILES[ending], generate_examples=False),
            **documented(400, 507),
        },
    )
    async def snapshot(store: TheStore) -> Stream:
        folder = tempfile.TemporaryDirectory(prefix="snapshot-", dir=store.path.absolute().parent)
        path = Path(folder.name) / f"snapshot.{ending}"
        try:
            await to_thread.run_sync(store.snapshot, path)
        except BaseException:
            folder.cleanup()
            raise
        headers = {
            "Content-Disposition": f'attachment; filename="{path.name}"',
            "Content-Length": str(path.stat().st_size),
        }
        return Stream(_sent(path, folder), media_type=_FILES[ending], headers=headers)

    snapshot.fn.__doc__ = (
        f"Everything that may be read, as {ending}: for DuckDB from 1.0 on, Tableau, pandas and others."
    )
    return snapshot


def _sent(path: Path, folder: tempfile.TemporaryDirectory[str]) -> Iterator[bytes]:
    """The file's bytes; it is gone when they are sent, or the client is."""
    with folder, path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            yield block


def router() -> Router:
    """The routes."""
    return Router("/", route_handlers=[ask, _file("duckdb"), _file("parquet.zip")], tags=["sql"])
