"""What the server logs: a line for each thing, with what it is about, and nothing of what anybody said or sent."""

from __future__ import annotations

import json
import logging
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from qa import Metadata, Store, logs
from qa.errors import QueryProblem, StoreProblem, WorkerLost
from tests.waiting import until

MARKER = "ZEBEDEE-QUILL"
SAID = {"turns": [{"speaker": "agent", "text": f"Hello {MARKER}."}, {"speaker": "customer", "text": "My bill."}]}

# A defect that no test can wait for: one route fails with what it was given, another where nobody waits for it.
BROKEN = f"""
import asyncio, threading
from qa import http, settings
from qa.http import teams
from qa.store import Store

def broken(self, *_, **__):
    asyncio.run_coroutine_threadsafe(fails("{MARKER}"), loop)
    threading.Thread(target=int, args=["{MARKER}"]).start()
    try:
        int("{MARKER}")
    except ValueError as error:
        raise KeyError("{MARKER}") from error

async def fails(given):
    asyncio.get_running_loop().call_soon(int, given)

async def startup(self, sockets=None):
    global loop
    loop = asyncio.get_running_loop()
    await begin(self, sockets=sockets)

from qa.http import server
begin, server._Server.startup = server._Server.startup, startup
Store.compare = broken
http.serve(settings=settings.load(), port=0)
"""


class Run:
    """What a server said of all that was asked of it."""

    def __init__(self, lines: list[dict[str, Any]], text: str, key_id: str, ids: dict[str, str]) -> None:
        self.lines, self.text, self.key_id, self.ids = lines, text, key_id, ids

    def about(self, **of: Any) -> list[dict[str, Any]]:
        return [line for line in self.lines if all(line.get(name) == value for name, value in of.items())]


def _damage(path: Path) -> None:
    """A sidecar that says what it may not."""
    metadata = {"team": "North", "direction": MARKER}
    sidecar = {"call_id": "abcdefabcdef", "sha256": "0" * 64, "received_at": datetime.now(UTC), "metadata": metadata}
    folder = path.with_name(path.name + ".files") / "calls" / "ab"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "abcdefabcdef.json").write_bytes(msgspec.json.encode(sidecar))


