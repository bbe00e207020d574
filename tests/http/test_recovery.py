"""What the machine lacks for a while: the state says so, nothing fails for it, and all goes on by itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.serving import NO_CACHES, launch, without_room
from qa import Store
from tests.waiting import until
from transcription import models

if TYPE_CHECKING:
    from tests.http.conftest import Server, Start


def paused(server: Server) -> str:
    """Why no recording is scored now; nothing where they are."""
    return str(server.client.get("/api/jobs").json()["paused"] or "")


def ready(server: Server) -> tuple[int, str]:
    answer: Any = server.client.get("/readyz")
    return answer.status_code, answer.json().get("detail", "")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model's folder of one's own; its files are links."""
    folder = tmp_path / "model"
    folder.mkdir()
    for file in models.locate("tiny.en").dir.iterdir():
        (folder / file.name).symlink_to(file)
    return folder


def test_a_model_that_is_gone_or_damaged_keeps_jobs_waiting(
    start: Start, clips: list[Path], tmp_path: Path, model: Path
) -> None:
    """No job fails for it, nor is a try counted; those that wait are scored once it is back as it was."""
    server = start(tmp_path / "qa.duckdb", QA_MODEL=str(model))
    away = model.rename(tmp_path / "away")
    call_ids = [server.upload(clip).json()["call_id"] for clip in clips[:2]]
    until(lambda: "is not a folder" in paused(server))
    assert ready(server) == (503, f"no recording is scored now: {paused(server)}")
    assert "qa_queue_paused 1.0" in server.client.get("/metrics").text

    weights = away / "model.bin"
    damaged = bytearray(weights.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    weights.unlink()
    weights.write_bytes(damaged)
    away.rename(model)
    until(lambda: "has changed" in paused(server))
    assert [job["state"] for job in server.client.get("/api/jobs").json()["jobs"]] == ["queued", "queued"]

    (model / "model.bin").unlink()
    (model / "model.bin").symlink_to(models.locate("tiny.en").dir / "model.bin")
    assert [server.ended(call_id)["state"] for call_id in call_ids] == ["done", "done"]
    assert [job["attempts"] for job in server.client.get("/api/jobs").json()["jobs"]] == [1, 1]
    assert (paused(server), ready(server)) == ("", (200, ""))


def test_a_full_disk_loses_nothing_that_was_acknowledged(start: Start, clips: list[Path], tmp_path: Path) -> None:
    """Nothing more is taken, what was taken can be read and waits, and all of it is scored when there is room."""
    path = tmp_path / "qa.duckdb"
    server = start(path, **NO_CACHES)
    call_ids = [server.upload(clip, team="North").json()["call_id"] for clip in clips[:2]]
    with without_room(above_bytes=100_000, process_id=server.process.pid):
        refused = server.upload(clips[3], team="North")
        assert (refused.status_code, refused.headers["Retry-After"]) == (507, "60")
        assert "the disk is full" in refused.json()["detail"]
        corrected = server.client.patch(f"/api/calls/{call_ids[0]}", json={"agent": "Ada"})
        assert (corrected.status_code, corrected.headers["Content-Type"]) == (507, "application/problem+json")
        until(lambda: "there is no room" in paused(server))
        assert ready(server)[0] == 503
        assert {call["call_id"] for call in server.client.get("/api/calls").json()["calls"]} == set(call_ids)
    assert list((tmp_path / "qa.duckdb.files" / "incoming").iterdir()) == []
    assert [server.ended(call_id)["state"] for call_id in call_ids] == ["done", "done"]
    assert server.corrected(call_ids[0], agent="Ada")["agent"] == "Ada"
    assert server.upload(clips[3], team="North").status_code == 202
    assert ready(server)[0] == 200
    assert server.stop() == 0
    with Store.open(path, read_only=True) as store:
        counts = store.sql("SELECT count(*), count(DISTINCT call_id), max(attempts) FROM jobs").rows
    assert counts == ((3, 3, 1),)


def test_a_store_that_somebody_has_open_is_waited_for(tmp_path: Path) -> None:
    """The server says who it is, and starts when they let go."""
    path, log = tmp_path / "qa.duckdb", tmp_path / "log"
    with Store.open(path):
        process = launch(path, log=log)
        until(lambda: "Waiting up to 30 s for it" in log.read_text())
        assert f"is held by another process (pid {os.getpid()}, " in log.read_text()
    assert process.stdout is not None
    assert " at http://127.0.0.1:" in process.stdout.readline()
    process.terminate()
    assert process.wait(30) == 0
    process.stdout.close()
