"""Requests made from the interface's own description: no 5xx, and no answer that the description does not foresee."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import CheckFunction, not_a_server_error
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
from qa import Store

CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDLESS = {"getEvents"}
"""Operations whose answer goes on for as long as somebody listens."""


def contract(folder: Path, *, count: int, seed: int, say: Say) -> Sum:
    """So many requests that fit the description, and as many that do not, to each operation of a server.

    Where a path names a call, a job or a key, so many again of each kind are about one that is there.
    """
    with Store.open(folder / "qa.duckdb") as store:
        key = store.create_key(name="trial", roles=["administer"])[1]
        spare = store.create_key(name="spare", roles=["read"])[0].key_id
    with start_server(folder / "qa.duckdb", log=folder / "qa.log", **UNLIMITED) as server:
        server.client.headers["Authorization"] = f"Bearer {key}"
        files = {"recording": ("a.wav", sounds.wav(sounds.talk()[:, :32_000]))}
        call_id = server.client.post("/api/calls", files=files).json()["call_id"]
        server.ended(call_id)
        there = {
            "call_id": call_id,
            "job_id": server.client.get("/api/jobs").json()["jobs"][0]["job_id"],
            "key_id": spare,
        }
        schema = schemathesis.openapi.from_url(str(server.client.base_url.join("/schema/openapi.json")))
        found = list(schema.get_all_operations())
        operations = [result.ok() for result in found if isinstance(result, Ok)]
        broken = [f"the description cannot be read: {result.err()}" for result in found if isinstance(result, Err)]
        figures: Counter[str] = Counter(operations=len(operations))
        for operation in operations:
            name = operation.definition.raw["operationId"]
            if name in ENDLESS:
                continue
            named = {one: value for one, value in there.items() if f"{{{one}}}" in operation.path}
            for path, mode in itertools.product([{}, named] if named else [{}], GenerationMode):
                strategy = operation.as_strategy(generation_mode=mode, **({"path_parameters": path} if path else {}))
                statuses, failure = _asked(server, strategy, count=count, seed=seed)
                figures += statuses
                if failure is not None:
                    broken.append(f"{name}, {mode.value}: {failure}")
            say(f"contract: {name}, {figures['asked']} asked, {len(broken)} promises broken")
        if (code := server.stop()) != 0:
            broken.append(f"told to stop, the server ended with {code}")
    return Sum(dict(figures), tuple(broken))


def _asked(server: Server, strategy: SearchStrategy[Any], *, count: int, seed: int) -> tuple[Counter[str], str | None]:
    """How many requests were made, and answered how, and the first that was not answered as the description says."""
    statuses: Counter[str] = Counter()

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(case=strategy)
    def ask(case: Any) -> None:
        headers = {"Authorization": server.client.headers["Authorization"]}
        answer = case.call(base_url=str(server.client.base_url), headers=headers, timeout=60)
        statuses.update(["asked", f"answered_{answer.status_code}"])
        case.validate_response(answer, checks=CHECKS)

    try:
        ask()
    except FailureGroup as failure:
        return statuses, "; ".join(map(str, failure.exceptions))
    except Unsatisfiable:  # there is no request to it that does not fit
        return statuses, None
    return statuses, None
