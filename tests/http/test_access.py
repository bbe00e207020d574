"""Keys: who may do what, and that a key bound to a team learns of no other, by whatever route."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from qa import Store
from qa.access import ROLES as ALL_ROLES
from qa.access import Role
from qa.http import access
from qa.store.files import sha256_of
from tests.waiting import until

if TYPE_CHECKING:
    from tests.http.conftest import Server, Start


class Served:
    """A server whose store has a key for each role, one of them bound to North, and a call of each team."""

    def __init__(self, server: Server, keys: dict[str, str], calls: dict[str, str]) -> None:
        self.server, self.keys, self.calls = server, keys, calls

    def ask(self, key: str, method: str, path: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.keys[key]}"} | more.pop("headers", {})
        return self.server.client.request(method, path, headers=headers, **more)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, clips: list[Path]) -> Any:
    from tests.http.conftest import start_server

    path = tmp_path_factory.mktemp("keys") / "qa.duckdb"
    with Store.open(path) as store:
        keys: dict[str, str] = {role: store.create_key(name=role, roles=[role])[1] for role in ALL_ROLES}
        keys["north"] = store.create_key(name="north", roles=["upload", "read", "analyse"], teams=["North"])[1]
        keys["head of north"] = store.create_key(name="head", roles=["administer"], teams=["North"])[1]
        gone, keys["revoked"] = store.create_key(name="revoked", roles=["administer"])
        store.revoke_key(gone.key_id)
    server = start_server(path)
    server.client.headers["Authorization"] = f"Bearer {keys['administer']}"
    calls = {
        team: server.scored(clip, team=team, agent=f"agent of {team}", contact_id="4711")["call_id"]
        for team, clip in zip(("North", "South"), clips, strict=False)
    }
    del server.client.headers["Authorization"]
    yield Served(server, keys, calls)
    assert server.stop() == 0


ROUTES = [
    ("GET", "/api/calls", "read"),
    ("GET", "/api/calls/{South}", "read"),
    ("GET", "/api/calls/{South}/transcript", "read"),
    ("GET", "/api/calls/{South}/scorecard", "read"),
    ("GET", "/api/calls/{South}/recording", "read"),
    ("HEAD", "/api/calls/{South}/recording", "read"),
    ("GET", "/api/call?key={South}", "read"),
    ("GET", "/api/worst", "read"),
    ("GET", "/api/agents", "read"),
    ("GET", "/api/teams", "read"),
    ("GET", "/api/compare", "read"),
    ("GET", "/api/jobs", "read"),
    ("GET", "/api/jobs/2", "read"),
    ("GET", "/api/health", "read"),
    ("PATCH", "/api/calls/{South}", "upload"),
    ("POST", "/api/calls", "upload"),
    ("POST", "/api/transcripts", "upload"),
    ("POST", "/api/outcomes", "upload"),
    ("DELETE", "/api/calls/none", "administer"),
    ("GET", "/api/calls/none/erasure", "administer"),
    ("POST", "/api/jobs/2/cancel", "administer"),
    ("POST", "/api/jobs/2/retry", "administer"),
    ("POST", "/api/sql", "analyse"),
    ("GET", "/api/snapshot.duckdb", "analyse"),
    ("GET", "/api/snapshot.parquet.zip", "analyse"),
    ("GET", "/api/audit", "administer"),
    ("GET", "/metrics", "administer"),
    ("POST", "/api/backups", "administer"),
    ("GET", "/api/webhooks", "administer"),
    ("POST", "/api/webhooks/1/retry", "administer"),
    ("GET", "/api/keys", "administer"),
    ("POST", "/api/keys", "administer"),
    ("DELETE", "/api/keys/none", "administer"),
]


@pytest.mark.parametrize(("method", "path", "role"), ROUTES)
def test_each_route_asks_for_a_key_with_its_role(served: Served, method: str, path: str, role: Role) -> None:
    """Without a key, with one that is wrong or revoked: 401. With all roles but its own: 403. With its own: neither."""
    path = path.format(**served.calls)
    body: dict[str, Any] = {"json": {}} if method in ("PATCH", "POST") else {}
    assert served.server.client.request(method, path, **body).status_code == 401
    for wrong in ("Bearer qa_00000000_x", "Bearer rubbish", "Basic cWE6cWE="):
        answer = served.server.client.request(method, path, headers={"Authorization": wrong}, **body)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="empathy-qa"')
    assert served.ask("revoked", method, path, **body).status_code == 401
    for other in ALL_ROLES:
        if other not in (role, "administer"):
            assert served.ask(other, method, path, **body).status_code == 403
    assert served.ask(role, method, path, **body).status_code not in (401, 403)


def test_every_operation_has_a_role(served: Served) -> None:
    """No route is served that nobody thought of."""
    schema = served.server.client.get("/schema/openapi.json").json()
    described = {operation["operationId"] for methods in schema["paths"].values() for operation in methods.values()}
    assert described - {"isAlive", "isReady"} == set(access.ROLES) - {"headRecording"}


@pytest.mark.parametrize(("method", "path", "role"), ROUTES)
def test_a_key_bound_to_a_team_learns_of_no_other(served: Served, method: str, path: str, role: Role) -> None:
    """Another team's call is answered as one that is not there, and in no list is a row of it."""
    body = {"json": {"agent": "x"}} if method in ("PATCH", "POST") else {}
    key = "head of north" if role == "administer" else "north"
    answer = served.ask(key, method, path.format(**served.calls), **body)
    assert "South" not in answer.text
    assert "{South}" in path or served.calls["South"] not in answer.text
    if any(part in path for part in ("{South}", "/none/", "/calls/none", "/jobs/2", "/webhooks/1")):
        assert answer.status_code == 404
    elif any(part in path for part in ("snapshot", "backups", "metrics", "keys")):
        assert answer.status_code == 403
    elif path not in ("/api/health", "/api/webhooks") and method == "GET":
        assert "North" in answer.text or served.calls["North"] in answer.text
    for query in ("?team=South",):
        if path in ("/api/calls", "/api/compare", "/api/jobs", "/api/worst", "/api/agents") and method == "GET":
            found = served.ask("north", method, path + query).json()
            assert next(found[name] for name in ("calls", "rows", "jobs", "agents") if name in found) == []
            assert not found.get("total")


