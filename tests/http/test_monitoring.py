"""Is it alive, can it do its work, and how is it doing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from qa import Store

if TYPE_CHECKING:
    from tests.http.conftest import Server, Start


def test_alive_and_ready(server: Server) -> None:
    """Both without a key."""
    assert server.client.get("/healthz").text == "alive\n"
    ready = server.client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"ready": True})


def test_not_ready_says_why(start: Start, tmp_path: Path) -> None:
    """Alive all the same; neither asks for a key where there is one."""
    with Store.open(tmp_path / "qa.duckdb") as store:
        store.create_key(name="any", roles=["read"])
    server = start(tmp_path / "qa.duckdb", QA_MIN_FREE_BYTES=str(10**18))
    assert server.client.get("/healthz").status_code == 200
    ready = server.client.get("/readyz")
    assert ready.status_code == 503
    assert "free on the store's disk (the setting min_free_bytes)" in ready.json()["detail"]


def test_metrics_tell_what_was_done(start: Start, clips: list[Path], tmp_path: Path) -> None:
    """One recording of five seconds scored, one that is none failed."""
    server = start(tmp_path / "qa.duckdb")
    letter = tmp_path / "letter.wav"
    letter.write_text("Dear Sir")
    assert [server.scored(path)["state"] for path in (clips[0], letter)] == ["done", "failed"]
    answer = server.client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = dict(re.findall(r"^(qa_[a-z_]+(?:\{[^}]*\})?) ([\d.e+-]+)$", answer.text, re.MULTILINE))
    assert (found['qa_jobs{state="done"}'], found['qa_jobs{state="failed"}']) == ("1.0", "1.0")
    assert (found["qa_failures_total"], float(found["qa_audio_seconds_total"])) == ("1.0", 5.0)
    assert float(found["qa_real_time_factor"]) > 0
    assert float(found["qa_queue_oldest_seconds"]) == 0
    assert float(found["qa_disk_free_bytes"]) > 0
