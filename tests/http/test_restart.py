"""A server that is killed, or told to stop, with calls in its queue."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from qa import Metadata, Scoring, Store
from qa.scoring import result_line

if TYPE_CHECKING:
    from tests.http.conftest import Server, Start


def _states(server: Server) -> list[str]:
    return [call["state"] for call in server.client.get("/api/calls").json()["calls"]]


def _half_way(server: Server) -> None:
    until = time.monotonic() + 120
    while _states(server).count("done") < 1:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_killed_server_loses_nothing_and_does_nothing_twice(start: Start, clips: list[Path], tmp_path: Path) -> None:
    """Killed with calls done, running and waiting, and started again: each is done once, as `qa score` would."""
    path = tmp_path / "qa.duckdb"
    server = start(path)
    clips = clips[:4]
    call_ids = [server.upload(clip, team="North").json()["call_id"] for clip in clips]
    _half_way(server)
    server.stop(signal.SIGKILL)

    server = start(path)
    left = len(clips) - _states(server).count("done")
    results = [server.ended(call_id)["result"] for call_id in call_ids]
    assert 0 < left < len(clips)
    assert server.transcriptions() == left
    assert server.stop() == 0

    with Store.open(path, read_only=True) as store:
        counts = store.sql(
            "SELECT (SELECT count(*) FROM calls), (SELECT count(*) FROM scorecards), "
            "(SELECT count(*) FROM transcripts), (SELECT count(*) FROM jobs WHERE state = 'done'), "
            "(SELECT count(*) FROM jobs)"
        )
    assert counts.rows == ((4, 4, 4, 4, 4),)
    with Store.open(tmp_path / "direct.duckdb") as store, Scoring(store) as scoring:
        direct = [result_line(scoring.score(clip, Metadata(recording=clip.name, team="North"))) for clip in clips]
    assert [_without_id(line) for line in results] == [_without_id(line) for line in direct]


def test_a_server_that_is_told_to_stop_keeps_the_queue(start: Start, clips: list[Path], tmp_path: Path) -> None:
    """It ends in order, at once, and what waited is done at the next start."""
    path = tmp_path / "qa.duckdb"
    server = start(path)
    call_ids = [server.upload(clip).json()["call_id"] for clip in clips[:3]]
    _half_way(server)
    assert server.stop() == 0
    with Store.open(path, read_only=True) as store:
        states = dict(store.sql("SELECT state, count(*) FROM jobs GROUP BY state").rows)
    assert set(states) == {"done", "queued"}
    server = start(path)
    assert [server.ended(call_id)["state"] for call_id in call_ids] == ["done"] * 3


def _without_id(line: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(line))
    return {key: value for key, value in plain.items() if key != "call_id"}
