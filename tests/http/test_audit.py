"""Who read, changed or deleted what, as the server writes it down and tells it."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from qa import Store
from qa.http import access
from tests.waiting import until

if TYPE_CHECKING:
    from tests.http.conftest import Server, Start

TURNS = b'{"turns": [{"speaker": "agent", "text": "Hello."}, {"speaker": "customer", "text": "My bill is wrong."}]}'


class Asked:
    """A server with a key for all and one bound to North, a scored call with sound, and one that came as text."""

    def __init__(self, server: Server, keys: dict[str, str], call_id: str) -> None:
        self.server, self.keys, self.call_id = server, keys, call_id

    def ask(self, method: str, path: str, key: str = "all", **more: Any) -> int:
        headers = {"Authorization": f"Bearer {self.keys[key]}"} | more.pop("headers", {})
        return self.server.client.request(method, path, headers=headers, **more).status_code

    def rows(self, key: str = "all", **by: str) -> list[tuple[str, str | None, str | None, list[str]]]:
        headers = {"Authorization": f"Bearer {self.keys[key]}"}
        entries = self.server.client.get("/api/audit", params=by | {"limit": "500"}, headers=headers).json()["entries"]
        ids = {text.split("_")[1]: name for name, text in self.keys.items()}
        return [(it["action"], ids.get(it["key_id"]), it["call_id"], it["details"]) for it in reversed(entries)]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, clips: list[Path]) -> Any:
    from tests.http.conftest import start_server

    path = tmp_path_factory.mktemp("audit") / "qa.duckdb"
    with Store.open(path) as store:
        keys = {"all": store.create_key(name="all", roles=["administer"])[1]}
        keys["north"] = store.create_key(name="north", roles=["administer"], teams=["North"])[1]
    server = start_server(path)
    with server:
        server.client.headers["Authorization"] = f"Bearer {keys['all']}"
        call_id = server.scored(clips[0], team="South", contact_id="4711")["call_id"]
        del server.client.headers["Authorization"]
        yield Asked(server, keys, call_id)


def test_each_read_is_a_row_with_who_and_which_call_and_by_what(asked: Asked) -> None:
    """A call by its own id, however it was asked for; names of filters and forms, and never a value."""
    call = "/api/calls/4711"
    reads: list[tuple[str, str, dict[str, Any], tuple[str, bool, list[str]]]] = [
        ("GET", call, {}, ("getCall", True, [])),
        ("GET", f"{call}/transcript", {"headers": {"Accept": "text/vtt"}}, ("getTranscript", True, ["text/vtt"])),
        ("GET", f"{call}/scorecard", {}, ("getScorecard", True, [])),
        ("HEAD", f"{call}/recording", {}, ("headRecording", True, ["audio/wav"])),
        ("GET", "/api/calls?team=South&agent=Ada&limit=3", {}, ("listCalls", False, ["agent", "limit", "team"])),
        ("GET", "/api/teams", {}, ("listTeams", False, [])),
        ("GET", "/api/compare?by=agent", {}, ("compare", False, ["by"])),
        ("GET", "/api/jobs?state=done", {}, ("listJobs", False, ["state"])),
        ("GET", "/api/jobs/1", {}, ("getJob", True, [])),
        ("POST", "/api/sql", {"json": {"sql": "SELECT 'Zebedee Quill'"}}, ("askSql", False, [])),
        ("GET", "/api/snapshot.duckdb", {}, ("getSnapshotDuckdb", False, ["application/vnd.duckdb"])),
    ]
    until(lambda: asked.ask("POST", "/api/sql", json={"sql": "SELECT 1"}) == 200)
    before = len(asked.rows())
    for method, path, more, _ in reads:
        assert asked.ask(method, path, **more) == 200, path
    found = asked.rows()[before + 1 :]  # without the reading of the audit itself
    assert found == [
        (action, "all", asked.call_id if of else None, details) for _, _, _, (action, of, details) in reads
    ]
    assert "Zebedee" not in str(asked.rows())


def test_what_is_not_answered_is_not_read(asked: Asked) -> None:
    """No row for what is refused, not there or not understood; none for what tells of no call."""
    before = len(asked.rows())
    text = {"transcript": ("a.json", TURNS)}
    for method, path, more in (
        ("GET", "/api/calls/nobody", {}),
        ("GET", "/api/calls?teem=South", {}),
        ("POST", "/api/sql", {"json": {"sql": "DELETE FROM calls"}}),
        ("GET", "/api/calls/4711", {"headers": {"Authorization": "Bearer qa_0_0"}}),
        ("GET", "/api/health", {}),
        ("GET", "/api/keys", {}),
        ("GET", "/metrics", {}),
        ("POST", "/api/transcripts", {"files": text}),
    ):
        asked.ask(method, path, **more)
    assert [row[0] for row in asked.rows()[before:]] == ["listAudit"]


def test_a_recording_that_is_heard_in_pieces_is_one_row(asked: Asked) -> None:
    """An hour of one key and call; another key's is its own."""
    before = len(asked.rows())
    path = f"/api/calls/{asked.call_id}/recording"
    for start in (0, 1000, 2000):
        assert asked.ask("GET", path, headers={"Range": f"bytes={start}-{start + 999}"}) == 206
    assert [row[0] for row in asked.rows()[before + 1 :]] == ["getRecording"]