def _ask(client: httpx.Client, clip: Path, tmp: Path) -> dict[str, str]:
    """All that a marker can be put into, well and badly; the ids of calls that came of it."""
    ids: dict[str, str] = {}

    def post(path: str, **more: Any) -> httpx.Response:
        return client.post(path, **more)

    transcript = {"transcript": (f"{MARKER}.json", json.dumps(SAID).encode())}
    answer = post("/api/transcripts", files=transcript, data={"team": "North", "agent": MARKER})
    assert answer.status_code == 201
    ids["text"] = answer.json()["call_id"]
    assert client.get(f"/api/calls/{ids['text']}/transcript").status_code == 200
    for name, clip_of in (("done", clip), ("failed", tmp / f"{MARKER}.wav")):
        files = {"recording": (clip_of.name, clip_of.read_bytes())}
        ids[name] = post("/api/calls", files=files, data={"team": "North", "customer_ref": MARKER}).json()["call_id"]
    until(lambda: post("/api/sql", json={"sql": f"SELECT '{MARKER}'"}).status_code == 200)
    refused = [
        post("/api/sql", json={"sql": f"SELECT {MARKER}(", "params": [MARKER]}),
        post("/api/sql", json={"sql": f"SELECT '{MARKER}'::INTEGER"}),
        post("/api/sql", content=MARKER.encode(), headers={"Content-Type": "application/json"}),
        post("/api/transcripts", files={"transcript": ("a.json", f'{{"turns": "{MARKER}"'.encode())}),
        post("/api/transcripts", files={"transcript": ("a.json", b'{"turns": [{"speaker": "%s"}]}' % MARKER.encode())}),
        post("/api/calls", files={"recording": ("a.wav", b"RIFF")}, data={"direction": MARKER}),
        post("/api/calls", content=b"RIFF", headers={"Content-Type": "audio/wav", "X-Call-Metadata": f'{{"{MARKER}"'}),
        post(f"/api/calls/{ids['text']}", json={MARKER: 1}),
        client.patch(f"/api/calls/{ids['text']}", json={"direction": MARKER}),
        client.get(f"/api/calls/{MARKER}"),
        client.get(f"/api/{MARKER}"),
        client.get("/api/calls", params={MARKER: MARKER}),
        client.get("/api/calls", params={"from": MARKER}),
        client.get("/api/teams", headers={"Authorization": f"Bearer qa_{MARKER}_{MARKER}"}),
        client.get("/api/teams", headers={"X-API-Key": MARKER, "Authorization": ""}),
        client.request(MARKER, "/api/teams"),
        client.get("/api/compare"),
    ]
    assert {answer.status_code // 100 for answer in refused} == {4, 5}
    assert refused[-1].status_code == 500
    with socket.create_connection((client.base_url.host, client.base_url.port or 80)) as raw:
        raw.sendall(f"{MARKER}\r\n\r\n".encode())
        assert b"400" in raw.recv(100)
    for name in ("done", "failed"):
        until(lambda name=name: client.get(f"/api/calls/{ids[name]}").json()["state"] == name)  # type: ignore[misc]
    assert client.delete(f"/api/calls/{ids['text']}").status_code == 202
    until(lambda: client.get(f"/api/calls/{ids['text']}/erasure").json()["done_at"] is not None)
    return ids


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, clips: list[Path]) -> Run:
    tmp = tmp_path_factory.mktemp("logs")
    path, log = tmp / "qa.duckdb", tmp / "log"
    (tmp / f"{MARKER}.wav").write_text(f"Dear {MARKER}")
    with Store.open(path) as store:
        key, text = store.create_key(name=MARKER, roles=["administer"])
        said = Metadata(team="Old", agent=MARKER, started_at=datetime(2001, 1, 1, tzinfo=UTC))
        store.accept(sha256="1" * 64, metadata=said)
    _damage(path)
    environment = {"QA_STORE": str(path), "QA_LOG_FORMAT": "json", "QA_RETENTION_DAYS_BY_TEAM": '{"Old": 30}'}
    with log.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-c", BROKEN], env=os.environ | environment, stdout=subprocess.PIPE, stderr=file, text=True
        )
    assert process.stdout is not None
    try:
        url = process.stdout.readline().split(" at ")[1].split("/schema")[0]
        with httpx.Client(base_url=url, timeout=60, headers={"Authorization": f"Bearer {text}"}) as client:
            ids = _ask(client, clips[0], tmp)
        process.terminate()
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    logged = log.read_text()
    assert text.split("_", 2)[2] not in logged
    return Run([json.loads(line) for line in logged.splitlines()], logged, key.key_id, ids)


def test_no_line_holds_a_secret_or_what_anybody_said_or_sent(run: Run) -> None:
    """Neither of what was answered nor of what was refused, nor in the traceback of what should not happen."""
    assert MARKER not in run.text
    assert "Bearer" not in run.text
    (failed,) = run.about(logger="qa.http.problems")
    assert failed["message"] == "what was asked of /api/compare failed"
    assert "in broken" in failed["exception"]
    assert failed["exception"].splitlines()[-1] == "KeyError"
    assert "ValueError" in failed["exception"]
    assert [line["logger"] for line in run.lines if "exception" in line].count("asyncio") == 1
    assert [line["exception"].splitlines()[-1] for line in run.about(logger="qa.logs")] == ["ValueError"]
    (sidecar,) = run.about(logger="qa.store.sidecars")
    assert sidecar["message"].endswith("abcdefabcdef.json cannot be read: ValidationError")


def test_each_line_says_when_how_grave_where_from_and_what(run: Run) -> None:
    """In UTC; one object a line, those of others too."""
    assert [line["message"] for line in run.about(logger="uvicorn.error")] == ["Invalid HTTP request received."]
    for line in run.lines:
        assert datetime.fromisoformat(line["at"]).utcoffset() is not None
        assert line["at"].endswith("Z")
        assert line["level"] in ("INFO", "WARNING", "ERROR", "CRITICAL")
        assert line["logger"]
        assert line["message"]


def test_each_request_is_a_line_with_its_route_key_and_call(run: Run) -> None:
    """Of the path there is the template, and the id of the call that was found; what has no route is there too."""
    asked = run.about(logger="qa.http.requests")
    assert len({line["request_id"] for line in asked}) == len(asked)
    (transcript,) = [line for line in asked if line["route"] == "/api/calls/{call_id}/transcript"]
    assert transcript["message"] == "answered"
    assert (transcript["method"], transcript["status"]) == ("GET", 200)
    assert (transcript["key_id"], transcript["call_id"]) == (run.key_id, run.ids["text"])
    assert 0 < transcript["duration_s"] < 60
    uploads = run.about(route="/api/calls", method="POST", status=202)
    assert [line["call_id"] for line in uploads] == [run.ids["done"], run.ids["failed"]]
    assert {line["status"] for line in asked if line["route"] == "no route"} == {404, 405}
    (compared,) = run.about(route="/api/compare")
    (failed,) = run.about(logger="qa.http.problems")
    assert failed["request_id"] == compared["request_id"]
    assert [line for line in asked if line["status"] == 401 and "key_id" in line] == []