def test_a_contact_id_that_two_teams_have_is_found_within_the_teams_of_the_key(served: Served) -> None:
    """A key bound to North gets North's call, and corrects it; one that sees both teams is asked which is meant."""
    found = served.ask("north", "GET", "/api/calls/4711")
    assert (found.status_code, found.json()["call_id"]) == (200, served.calls["North"])
    corrected = served.ask("north", "PATCH", "/api/calls/4711", json={"agent": "agent of North"})
    assert (corrected.status_code, corrected.json()["call_id"]) == (200, served.calls["North"])
    both = served.ask("read", "GET", "/api/calls/4711")
    assert both.status_code == 404
    assert {each in both.text for each in ("several teams", *served.calls.values())} == {True}


def test_a_contact_id_that_another_team_has_is_answered_as_one_that_nobody_has(served: Served) -> None:
    """Word for word, but for the id that was asked for."""
    turns = {"transcript": ("a.json", b'{"turns": [{"speaker": "agent", "text": "Hello."}]}')}
    given = served.ask("upload", "POST", "/api/transcripts", files=turns, data={"team": "South", "contact_id": "4712"})
    assert given.status_code == 201
    theirs, nobodys = (served.ask("north", "GET", f"/api/calls/{each}") for each in ("4712", "4713"))
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.text.replace("4712", "4713") == nobodys.text


