"""Recordings as bodies of their own, corrections, and the queue with what happens in it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.waiting import until

if TYPE_CHECKING:
    from tests.http.conftest import Server, Start

AUDIO = {"Content-Type": "audio/wav"}


def raw(server: Server, path: Path, said: dict[str, Any], **headers: str) -> Any:
    return server.client.post(
        "/api/calls", content=path.read_bytes(), headers=AUDIO | {"X-Call-Metadata": json.dumps(said)} | headers
    )


def test_a_recording_may_be_the_body_itself(server: Server, clips: list[Path]) -> None:
    """With what is known of it in one header; everything said comes back."""
    said = {
        "team": "Raw", "agent": "Ana", "contact_id": "R-1", "direction": "outbound", "language": "en",
        "recording": "r.wav", "extra": {"campaign": "spring", "tries": 3},
    }  # fmt: skip
    answer = raw(server, clips[3], said)
    assert answer.status_code == 202, answer.text
    call = server.ended(answer.json()["call_id"])
    assert call["state"] == "done"
    assert {name: call[name] for name in said} == said
    sound = server.client.get(f"/api/calls/{call['call_id']}/recording")
    assert sound.content == clips[3].read_bytes()


@pytest.mark.parametrize(
    ("header", "status", "said"),
    [
        ("nothing", 422, "X-Call-Metadata: not a JSON object of metadata"),
        ("[]", 422, "X-Call-Metadata: not a JSON object"),
        ('{"agnet": "Ana"}', 422, "agnet: not a name of metadata; did you mean agent?"),
        ('{"agent": 7}', 422, "X-Call-Metadata: agent: it is a text in quotes, or null"),
        ('{"extra": "x"}', 422, "extra: it is not a JSON object"),
        ('{"direction": "up"}', 422, "direction: 'up' is not one of inbound, outbound"),
        ('{"language": "English please"}', 422, "is not a code of a language"),
    ],
)
def test_a_header_that_is_wrong_says_what_is(server: Server, header: str, status: int, said: str) -> None:
    """By its name, and with the cure."""
    answer = server.client.post("/api/calls", content=b"RIFF", headers=AUDIO | {"X-Call-Metadata": header})
    assert answer.status_code == status
    assert said in answer.json()["detail"]


def test_the_same_bytes_with_other_words_are_refused(server: Server, clips: list[Path]) -> None:
    """From the same team, either way they come; another team has a call of its own and learns nothing."""
    first = raw(server, clips[4], {"team": "Same", "agent": "Ana"}).json()["call_id"]
    assert raw(server, clips[4], {"team": "Same", "agent": "Ana"}).json()["call_id"] == first
    assert server.upload(clips[4], team="Same").json()["call_id"] == first
    refused = server.upload(clips[4], team="Same", agent="Ben")
    assert refused.status_code == 409
    assert f"PATCH /api/calls/{first}" in refused.json()["detail"]
    other = server.upload(clips[4], team="Other")
    assert (other.status_code, other.json()["call_id"] == first) == (202, False)
    assert first not in other.text


def test_what_is_said_of_a_call_can_be_corrected(server: Server, clips: list[Path]) -> None:
    """Team, agent and the rest, taken back with null; nothing is transcribed, and nothing scored, for that."""
    call = server.scored(clips[2], team="Wrong", agent="Ann", queue="billing")
    before = server.transcriptions()
    after = server.corrected(call["call_id"], team="Right", agent="Ana", queue=None, extra={"vip": True})
    assert (after["team"], after["agent"], after["queue"], after["extra"]) == ("Right", "Ana", None, {"vip": True})
    assert (after["scored_at"], server.transcriptions()) == (call["scored_at"], before)


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"[]", 422, "not a JSON object of metadata"),
        (b"{", 422, "not a JSON object of metadata"),
        (b'{"team": null}', 422, "team: a call belongs to a team"),
        (b'{"started_at": "spring"}', 422, "started_at: 'spring'"),
        (b'{"agnet": "Ana"}', 422, "did you mean agent?"),
    ],
)
def test_a_correction_that_is_wrong_changes_nothing(
    server: Server, clips: list[Path], body: bytes, status: int, said: str
) -> None:
    """It says what is wrong."""
    call = server.scored(clips[2], team="Kept")
    answer = server.client.patch(
        f"/api/calls/{call['call_id']}", content=body, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text
    assert server.client.get(f"/api/calls/{call['call_id']}").json() == call


def test_a_correction_has_to_be_json(server: Server, clips: list[Path]) -> None:
    """415 for a form, 404 for a call that is not there."""
    call = server.scored(clips[2], team="Kept")
    assert server.client.patch(f"/api/calls/{call['call_id']}", data={"agent": "x"}).status_code == 415
    assert server.client.patch("/api/calls/none", json={"agent": "x"}).status_code == 404


class _Events:
    """The server-sent events of a server, as they come."""

    def __init__(self, server: Server) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self._listening = threading.Event()
        self._thread = threading.Thread(target=self._listen, args=(server,), daemon=True)
        self._thread.start()
        assert self._listening.wait(10)

    def _listen(self, server: Server) -> None:
        kind = ""
        with (
            contextlib.suppress(httpx.HTTPError),  # the server ends before who listens does
            server.client.stream("GET", "/api/events", timeout=None) as answer,
        ):
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            self._listening.set()
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self.seen.append((kind, json.loads(line.removeprefix("data: "))))

    @property
    def listening(self) -> bool:
        return self._thread.is_alive()

    def of(self, call_id: str) -> list[str]:
        return [kind for kind, event in self.seen if event["call_id"] == call_id]


@pytest.fixture
def apart(start: Start, tmp_path: Path) -> Server:
    """A server of the test's own, whose workers may be killed."""
    return start(tmp_path / "qa.duckdb")


