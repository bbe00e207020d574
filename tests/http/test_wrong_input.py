"""What a client sends wrong: a status, a problem+json that names the field, and nothing left behind."""

from __future__ import annotations

import hashlib
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.http.conftest import Server, Start

WAV = ("recording", ("a.wav", b"RIFF"))


def _incoming(store: Path) -> list[Path]:
    return list((store.with_name(store.name + ".files") / "incoming").glob("*"))


def _problem(answer: httpx.Response, status: int) -> str:
    """The detail of a problem, once it is one."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.status_code == status
    assert answer.json()["status"] == status
    assert answer.json()["title"]
    return str(answer.json()["detail"])


@pytest.mark.parametrize(
    ("files", "fields", "status", "said"),
    [
        ([("other", ("a.wav", b"RIFF"))], {}, 400, "'other' is not known; the file is recording"),
        ([("team", (None, b"North"))], {}, 400, "the part recording is missing"),
        ([("recording", (None, b"a.wav"))], {}, 400, "recording is a text, not a file"),
        ([WAV, WAV], {}, 400, "recording is there twice"),
        ([WAV, ("team", (None, b"a")), ("team", (None, b"b"))], {}, 400, "the field team is there twice"),
        ([WAV, ("team", (None, b"\xff"))], {}, 400, "the field team is not text in UTF-8"),
        ([WAV], {"team": "x" * 5000}, 400, "the field team is longer than"),
        ([WAV], {"team": "x" * 501}, 422, "team: 501 characters"),
        ([WAV], {"agent_channel": "middle"}, 422, "agent_channel: 'middle' is not one of left, right"),
        ([WAV], {"started_at": "yesterday"}, 422, "started_at: 'yesterday'"),
        ([WAV], {"medium": "fax"}, 422, "medium: 'fax'"),
        ([WAV], {"agnet": "Ana"}, 400, "'agnet' is not known"),
        ([("recording", ("a.wav", b""))], {}, 422, "recording: a.wav is empty"),
    ],
)
def test_a_bad_form_names_the_field(
    server: Server, files: list[tuple[str, tuple[str | None, bytes]]], fields: dict[str, str], status: int, said: str
) -> None:
    """Nothing of it is kept."""
    before = server.client.get("/api/calls", params={"limit": 500}).json()
    answer = server.client.post("/api/calls", files=[*files, *((name, (None, text)) for name, text in fields.items())])
    assert said in _problem(answer, status)
    assert server.client.get("/api/calls", params={"limit": 500}).json()["calls"] == before["calls"]
    assert _incoming(server.store) == []


@pytest.mark.parametrize(
    ("kind", "body", "status", "said"),
    [
        ("application/json", b"{}", 415, "send a form"),
        ("application/x-www-form-urlencoded", b"team=North", 415, "with curl: -F recording=@FILE"),
        ("multipart/form-data", b"", 415, "send a form"),
        ("multipart/form-data; boundary=x", b"", 400, "was it sent whole?"),
        ("multipart/form-data; boundary=x", b"nothing", 400, "was it sent whole?"),
        (
            "multipart/form-data; boundary=x",
            b'--x\r\nContent-Disposition: form-data; name="recording"; filename="a.wav"\r\n\r\nRIFF',
            400,
            "was it sent whole?",
        ),
    ],
)
def test_what_is_no_form_is_refused(server: Server, kind: str, body: bytes, status: int, said: str) -> None:
    """Another content type, no boundary, a body that ends too soon."""
    answer = server.client.post("/api/calls", content=body, headers={"Content-Type": kind})
    assert said in _problem(answer, status)
    assert _incoming(server.store) == []


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/api/calls/none", 404, "none"),
        ("/api/calls/none/transcript", 404, "none"),
        ("/api/calls/none/scorecard", 404, "none"),
        ("/api/calls/none/recording", 404, "none"),
        ("/api/nothing", 404, "Not Found"),
        ("/api/calls?limit=many", 400, "limit: "),
        ("/api/calls?limit=0", 400, "limit: "),
        ("/api/calls?after=zzz", 400, "there is no page after zzz"),
        ("/api/calls?tem=North", 400, "the parameter 'tem' is not known; did you mean team?"),
        ("/api/calls?after=a&zzz=1", 400, "the parameter 'zzz' is not known; known are team, agent, from, to, sha256"),
        ("/api/calls/none?team=North", 400, "the parameter 'team' is not known; known are none here"),
        ("/api/teams?team=North", 400, "the parameter 'team' is not known"),
        ("/api/compare?by=colour", 400, "by: "),
        (f"/api/calls?limit={'9' * 5000}", 400, "limit: "),
        ("/api/calls?from=0001-01-01T00:00:00%2B14:00", 422, "from: 0001-01-01"),
        ("/api/calls?from=spring", 422, "from: 'spring'"),
        ("/api/calls?to=2026-13-01", 422, "to: '2026-13-01"),
    ],
)
def test_a_bad_question_is_answered_with_its_cause(server: Server, path: str, status: int, said: str) -> None:
    """A call that is not there, an address that is not there, a parameter that cannot be."""
    assert said in _problem(server.client.get(path), status)


def test_metadata_beside_the_form_is_refused(server: Server) -> None:
    """A field that was put into the address would else be lost."""
    answer = server.client.post("/api/calls", params={"team": "North"}, files=[WAV])
    assert "the parameter 'team' is not known" in _problem(answer, 400)


def test_a_contact_id_that_is_taken_leaves_no_recording(server: Server) -> None:
    """409, and the disk holds nothing that no call has."""
    said = {"team": "Taken", "contact_id": "4711"}
    assert server.client.post("/api/calls", files=[WAV], data=said).status_code == 202
    other = ("recording", ("b.wav", b"RIFF of another call"))
    assert "4711 already belongs" in _problem(server.client.post("/api/calls", files=[other], data=said), 409)
    sha256 = hashlib.sha256(b"RIFF of another call").hexdigest()
    assert list(server.store.with_name(server.store.name + ".files").rglob(sha256)) == []


def test_a_method_that_is_not_there_is_refused(server: Server) -> None:
    """405, as a problem too."""
    _problem(server.client.delete("/api/calls"), 405)


def test_too_large_a_recording_is_refused(start: Start, tmp_path: Path) -> None:
    """413 by the length that is announced and by what comes, for the upload alone, and the limit is named."""
    server = start(tmp_path / "qa.duckdb", QA_MAX_UPLOAD_BYTES="1000000")
    fits = server.client.post("/api/calls", files={"recording": ("a.wav", bytes(1_000_000))})
    assert fits.status_code == 202
    answer = server.client.post("/api/calls", files={"recording": ("a.wav", bytes(1_000_001))})
    assert "larger than the limit of 1 MB (the setting max_upload_bytes)" in _problem(answer, 413)
    head = b'--x\r\nContent-Disposition: form-data; name="recording"; filename="a.wav"\r\n\r\n'
    pieces = (piece for piece in [head, *[bytes(100_000)] * 20, b"\r\n--x--\r\n"])
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    assert "1 MB" in _problem(server.client.post("/api/calls", content=pieces, headers=headers), 413)
    assert _incoming(server.store) == []
    assert len(server.client.get("/api/calls").json()["calls"]) == 1


def test_an_upload_that_breaks_off_leaves_nothing(server: Server) -> None:
    """The connection ends in the middle of the file: no call, no file."""
    url = server.client.base_url
    before = server.client.get("/api/calls", params={"limit": 500}).json()
    with socket.create_connection((url.host, url.port or 0), timeout=10) as connection:
        head = "POST /api/calls HTTP/1.1\r\nHost: x\r\nContent-Length: 9000000\r\n"
        head += "Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\nContent-Disposition: form-data; "
        head += 'name="recording"; filename="a.wav"\r\n\r\n'
        connection.sendall(head.encode() + bytes(3_000_000))
        _wait(lambda: len(_incoming(server.store)) == 1)
    _wait(lambda: _incoming(server.store) == [])
    assert server.client.get("/api/calls", params={"limit": 500}).json() == before


def test_a_large_upload_is_never_whole_in_memory(server: Server, clips: list[Path]) -> None:
    """200 MB cost the server less than 40 MB at its peak."""
    server.scored(clips[0], team="Memory")  # so that the model is loaded before
    before = _peak_bytes(server)
    block = bytes(1 << 20)
    head = b'--x\r\nContent-Disposition: form-data; name="recording"; filename="a.wav"\r\n\r\n'
    pieces = (piece for piece in [head, *[block] * 200, b"\r\n--x--\r\n"])
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = server.client.post("/api/calls", content=pieces, headers=headers)
    assert answer.status_code == 202
    assert _peak_bytes(server) - before < 40_000_000
    assert server.ended(answer.json()["call_id"])["state"] == "failed"


def _peak_bytes(server: Server) -> int:
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        pytest.skip("this machine does not say how much memory a process has had")
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _wait(until: object) -> None:
    assert callable(until)
    for _ in range(100):
        if until():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come")