def test_outcomes_of_another_team_are_answered_as_of_calls_that_are_not_there(served: Served) -> None:
    """By call id, by contact id, with its team and without; of two with one contact id its own is meant."""
    south, north = served.calls["South"], served.calls["North"]
    named = [{"call_id": south}, {"contact_id": "4711", "team": "South"}, {"call_id": "nobody"}, {"contact_id": "4711"}]
    told = {"outcomes": [{**each, "csat": 1} for each in named]}
    done = served.ask("north", "POST", "/api/outcomes", json=told).json()
    assert done["problems"] == [
        f"outcome 1: no call has the call_id {south}; correct it, or score the call first",
        "outcome 2: the call with contact_id 4711 has another team (team North); correct it",
        "outcome 3: no call has the call_id nobody; correct it, or score the call first",
    ]
    assert (done["new"], done["replaced"], done["unchanged"]) == (1, 0, 0)
    again = served.ask("upload", "POST", "/api/outcomes", json={"outcomes": [{"call_id": north, "csat": 1}]}).json()
    assert again == {"new": 0, "replaced": 0, "unchanged": 1, "problems": []}


def test_a_recording_is_found_by_its_hash_among_the_teams_of_the_key(served: Served, clips: list[Path]) -> None:
    """Nobody learns that another team has sent the same."""
    for clip, team in zip(clips, ("North", "South"), strict=False):
        asked = {"sha256": sha256_of(clip)}
        mine = [call["team"] for call in served.ask("north", "GET", "/api/calls", params=asked).json()["calls"]]
        all_ = [call["team"] for call in served.ask("read", "GET", "/api/calls", params=asked).json()["calls"]]
        assert (mine, all_) == (["North"] if team == "North" else [], [team])


def test_a_key_bound_to_a_team_uploads_for_it_alone(served: Served, clips: list[Path]) -> None:
    """Its team where none is said; 403 for another, also by correcting one's own call."""
    files = {"recording": ("a.wav", clips[2].read_bytes())}
    answer = served.ask("north", "POST", "/api/calls", files=files)
    assert answer.status_code == 202, answer.text
    call_id = answer.json()["call_id"]
    assert served.ask("north", "GET", f"/api/calls/{call_id}").json()["team"] == "North"
    assert served.ask("north", "POST", "/api/calls", files=files, data={"team": "South"}).status_code == 403
    assert served.ask("north", "PATCH", f"/api/calls/{call_id}", json={"team": "South"}).status_code == 403
    assert served.ask("north", "PATCH", f"/api/calls/{call_id}", json={"agent": "Ana"}).status_code == 200


def test_events_of_other_teams_are_not_told(served: Served, clips: list[Path]) -> None:
    """A key bound to North hears of North alone."""
    heard: list[str] = []
    listening = threading.Event()

    def listen() -> None:
        headers = {"Authorization": f"Bearer {served.keys['north']}"}
        with served.server.client.stream("GET", "/api/events", headers=headers, timeout=None) as answer:
            listening.set()
            for line in answer.iter_lines():
                if line.startswith("data: {"):
                    heard.append(line)
                    if '"call_id":"' + mine[0] in line and len(mine) and '"kind":"done"' in line:
                        return

    mine = ["none yet"]
    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    assert listening.wait(10)
    other = served.ask(
        "upload", "POST", "/api/calls", files={"recording": ("a.wav", clips[3].read_bytes())}, data={"team": "South"}
    ).json()["call_id"]
    mine[0] = served.ask(
        "upload", "POST", "/api/calls", files={"recording": ("a.wav", clips[4].read_bytes())}, data={"team": "North"}
    ).json()["call_id"]
    until(lambda: not thread.is_alive())
    assert [line for line in heard if other in line] == []