def test_each_job_erasure_start_and_stop_is_told(run: Run) -> None:
    """A job begins and ends, with its call, its time and its cause."""
    ended = {
        line["call_id"]: line
        for line in run.about(logger="qa.jobs.dispatcher")
        if line["message"] in ("done", "failed")
    }
    begun = {line["call_id"]: line for line in run.about(logger="qa.jobs.dispatcher", message="begun")}
    done, failed = ended[run.ids["done"]], ended[run.ids["failed"]]
    assert (done["message"], done.get("cause")) == ("done", None)
    assert (failed["message"], failed["cause"]) == ("failed", "BadRecording")
    for call_id in (run.ids["done"], run.ids["failed"]):
        assert begun[call_id]["job_id"] == ended[call_id]["job_id"]
        assert ended[call_id]["duration_s"] > 0
    assert [line["call_id"] for line in run.about(message="erased from every file")].count(run.ids["text"]) == 1
    assert len(run.about(message="kept no longer, and erased")) == 1
    assert len(run.about(message="calls are kept for ever, of team Old for 30 days; due now: 1")) == 1
    assert [line["message"] for line in run.about(logger="qa.http.server")] == [
        "started",
        "told to stop, by SIGTERM",
        "stopped",
    ]


def test_as_text_a_line_can_be_read() -> None:
    """When, how grave, where from and what, then what it is about; a text of several lines is none of another's."""
    record = logging.LogRecord("qa.jobs", logging.INFO, __file__, 1, "done\n%s", ("so",), None)
    record.created, record.fields = 1_800_000_000.25, {"duration_s": 3.5, "cause": None}
    with logs.known(job_id=7):
        assert logs._Text().format(record) == "2027-01-15T08:00:00.250Z INFO qa.jobs: done so job_id=7 duration_s=3.5"


def test_an_error_is_said_without_what_it_quotes() -> None:
    """Its text is there where it speaks of the machine; that of a group is taken apart."""
    full = StoreProblem(f"cannot write: {MARKER}")
    full.__cause__ = OSError(28, "No space left on device")
    assert logs.said(full) == f"StoreProblem: cannot write: {MARKER}"
    full.__cause__ = ValueError(MARKER)
    assert logs.said(full) == "StoreProblem"
    assert logs.said(WorkerLost("it took too long")) == "WorkerLost: it took too long"
    assert logs.said(QueryProblem(MARKER)) == "QueryProblem"
    assert logs.said(FileNotFoundError(2, "No such file or directory", MARKER)) == (
        "FileNotFoundError: No such file or directory"
    )
    assert logs.trace(ExceptionGroup("several", [ValueError(MARKER), KeyError()])) == (
        "ExceptionGroup\nValueError\nKeyError"
    )


def test_a_worker_logs_in_the_same_form_with_what_it_works_on(tmp_path: Path) -> None:
    """What goes wrong there that should not is told where it came from, with the job and its call."""
    script = f"""
import threading
from qa import logs, work
from qa.work import Work
from qa.jobs.workers import Workers
if __name__ == "__main__":
    logs.configure("json")
    workers = Workers(1, memory_bytes=8_000_000_000)
    with logs.known(job_id=7, call_id="0123456789ab"):
        task = Work(path="{tmp_path}/{MARKER}.wav", model="x", model_dir="x", model_sha256="x", max_duration_s=1.0,
                    agent_channel="left")
        future = workers.of(7).submit(work.transcribe, task)
    print(type(future.exception(60)).__name__)
    workers.close()
"""
    (tmp_path / "script.py").write_text(script)
    done = subprocess.run(
        [sys.executable, tmp_path / "script.py"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.strip() == "FileNotFoundError"
    (line,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert (line["logger"], line["job_id"], line["call_id"]) == ("qa.jobs.processes", 7, "0123456789ab")
    assert line["exception"].endswith("FileNotFoundError: No such file or directory")
    assert MARKER not in done.stderr
