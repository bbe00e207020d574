"""A real server that tells a real receiver of what becomes of calls."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.serving import start_server
from tests.receiving import SECRET, Receiver, receiving
from tests.waiting import until

if TYPE_CHECKING:
    from tests.http.conftest import Server, Start

TURNS = b'{"turns": [{"speaker": "agent", "text": "Hello."}, {"speaker": "customer", "text": "My bill is wrong."}]}'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


def test_server_and_upload_have_their_webhooks(receiver: Receiver, clips: list[Path], tmp_path: Path) -> None:
    """Of a form, a header and a transcript; what is told is signed, and holds the call's result and none of its words.

    The operator sees what was sent, and nobody sees an address: no log, no list, no metrics, no SQL.
    """
    environment = {"QA_WEBHOOK_URL": receiver.url("/own?token=hush"), "QA_WEBHOOK_SECRET": SECRET}
    log = tmp_path / "log"
    store = tmp_path / "qa.duckdb"
    with start_server(store, log=log, QA_WEBHOOK_HOSTS=receiver.host, **environment) as server:
        form = server.scored(clips[0], team="North", contact_id="1", webhook=receiver.url("/form?token=hush"))
        said = {"team": "North", "contact_id": "2", "webhook": receiver.url("/header?token=hush")}
        headers = {"Content-Type": "audio/wav", "X-Call-Metadata": json.dumps(said)}
        raw = server.client.post("/api/calls", content=clips[1].read_bytes(), headers=headers)
        assert raw.status_code == 202
        files = {"transcript": ("a.json", TURNS)}
        transcript = server.client.post(
            "/api/transcripts", files=files, data={"webhook": receiver.url("/text?token=hush")}
        )
        assert transcript.status_code == 201
        until(lambda: server.client.get("/api/webhooks?state=delivered&limit=10").text.count("delivery_id") == 6)
        told = [(got.path.partition("?")[0], got.verified()) for got in receiver.got]
        assert sorted(path for path, _ in told) == ["/form", "/header", "/own", "/own", "/own", "/text"]
        data = {path: one["data"] for path, one in told if path != "/own"}
        assert {one["type"] for _, one in told} == {"call.done"}
        assert data["/form"] == {
            "job_id": 1, "call_id": form["call_id"], "contact_id": "1", "team": "North", "state": "done", "error": None,
            "can_retry": None, "percent": form["percent"], "flags": form["flags"],
            "call": f"/api/calls/{form['call_id']}",
        }  # fmt: skip
        assert data["/header"]["call_id"] == raw.json()["call_id"]
        assert (data["/text"]["call_id"], data["/text"]["job_id"]) == (transcript.json()["call_id"], None)
        page = server.client.get("/api/webhooks?limit=1").json()
        assert (len(page["deliveries"]), page["deliveries"][0]["receiver"]) == (1, receiver.host)
        older = server.client.get(f"/api/webhooks?before={page['next']}").json()["deliveries"]
        assert len(older) == 5
        again = server.client.post(f"/api/webhooks/{older[0]['delivery_id']}/retry")
        assert (again.status_code, again.json()["state"]) == (200, "waiting")
        until(lambda: len(receiver.got) == 7)
        assert older[0]["webhook_id"] == receiver.got[-1].id
        assert server.client.post("/api/webhooks/99/retry").status_code == 404
        metrics = server.client.get("/metrics").text
        assert 'qa_webhooks{state="given_up"} 0.0' in metrics
        sql = [
            server.client.post("/api/sql", json={"sql": query}).text
            for query in ("SHOW ALL TABLES", "SELECT * FROM webhook_deliveries", "SELECT * FROM webhook_addresses")
        ]
        new_key = {"name": "south", "roles": ["administer"], "teams": ["South"]}
        south = {"Authorization": f"Bearer {server.client.post('/api/keys', json=new_key).json()['text']}"}
        assert server.client.get("/api/webhooks", headers=south).json() == {"deliveries": [], "next": None}
        assert server.client.post("/api/webhooks/1/retry", headers=south).status_code == 404
        assert server.stop() == 0
    for text in (log.read_text(), metrics, json.dumps([page, older, form]), again.text, *sql):
        assert "hush" not in text
        assert SECRET not in text


def test_a_killed_server_tells_what_it_owed(
    start: Start, receiver: Receiver, clips: list[Path], tmp_path: Path
) -> None:
    """Killed while a receiver lets it wait, it tells the same with the same id when it is back."""
    environment = {"QA_WEBHOOK_URL": receiver.url(), "QA_WEBHOOK_SECRET": SECRET}
    receiver.patience.clear()
    server = start(tmp_path / "qa.duckdb", **environment)
    call_id = server.upload(clips[0]).json()["call_id"]
    until(lambda: len(receiver.got) == 1)
    server.stop(signal.SIGKILL)
    receiver.patience.set()
    server = start(tmp_path / "qa.duckdb", **environment)
    until(lambda: len(receiver.got) == 2)
    first, second = receiver.got
    assert first.id == second.id
    assert second.verified()["data"]["call_id"] == call_id
    until(lambda: server.client.get("/api/webhooks?state=delivered").json()["deliveries"] != [])
    assert server.transcriptions() == 0
    assert server.stop() == 0


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://169.254.169.254/latest", ["uploads may not name 169.254.169.254:80", "webhook_hosts"]),
        ("http://127.0.0.1:1/?token=hush", ["uploads may not name 127.0.0.1:1"]),
        ("ftp://127.0.0.1/", ["webhook: it is an http or https address"]),
    ],
)
def test_an_upload_may_not_name_any_host(server: Server, clips: list[Path], url: str, words: list[str]) -> None:
    """Else it could make the server ask what only the server can reach. No call is made of it."""
    before = server.client.get("/api/calls").json()
    transcript = {"transcript": ("a.json", TURNS)}
    headers = {"Content-Type": "audio/wav", "X-Call-Metadata": json.dumps({"webhook": url})}
    answers = [
        server.upload(clips[4], webhook=url),
        server.client.post("/api/calls", content=clips[4].read_bytes(), headers=headers),
        server.client.post("/api/transcripts", files=transcript, data={"webhook": url}),
    ]
    for answer in answers:
        assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
        assert all(word in answer.json()["detail"] for word in words)
        assert "hush" not in answer.text
    assert server.client.get("/api/calls").json() == before


def test_a_webhook_is_no_metadata_that_is_corrected(server: Server, clips: list[Path]) -> None:
    """It was named with the upload, by who was there to be told."""
    call_id = server.scored(clips[3])["call_id"]
    answer = server.client.patch(f"/api/calls/{call_id}", json={"webhook": "https://hooks.example.org/"})
    assert answer.status_code == 422
