"""The description of the interface, as a page that asks no other address for anything: no script, no font, no image."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import msgspec
from litestar import Request, get
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, OpenAPIRenderPlugin
from litestar.openapi.spec import (
    OpenAPIFormat,
    OpenAPIMediaType,
    OpenAPIType,
    Operation,
    Reference,
    RequestBody,
    Schema,
)
from litestar.response import Redirect

from qa.http import examples

_STYLE = """
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
section { border-top: 1px solid #8886; margin-top: 2rem }
code, pre { font: 14px/1.5 ui-monospace, monospace }
pre { overflow-x: auto; padding: .8rem; background: #8882 }
table { border-collapse: collapse }
td, th { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0 }
summary { cursor: pointer }
"""


FIELDS = {
    "team": "the team the call belongs to; `unassigned` where none is given",
    "agent": "who spoke for the company; unknown where none is given",
    "contact_id": "the phone system's own number of the call, unique in the team",
    "agent_channel": "the channel that carries the agent, left or right; saying it settles a doubt about it",
    "started_at": "when the call began, in ISO 8601; without an offset in the configured time zone",
    "queue": "the queue that it came through",
    "customer_ref": "your own mark for the customer",
    "medium": "voice, chat, email or social",
    "direction": "inbound or outbound",
    "language": "the code of the language that is spoken, such as en; believed before what is heard",
    "extra": "whatever else is worth keeping and asking for: a JSON object",
    "webhook": "the address to tell when a job of the call ends, on a host of the setting `webhook_hosts`",
}
"""What each name of metadata, and the webhook beside it, means as a field of a form."""


@get("/", include_in_schema=False, sync_to_thread=False)
def front() -> Redirect:
    """Whoever opens the server's address finds its description."""
    return Redirect("/schema")


class Page(OpenAPIRenderPlugin):
    """The OpenAPI description in plain HTML."""

    def __init__(self) -> None:
        super().__init__(path="/")

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The page; its parts are in the order of the routes."""
        plain = examples.added(json.loads(self.render_json(request, openapi_schema)))
        return "".join(_page(plain, self.get_openapi_json_route(request))).encode()


class Json(JsonRenderPlugin):
    """The OpenAPI description itself."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The description with its examples."""
        return msgspec.json.encode(examples.added(json.loads(super().render(request, openapi_schema))))


def config(version: str) -> OpenAPIConfig:
    """OpenAPI at `/schema` (the page) and `/schema/openapi.json`."""
    return OpenAPIConfig(
        title="Empathy QA",
        version=version,
        description="Recordings of customer-service calls in, scorecards with the proof of every point out. "
        "Errors are problem+json (RFC 9457): `detail` says what happened and what to do.",
        path="/schema",
        use_handler_docstrings=True,
        render_plugins=[Page(), Json()],
    )


def recording_form(file: str, holds: str, names: tuple[str, ...]) -> type[Operation]:
    """The operation of a route that reads its form itself, so that the framework does not know its fields."""
    fields: dict[str, Reference | Schema] = {
        file: Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description=holds)
    }
    for name in names:
        if name not in (file, "recording"):
            fields[name] = Schema(type=OpenAPIType.STRING, description=FIELDS[name])
    schema = Schema(type=OpenAPIType.OBJECT, properties=fields, required=[file])
    sound = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="the recording itself")

    @dataclass
    class Form(Operation):
        def __post_init__(self) -> None:
            self.request_body = RequestBody(
                content={
                    "multipart/form-data": OpenAPIMediaType(schema=schema),
                    **({"audio/*": OpenAPIMediaType(schema=sound)} if file == "recording" else {}),
                },
                required=True,
            )

    return Form


def json_form(holds: str, names: tuple[str, ...]) -> type[Operation]:
    """The operation of a route that reads a JSON object of metadata itself."""
    texts = [OpenAPIType.STRING, OpenAPIType.NULL]
    fields: dict[str, Reference | Schema] = {
        name: Schema(type=[*texts, OpenAPIType.OBJECT] if name == "extra" else texts, description=FIELDS[name])
        for name in names
        if name in FIELDS
    }
    schema = Schema(type=OpenAPIType.OBJECT, properties=fields, description=holds)

    @dataclass
    class Form(Operation):
        def __post_init__(self) -> None:
            self.request_body = RequestBody(
                content={"application/json": OpenAPIMediaType(schema=schema)}, required=True
            )

    return Form


def _page(schema: dict[str, Any], json_url: str) -> Iterator[str]:
    info = schema["info"]
    title = escape(f"{info['title']} {info['version']}")
    yield f"<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>{_STYLE}</style>"
    yield f"<h1>{title}</h1><p>{escape(info['description'])}</p>"
    yield f"<p>For programs: <a href='{escape(json_url)}'><code>{escape(json_url)}</code></a></p>"
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, dict) and "responses" in operation:
                yield from _operation(path, method, operation)
    yield "<section><h2>Types</h2>"
    for name, type_ in schema.get("components", {}).get("schemas", {}).items():
        body = escape(json.dumps(type_, indent=2, ensure_ascii=False))
        yield f"<details id='{escape(name)}'><summary><code>{escape(name)}</code></summary><pre>{body}</pre></details>"
    yield "</section></html>"


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    name = escape(operation["operationId"])
    yield f"<section id='{name}'><h2><code>{method.upper()} {escape(path)}</code></h2>"
    yield f"<p>{escape(operation.get('description', ''))}</p>"
    parameters = [(item["name"], item["in"], item) for item in operation.get("parameters", ())]
    form = operation.get("requestBody", {}).get("content", {}).get("multipart/form-data", {}).get("schema", {})
    parameters += [
        (field, "form", {"required": field in form["required"], **item})
        for field, item in form.get("properties", {}).items()
    ]
    if parameters:
        yield "<table><tr><th>name<th>in<th><th>"
        for field, where, item in parameters:
            needed = "required" if item.get("required") else ""
            about = escape(item.get("description") or "")
            yield f"<tr><td><code>{escape(field)}</code><td>{where}<td>{needed}<td>{about}"
        yield "</table>"
    yield "<table><tr><th>answer<th>"
    for status, answer in sorted(operation["responses"].items()):
        yield f"<tr><td><code>{status}</code><td>{escape(answer['description'])} {_types(answer)}"
    yield "</table>"
    yield from _example("Request", operation.get("requestBody", {}))
    for status, answer in sorted(operation["responses"].items()):
        yield from _example(f"Answer {status}", answer)
    yield "</section>"


def _example(of: str, content: dict[str, Any]) -> Iterator[str]:
    for media in content.get("content", {}).values():
        if "example" in media:
            text = escape(json.dumps(media["example"], indent=2, ensure_ascii=False))
            yield f"<details><summary>{of}: an example</summary><pre>{text}</pre></details>"


def _types(answer: dict[str, Any]) -> str:
    """Links to the types of an answer."""
    names = [
        media["schema"]["$ref"].rpartition("/")[2]
        for media in answer.get("content", {}).values()
        if "$ref" in media.get("schema", {})
    ]
    return " ".join(f"<a href='#{escape(name)}'><code>{escape(name)}</code></a>" for name in names)