def test_a_key_bound_to_teams_sees_what_is_about_their_calls(asked: Asked) -> None:
    """Rows about other teams' calls, or about none, are not there for it."""
    asked.ask("GET", f"/api/calls/{asked.call_id}")
    given = asked.server.client.post(
        "/api/transcripts",
        files={"transcript": ("a.json", TURNS)},
        data={"team": "North"},
        headers={"X-API-Key": asked.keys["all"]},
    ).json()["call_id"]
    assert asked.ask("GET", f"/api/calls/{given}", "north") == 200
    assert asked.rows("north") == [("getCall", "north", given, [])]
    assert asked.rows(action="getCall", call=given) == [("getCall", "north", given, [])]


def test_every_read_of_the_interface_is_recorded_or_known_not_to_be(asked: Asked) -> None:
    """What reads by POST is named; what is not recorded is an operation that there is."""
    schema = asked.server.client.get("/schema/openapi.json").json()["paths"]
    by_post = {operations["post"]["operationId"] for operations in schema.values() if "post" in operations}
    assert by_post >= access.READ_BY_POST
    assert set(access.ROLES) >= access.UNRECORDED
    writes = {
        "addCall", "addOutcomes", "addTranscript", "cancelJob", "createKey", "makeBackup", "retryJob", "retryWebhook",
    }  # fmt: skip
    assert by_post - access.READ_BY_POST == writes


def test_a_killed_server_has_every_row_of_what_it_answered(start: Start, tmp_path: Path) -> None:
    """Also those that stood in the side log alone; an orderly stop leaves none there."""
    path = tmp_path / "qa.duckdb"
    server = start(path)
    for _ in range(5):
        assert server.client.get("/api/teams").status_code == 200
    assert list(tmp_path.glob("qa.duckdb.files/audit/*"))
    server.stop(signal.SIGKILL)
    server = start(path)
    assert server.client.get("/api/calls").status_code == 200
    assert server.stop() == 0
    assert list(tmp_path.glob("qa.duckdb.files/audit/*")) == []
    with Store.open(path, read_only=True) as store:
        found = store.sql("SELECT action, count(*) FROM audit GROUP BY action ORDER BY action").rows
    assert found == (("listCalls", 1), ("listTeams", 5))


def test_a_read_that_cannot_be_written_down_is_not_answered(start: Start, clips: list[Path], tmp_path: Path) -> None:
    """503, and nothing of the call; it is answered again once it can."""
    server = start(tmp_path / "qa.duckdb")
    given = server.client.post("/api/transcripts", files={"transcript": ("a.json", TURNS)}, data={"agent": "Zebedee"})
    folder = tmp_path / "qa.duckdb.files" / "audit"
    folder.write_text("in the way")
    answer = server.client.get(given.headers["Location"])
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert "cannot write the audit" in answer.json()["detail"]
    assert "Zebedee" not in answer.text
    folder.unlink()
    assert server.client.get(given.headers["Location"]).status_code == 200
