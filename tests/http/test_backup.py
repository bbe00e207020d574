"""Backups: of a store at rest and of one that is served; put back, all that they promise is there."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import qa.demo
from qa import Store

if TYPE_CHECKING:
    from tests.http.conftest import Server, Start

TEXTS = sorted(qa.demo.FOLDER.glob("conversations/*.json"))
AUDIT = "SELECT action, call_id FROM audit WHERE action != 'back up' ORDER BY done_at, action"


def _text(server: Server, number: int, key: str, **said: str) -> str:
    """A conversation sent as text, which is scored at once; gives its call's id."""
    with TEXTS[number].open("rb") as file:
        answer = server.client.post(
            "/api/transcripts",
            files={"transcript": (TEXTS[number].name, file)},
            data={"team": "North", **said},
            headers={"Authorization": f"Bearer {key}"},
        )
    assert answer.status_code in (200, 201), answer.text
    return str(answer.json()["call_id"])


def _told(server: Server, key: str, *calls: str) -> dict[str, Any]:
    """All that a server says of these calls."""
    asked = {"Authorization": f"Bearer {key}"}
    return {
        f"{call}{part}": server.client.get(f"/api/calls/{call}{part}", headers=asked).json()
        for call in calls
        for part in ("", "/transcript", "/scorecard", "/erasure")
    }


def _admin(path: Path) -> str:
    with Store.open(path) as store:
        return store.create_key(name="admin", roles=["administer"])[1]


def _move(store: Path, into: Path) -> Path:
    """A cold copy: store, log if there is one, and files."""
    into.mkdir()
    for name in (store.name, f"{store.name}.wal"):
        if store.with_name(name).exists():
            shutil.copy(store.with_name(name), into / name)
    shutil.copytree(store.with_name(f"{store.name}.files"), into / f"{store.name}.files")
    return into / store.name


def test_a_cold_copy_serves_all_that_was_there(start: Start, clips: list[Path], tmp_path: Path) -> None:
    """Of a server that was killed, with its log: calls, scorecards, recordings, keys, outcomes, erasures and audit."""
    path = tmp_path / "qa.duckdb"
    key = _admin(path)
    with start(path) as server:
        asked = {"Authorization": f"Bearer {key}"}
        server.client.headers.update(asked)
        call = server.upload(clips[0], team="North", contact_id="1").json()["call_id"]  # it is not waited for
        text, gone = _text(server, 0, key, contact_id="2"), _text(server, 1, key)
        server.client.patch(f"/api/calls/{text}", json={"agent": "Bo"}).raise_for_status()
        server.client.delete(f"/api/calls/{gone}").raise_for_status()
        revoked = server.client.post("/api/keys", json={"name": "old", "roles": ["read"]}).json()
        server.client.delete(f"/api/keys/{revoked['key']['key_id']}").raise_for_status()
        before = _told(server, key, text, gone)
        recording = server.client.get(f"/api/calls/{call}/recording").content
        keys = server.client.get("/api/keys").json()
        server.stop(9)
    with start(_move(path, tmp_path / "copy")) as copy:
        copy.client.headers.update(asked)
        after = _told(copy, key, text, gone)
        for each in (before, after):
            each[f"{gone}/erasure"].pop("done_at", None)  # which the copy's own server may have come to
        assert after == before
        assert copy.client.get(f"/api/calls/{call}/recording").content == recording == clips[0].read_bytes()
        assert copy.client.get("/api/keys").json() == keys
        asks = copy.client.get("/api/calls", headers={"Authorization": f"Bearer {revoked['text']}"})
        assert asks.status_code == 401
        copy.stop()
    with Store.open(tmp_path / "copy" / "qa.duckdb", read_only=True) as store:
        actions = [action for action, _ in store.sql(AUDIT).rows]
    assert {"create key", "revoke key", "correct", "erase"} <= set(actions)


def test_a_backup_of_a_busy_server_is_whole(start: Start, clips: list[Path], tmp_path: Path) -> None:
    """Each of several, made while calls come and go: every recording of a call is there, and it can be served."""
    path, folder = tmp_path / "qa.duckdb", tmp_path / "backups"
    key = _admin(path)
    sent: list[str] = []
    with start(path, QA_BACKUPS=str(folder)) as server:
        server.client.headers["Authorization"] = f"Bearer {key}"

        def send() -> None:
            for number in range(8):
                sent.append(_text(server, number, key, contact_id=str(number)))
                server.upload(clips[number % 5], team=f"Team {number}").raise_for_status()
                if number % 4 == 3:
                    server.client.delete(f"/api/calls/{sent[number - 2]}").raise_for_status()

        busy = threading.Thread(target=send)
        busy.start()
        made: list[dict[str, Any]] = []
        last = False
        while not last:
            last = not busy.is_alive()
            answer = server.client.post("/api/backups")
            assert answer.status_code == 201, answer.text
            made.append(answer.json())
        busy.join()
        server.stop()
    assert len(made) >= 2
    assert [path.name for path in folder.iterdir() if path.name.endswith(".part")] == []
    for backup in made:
        store = Path(backup["path"]) / "qa.duckdb"
        assert not store.with_name("qa.duckdb.wal").exists()
        with Store.open(store) as opened:
            for call in opened.calls(limit=1000).calls:
                if call.metadata.recording and call.metadata.recording.endswith(".wav"):
                    assert opened.files.has(call.sha256)
            assert opened.key(key) is not None
    with Store.open(Path(made[-1]["path"]) / "qa.duckdb") as newest:
        left = {call.call_id for call in newest.calls(limit=1000).calls}
    assert set(sent) - left == {sent[1], sent[5]}


def test_a_backup_goes_where_the_setting_says_and_nowhere_else(start: Start, tmp_path: Path) -> None:
    """Refused without the setting, to a key that is bound to teams, and to who may not administer."""
    path = tmp_path / "qa.duckdb"
    key = _admin(path)
    with Store.open(path) as store:
        bound = store.create_key(name="North's", roles=["administer"], teams=["North"])[1]
        reads = store.create_key(name="reads", roles=["read"])[1]
    with start(path) as server:
        for text, status in ((key, 409), (bound, 403), (reads, 403), ("no key", 401)):
            answer = server.client.post("/api/backups", headers={"Authorization": f"Bearer {text}"})
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert sorted(each.name for each in tmp_path.iterdir() if "Z" in each.name) == []
