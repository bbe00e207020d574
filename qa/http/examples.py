"""Examples of the interface: what a real server was asked and what it answered, as `docs/answers.py` wrote it down."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

_METHODS = ("get", "post", "put", "patch", "delete")


class Example(msgspec.Struct, frozen=True, omit_defaults=True):
    """Of one operation: a request's JSON, and by status an answer's JSON. Arrays are cut to two elements."""

    request: Any = None
    answers: dict[str, Any] = {}


@cache
def known() -> dict[str, Example]:
    """The examples by operation id."""
    return msgspec.json.decode(files(__package__).joinpath("examples.json").read_bytes(), type=dict[str, Example])


def added(description: dict[str, Any]) -> dict[str, Any]:
    """The description of the interface (OpenAPI, of plain values) with the examples put in."""
    for methods in description["paths"].values():
        for operation in (methods[method] for method in _METHODS if method in methods):
            example = known().get(operation["operationId"], Example())
            if example.request is not None:
                operation["requestBody"]["content"]["application/json"]["example"] = example.request
            for status, answer in example.answers.items():
                for media_type, content in operation["responses"][status]["content"].items():
                    if media_type.endswith("json"):
                        content["example"] = answer
    return description