def test_what_becomes_of_a_job_is_told_as_it_happens(apart: Server, clips: list[Path]) -> None:
    """Queued, running, done; and the list of jobs says the same."""
    events = _Events(apart)
    call = apart.scored(clips[0], team="Told")
    until(lambda: events.of(call["call_id"]) == ["queued", "running", "done"])
    (job,) = apart.client.get("/api/jobs", params={"team": "Told"}).json()["jobs"]
    assert (job["state"], job["call_id"], job["attempts"], job["error"]) == ("done", call["call_id"], 1, None)
    assert apart.client.get(f"/api/jobs/{job['job_id']}").json() == job


def test_a_lost_worker_is_replaced_and_its_call_can_be_tried_again(apart: Server) -> None:
    """It fails alone, with the cause; the next is scored, and so is the same one again."""
    import qa.demo

    path = qa.demo.CALLS.with_name("car-repair.ogg")
    call_id = apart.upload(path, team="Lost").json()["call_id"]
    until(lambda: apart.client.get("/api/jobs").json()["jobs"][0]["progress"] is not None)
    for process in apart.workers():
        os.kill(process, signal.SIGKILL)
    failed = apart.ended(call_id)
    assert failed["state"] == "failed"
    assert "its worker was lost (SIGKILL)" in failed["error"]
    (job,) = apart.client.get("/api/jobs").json()["jobs"]
    assert job["can_retry"] is True
    assert apart.client.post(f"/api/jobs/{job['job_id']}/retry").status_code == 200
    assert apart.ended(call_id)["state"] == "done"


def test_a_job_can_be_cancelled_while_it_runs(apart: Server, clips: list[Path]) -> None:
    """Its worker lets it go at once, and the next call is taken."""
    import qa.demo

    events = _Events(apart)
    call_id = apart.upload(qa.demo.CALLS.with_name("car-repair.ogg")).json()["call_id"]
    until(lambda: events.of(call_id)[-1:] == ["running"])
    (job,) = apart.client.get("/api/jobs", params={"state": "running"}).json()["jobs"]
    assert apart.client.post(f"/api/jobs/{job['job_id']}/cancel").json()["state"] == "cancelled"
    assert apart.scored(clips[0])["state"] == "done"
    assert apart.client.get(f"/api/calls/{call_id}").json()["state"] == "cancelled"
    assert apart.client.post(f"/api/jobs/{job['job_id']}/cancel").status_code == 409
    assert apart.client.post("/api/jobs/999/cancel").status_code == 404
    assert events.of(call_id) == ["queued", "running", "cancelled"]


def test_uploads_are_put_off_where_too_much_waits_or_the_disk_is_full(
    start: Start, clips: list[Path], tmp_path: Path
) -> None:
    """429 and 507, with when to ask again, before the body is read; what waits is scored all the same."""
    full = start(tmp_path / "full.duckdb", QA_MIN_FREE_BYTES=str(10**18))
    answer = full.upload(clips[0])
    assert (answer.status_code, answer.headers["Retry-After"]) == (507, "60")
    assert full.client.get("/api/calls").json()["calls"] == []
    busy = start(tmp_path / "busy.duckdb", QA_MAX_QUEUE="1")
    taken = [busy.upload(clip) for clip in clips[:4]]
    assert 429 in [answer.status_code for answer in taken]
    assert all(busy.ended(answer.json()["call_id"])["state"] == "done" for answer in taken if answer.status_code == 202)


def test_a_server_ends_at_once_though_somebody_listens(apart: Server) -> None:
    """Who waits for events is let go; no grace is waited out."""
    events = _Events(apart)
    assert apart.stop() == 0
    until(lambda: not events.listening)