def test_keys_are_made_and_revoked_over_http(served: Served) -> None:
    """Shown once, listed without their secret, good for nothing once revoked; all of it stands in the audit."""
    made = served.ask("administer", "POST", "/api/keys", json={"name": "phones", "roles": ["read"], "teams": ["North"]})
    assert made.status_code == 201, made.text
    text, key = made.json()["text"], made.json()["key"]
    headers = {"X-API-Key": text}
    assert served.server.client.get("/api/teams", headers=headers).status_code == 200
    listed = served.ask("administer", "GET", "/api/keys").text
    assert key["key_id"] in listed
    assert text.split("_", 2)[2] not in listed
    assert served.ask("administer", "DELETE", f"/api/keys/{key['key_id']}").status_code == 200
    assert served.server.client.get("/api/teams", headers=headers).status_code == 401
    assert served.ask("administer", "DELETE", "/api/keys/none").status_code == 404


def test_too_many_requests_with_one_key_are_refused(start: Start, tmp_path: Path) -> None:
    """429; another key goes on."""
    with Store.open(tmp_path / "qa.duckdb") as store:
        keys = [store.create_key(name=name, roles=["read"])[1] for name in ("busy", "calm")]
    server = start(tmp_path / "qa.duckdb", QA_MAX_REQUESTS_PER_MINUTE="5")

    def ask(key: str) -> int:
        return server.client.get("/api/teams", headers={"Authorization": f"Bearer {key}"}).status_code

    assert [ask(keys[0]) for _ in range(7)] == [200] * 5 + [429] * 2
    assert ask(keys[1]) == 200


def test_without_keys_nobody_elsewhere_is_served(tmp_path: Path) -> None:
    """A server that can be reached from elsewhere does not start before there is a key."""
    serve = "from qa import http, settings; http.serve(settings=settings.load(), host='0.0.0.0', port=0)"
    command, environment = [sys.executable, "-c", serve], {"QA_STORE": str(tmp_path / "qa.duckdb")}
    import os

    refused = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "has no API keys: make one first (qa keys create), or listen on 127.0.0.1" in refused.stderr
    with Store.open(tmp_path / "qa.duckdb") as store:
        store.create_key(name="any", roles=["read"])
    process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert " at http://0.0.0.0:" in process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    process.stdout.close()


def test_headers_say_that_nothing_is_to_be_run_framed_or_kept(server: Server) -> None:
    """On every answer."""
    for path in ("/api/teams", "/schema", "/api/nothing"):
        headers = server.client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT team FROM calls",
        "SELECT DISTINCT team FROM team_comparison",
        "SELECT text FROM conversation",
        "SELECT * FROM (FROM calls SELECT team)",
        "SELECT count(*) AS n FROM calls WHERE team = 'South'",
    ],
)
def test_sql_of_a_key_bound_to_a_team_sees_no_other(served: Served, sql: str) -> None:
    """Neither by a view nor by a table; who may see all sees both."""
    mine = served.ask("north", "POST", "/api/sql", json={"sql": sql})
    assert mine.status_code == 200, mine.text
    assert "South" not in mine.text
    if "South" in sql:
        assert mine.json()["rows"] == [[0]]
    elif "text" not in sql:
        assert {row[0] for row in mine.json()["rows"]} == {"North"}
        assert "South" in served.ask("analyse", "POST", "/api/sql", json={"sql": sql}).text


def test_the_receipt_of_an_erasure_is_for_who_could_see_the_call(served: Served, clips: list[Path]) -> None:
    """Of another team's call it is answered as if nothing had been erased."""
    for team, status in (("North", 200), ("South", 404)):
        upload = {"files": {"recording": clips[2].read_bytes()}, "data": {"team": team}}
        call_id = served.ask("upload", "POST", "/api/calls", **upload).json()["call_id"]
        assert served.ask("administer", "DELETE", f"/api/calls/{call_id}").status_code == 202
        assert served.ask("head of north", "GET", f"/api/calls/{call_id}/erasure").status_code == status


def test_a_page_does_not_begin_after_a_call_of_another_team(served: Served) -> None:
    """Or who guesses an id would learn whether there is such a call."""
    answers = [
        served.ask("north", "GET", "/api/calls", params={"after": after}) for after in (served.calls["South"], "nobody")
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert served.ask("read", "GET", "/api/calls", params={"after": served.calls["South"]}).status_code == 200
