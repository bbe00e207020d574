"""Asks a real server everything once, and writes down what it answers as the examples of the interface.

Run by `make docs`; identifiers and moments are new each time.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import httpx
import msgspec

import qa.demo
from benchmarks.serving import Server, start_server, until
from qa.http.examples import Example
from tests.receiving import SECRET, receiving

TARGET = Path(qa.__file__).parent / "http" / "examples.json"
RECORDING = Path(__file__).parents[1] / "tests" / "data" / "two-people-5s.wav"
LEFT = 2
"""So many elements of an array are left in an example."""


class Listener:
    """Writes down each exchange of a client, by the operation that it belongs to."""

    def __init__(self, description: dict[str, Any]) -> None:
        self.examples: dict[str, Example] = {}
        self._operations = [
            (method.upper(), re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), operation["operationId"])
            for path, methods in description["paths"].items()
            for method, operation in methods.items()
        ]

    def __call__(self, answer: httpx.Response) -> None:
        """An event hook of httpx."""
        answer.read()
        if not answer.headers.get("Content-Type", "").partition(";")[0].endswith("json"):
            return
        method, path = answer.request.method, answer.request.url.path
        name = next(name for one, pattern, name in self._operations if one == method and pattern.fullmatch(path))
        known = self.examples.get(name, Example())
        asked = answer.request.headers.get("Content-Type") == "application/json"
        self.examples[name] = Example(
            known.request or (json.loads(answer.request.content) if asked and answer.is_success else None),
            {str(answer.status_code): shortened(answer.json()), **known.answers},
        )


def shortened(value: Any) -> Any:
    """The same with no more than two elements in each array."""
    match value:
        case dict():
            return {name: shortened(each) for name, each in value.items()}
        case [int() | float(), int() | float()]:
            return value
        case list():
            return [shortened(each) for each in value[:LEFT]]
        case _:
            return value


def ask_everything(server: Server) -> None:
    """Every operation that answers in JSON, each at least once as it should be, and a few as they should not."""
    client = server.client
    said = {"team": "North", "agent": "Ada", "contact_id": "N-1042", "extra": json.dumps({"campaign": "spring"})}
    with RECORDING.open("rb") as file:
        call = client.post("/api/calls", files={"recording": ("N-1042.wav", file)}, data=said).json()
    conversation = qa.demo.FOLDER / "conversations" / "north-01.json"
    files = {"transcript": (conversation.name, conversation.read_bytes())}
    written = client.post("/api/transcripts", files=files, data={"team": "North", "agent": "Ben"}).json()["call_id"]
    server.ended(call["call_id"])
    client.patch(f"/api/calls/{call['call_id']}", json={"agent": "Ada Byron", "queue": "billing"})
    for path in ("", "/transcript", "/scorecard"):
        client.get(f"/api/calls/{written}{path}")
    client.get("/api/calls/0000")
    client.get("/api/calls", params={"team": "North"})
    client.get("/api/call", params={"key": "N-1042"})
    for path in ("teams", "agents", "worst", "compare", "health", "jobs"):
        client.get(f"/api/{path}")
    outcomes = [{"contact_id": "N-1042", "csat": 4.5, "churned": False}, {"contact_id": "N-1043", "csat": 2}]
    client.post("/api/outcomes", json={"outcomes": outcomes})
    job_id = client.get("/api/jobs").json()["jobs"][-1]["job_id"]
    client.get(f"/api/jobs/{job_id}")
    client.post(f"/api/jobs/{job_id}/cancel")  # refused: it is done
    with RECORDING.open("rb") as file:  # another team's
        call_id = client.post("/api/calls", files={"recording": file}, data={"team": "South"}).json()["call_id"]
    job_id = client.get("/api/jobs").json()["jobs"][0]["job_id"]
    client.post(f"/api/jobs/{job_id}/cancel")
    client.post(f"/api/jobs/{job_id}/retry")
    server.ended(call_id)
    client.post(
        "/api/sql", json={"sql": "SELECT team, count(*) AS n FROM calls GROUP BY team HAVING n >= ?", "params": [1]}
    )
    client.post("/api/sql", json={"sql": "DROP TABLE calls"})
    client.delete(f"/api/calls/{call_id}")
    until(lambda: client.get(f"/api/calls/{call_id}/erasure").json()["done_at"] is not None)
    until(lambda: 'qa_webhooks{state="waiting"} 0.0' in client.get("/metrics").text)
    delivery_id = client.get("/api/webhooks").json()["deliveries"][0]["delivery_id"]
    client.post(f"/api/webhooks/{delivery_id}/retry")
    client.post("/api/webhooks/0/retry")
    client.get("/api/audit", params={"limit": 2})
    client.get("/readyz")
    client.post("/api/backups")
    made = client.post("/api/keys", json={"name": "phones", "roles": ["administer"]}).json()
    client.get("/api/teams")  # refused: from now on a key is asked for
    client.headers["Authorization"] = f"Bearer {made['text']}"
    client.get("/api/keys")
    client.delete(f"/api/keys/{made['key']['key_id']}")


def main() -> None:
    """Write the examples."""
    with (
        tempfile.TemporaryDirectory() as folder,
        receiving() as receiver,
        start_server(
            Path(folder) / "qa.duckdb",
            log=Path(folder) / "log",
            QA_WEBHOOK_URL=receiver.url(),
            QA_WEBHOOK_SECRET=SECRET,
            QA_BACKUPS=f"{folder}/backups",
        ) as server,
    ):
        listener = Listener(server.client.get("/schema/openapi.json").json())
        server.client.event_hooks["response"].append(listener)
        ask_everything(server)
        server.stop()
    listener.examples["createKey"].answers["201"]["text"] = "qa_…"
    made = listener.examples["makeBackup"].answers["201"]
    made["path"] = f"/backup/qa/{Path(made['path']).name}"
    text = msgspec.json.format(msgspec.json.encode(listener.examples, order="sorted"), indent=1)
    TARGET.write_bytes(text + b"\n")


if __name__ == "__main__":
    main()
