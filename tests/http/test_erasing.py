"""A call taken out of everything over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from qa import Metadata, Store
from tests.waiting import until

if TYPE_CHECKING:
    from tests.http.conftest import Start


def test_an_erased_call_is_out_of_every_answer_at_once_and_of_every_file_soon(
    start: Start, clips: list[Path], tmp_path: Path
) -> None:
    """By every route, SQL among them; the receipt says when it is out of the files, and the others stay."""
    server = start(tmp_path / "qa.duckdb")
    gone = server.scored(clips[0], team="North", agent="Zebedee Quill")["call_id"]
    kept = server.scored(clips[1], team="North", agent="Ana")["call_id"]
    count = {"sql": "SELECT count(*) FROM calls WHERE call_id = ?", "params": [gone]}
    until(lambda: server.client.post("/api/sql", json=count).json()["rows"] == [[1]])
    answer = server.client.delete(f"/api/calls/{gone}")
    assert (answer.status_code, answer.json()["call_id"]) == (202, gone)
    assert "backups" in answer.json()["beyond_reach"][0]
    for path in ("", "/transcript", "/scorecard", "/recording"):
        assert server.client.get(f"/api/calls/{gone}{path}").status_code == 404
    assert gone not in server.client.get("/api/calls").text + server.client.get("/api/jobs").text
    assert server.client.post("/api/sql", json=count).json()["rows"] == [[0]]
    until(lambda: server.client.get(f"/api/calls/{gone}/erasure").json()["done_at"] is not None)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"Zebedee Quill" not in file.read_bytes(), file
    assert server.ended(kept)["state"] == "done"
    assert server.client.delete(f"/api/calls/{gone}").status_code == 404
    assert server.client.get(f"/api/calls/{kept}/erasure").status_code == 404


def test_a_call_that_waits_or_runs_can_be_erased(start: Start, clips: list[Path], tmp_path: Path) -> None:
    """Nothing of it comes back when its worker is done, nor when the server starts again."""
    server = start(tmp_path / "qa.duckdb")
    ids = [server.upload(clip, team="North").json()["call_id"] for clip in clips[:3]]
    for call_id in ids[:2]:
        assert server.client.delete(f"/api/calls/{call_id}").status_code == 202
    assert server.ended(ids[2])["state"] == "done"
    assert [call["call_id"] for call in server.client.get("/api/calls").json()["calls"]] == [ids[2]]
    assert server.stop() == 0
    server = start(tmp_path / "qa.duckdb")
    assert [call["call_id"] for call in server.client.get("/api/calls").json()["calls"]] == [ids[2]]


def test_a_server_erases_by_itself_what_is_kept_no_longer(start: Start, clips: list[Path], tmp_path: Path) -> None:
    """The old call, waiting or running, with its recording and a receipt; the young one is scored."""
    ids = []
    with Store.open(tmp_path / "qa.duckdb") as store:
        for clip, days in zip(clips, (91, 89), strict=False):
            started_at = datetime.now(UTC) - timedelta(days=days)
            said = Metadata(team="North", agent=f"Zebedee {days}", started_at=started_at)
            ids.append(store.accept(sha256=store.files.keep(clip), metadata=said).call_id)
    server = start(tmp_path / "qa.duckdb", QA_RETENTION_DAYS_BY_TEAM='{"North": 90}')
    until(lambda: server.client.get(f"/api/calls/{ids[0]}/erasure").json().get("done_at") is not None)
    assert server.ended(ids[1])["state"] == "done"
    assert [call["call_id"] for call in server.client.get("/api/calls").json()["calls"]] == [ids[1]]
    assert [file for file in tmp_path.rglob("*") if file.is_file() and b"Zebedee 91" in file.read_bytes()] == []
    rows = server.client.get("/api/audit", params={"call": ids[0], "action": "retention"}).json()["entries"]
    assert [row["call_id"] for row in rows] == [ids[0]]
