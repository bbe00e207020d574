"""The description of the interface."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import jsonschema_rs

if TYPE_CHECKING:
    from tests.http.conftest import Server

OPERATIONS = {
    "addOutcomes",
    "cancelJob",
    "findCall",
    "listAgents",
    "listWorst",
    "askSql",
    "createKey",
    "eraseCall",
    "getErasure",
    "getSnapshotDuckdb",
    "getSnapshotParquet",
    "listAudit",
    "getMetrics",
    "isAlive",
    "isReady",
    "makeBackup",
    "listKeys",
    "revokeKey",
    "correctCall",
    "getEvents",
    "getJob",
    "listJobs",
    "retryJob",
    "addCall",
    "listCalls",
    "getCall",
    "getTranscript",
    "getScorecard",
    "getRecording",
    "addTranscript",
    "listTeams",
    "compare",
    "getHealth",
    "listWebhooks",
    "retryWebhook",
}


def test_the_page_needs_no_network(server: Server) -> None:
    """Nothing in it is fetched from another address, or run."""
    answer = server.client.get("/schema")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert not re.search(r"https?:|//|<script|<link|<img|@import|url\(", answer.text)
    for operation in OPERATIONS:
        assert f"id='{operation}'" in answer.text


def test_every_route_is_described(server: Server) -> None:
    """One operation id each, a sentence each, and the form of the upload with every name of metadata."""
    schema = server.client.get("/schema/openapi.json").json()
    described = [operation for methods in schema["paths"].values() for operation in methods.values()]
    assert {operation["operationId"] for operation in described} == OPERATIONS
    assert len(described) == len(OPERATIONS)
    assert all(operation["description"] for operation in described)
    for operation in described:
        for status, answer in operation["responses"].items():
            assert (status >= "400") == (list(answer.get("content", {})) == ["application/problem+json"])
    form = schema["paths"]["/api/calls"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    names = (
        "recording team agent contact_id agent_channel started_at queue customer_ref medium direction language extra "
        "webhook"
    )
    assert set(form["properties"]) == set(names.split())
    assert form["required"] == ["recording"]
    asked = {item["name"] for item in schema["paths"]["/api/calls"]["get"]["parameters"]}
    assert asked == {"team", "agent", "from", "to", "sha256", "after", "limit"}


def test_nothing_made_up_stands_in_for_an_example(server: Server) -> None:
    """The framework can fill examples (`examples`) with random text; ours (`example`) are what a server gave."""
    assert '"examples"' not in server.client.get("/schema/openapi.json").text


def test_the_address_alone_leads_to_the_page(server: Server) -> None:
    """Whoever opens the server in a browser sees what it can do."""
    answer = server.client.get("/", follow_redirects=True)
    assert (answer.status_code, answer.url.path) == (200, "/schema")


def test_every_operation_that_answers_in_json_has_an_example_that_fits_its_description(server: Server) -> None:
    """`make docs` writes them; where an answer has changed since, its example no longer fits."""
    schema = server.client.get("/schema/openapi.json").json()
    shown = server.client.get("/schema").text
    for operation in (operation for methods in schema["paths"].values() for operation in methods.values()):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        media = [one for body in bodies for kind, one in body.get("content", {}).items() if kind.endswith("json")]
        for one in (one for one in media if "example" in one):
            jsonschema_rs.validate(one["schema"] | {"components": schema["components"]}, one["example"])
        good = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        if any("application/json" in answer.get("content", {}) for answer in good):
            assert any("example" in answer["content"]["application/json"] for answer in good), operation["operationId"]
            section = shown.partition(f"id='{operation['operationId']}'")[2].partition("</section>")[0]
            assert "an example" in section
