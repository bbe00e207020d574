"""Requests made from the interface's own description: no 5xx, and no answer that the description does not foresee."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Err, Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from benchmarks.serving import Server, start_server
from benchmarks.soak import sounds
from benchmarks.soak.trial import UNLIMITED, Say, Sum

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDLESS = {"getEvents"}
"""Operations whose answer goes on for as long as somebody listens."""


def contract(folder: Path, *, count: int, seed: int, say: Say) -> Sum:
    """So many requests that fit the description, and as many that do not, to each operation of a server."""
    with start_server(folder / "qa.duckdb", log=folder / "qa.log", **UNLIMITED) as server:
        files = {"recording": ("a.wav", sounds.wav(sounds.talk()[:, :32_000]))}
        server.ended(server.client.post("/api/calls", files=files).json()["call_id"])
        schema = schemathesis.openapi.from_url(str(server.client.base_url.join("/schema/openapi.json")))
        found = list(schema.get_all_operations())
        operations = [result.ok() for result in found if isinstance(result, Ok)]
        broken = [f"the description cannot be read: {result.err()}" for result in found if isinstance(result, Err)]
        asked = 0
        for operation in operations:
            name = operation.definition.raw["operationId"]
            if name in ENDLESS:
                continue
            for mode in GenerationMode:
                seen, failure = _asked(server, operation, mode, count=count, seed=seed)
                asked += seen
                if failure is not None:
                    broken.append(f"{name}, {mode.value}: {failure}")
            say(f"contract: {name}, {asked} asked, {len(broken)} promises broken")
        if (code := server.stop()) != 0:
            broken.append(f"told to stop, the server ended with {code}")
    return Sum({"operations": len(operations), "asked": asked}, tuple(broken))


def _asked(server: Server, operation: Any, mode: GenerationMode, *, count: int, seed: int) -> tuple[int, str | None]:
    """How many requests were made, and the first that was not answered as the description says."""
    asked = 0

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        nonlocal asked
        answer = case.call(base_url=str(server.client.base_url), timeout=60)
        asked += 1
        case.validate_response(answer, checks=CHECKS)

    try:
        ask()
    except (FailureGroup, Unsatisfiable) as failure:
        return asked, None if isinstance(failure, Unsatisfiable) else str(failure)
    return asked, None
