"""Query parameters: one that a route does not know is refused, as an unknown field of a form is."""

import difflib
from datetime import datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.params import QueryParameter

from qa import metadata
from qa.errors import MetadataProblem
from qa.http.problems import refuse


def known_alone(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """A guard: raises HTTPException (400) for a parameter that would else be left aside without a word."""
    known = [
        field.kwarg_definition.name or name
        for name, field in handler.parsed_fn_signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter)
    ]
    for name in connection.query_params:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known) or 'none here'}"
            raise refuse(HTTPStatus.BAD_REQUEST, f"the parameter {name!r} is not known; {hint}")


def moment(name: str, text: str | None, *, zone: ZoneInfo) -> datetime | None:
    """The moment (UTC) of a parameter: ISO 8601, or a date, which begins at midnight; raises MetadataProblem."""
    if not text:
        return None
    try:
        return metadata.utc(f"{text}T00:00" if len(text) == len("2026-03-01") else text, zone=zone)
    except ValueError as error:
        raise MetadataProblem(f"{name}: {error}") from error
