"""The short form of a long trial: clients at once, a queue, and reads beside."""

from __future__ import annotations

from pathlib import Path

from benchmarks.soak.clients import clients


def test_all_that_is_sent_at_once_arrives(tmp_path: Path) -> None:
    """Large recordings and small ones, byte for byte; every read is answered while the queue is worked on."""
    done = clients(
        tmp_path, count=20, seed=1, say=lambda _: None, at_once=8, large_bytes=1_000_000, hold_s=10.0, reads=5
    )
    assert done.broken == ()
    assert (done.figures["large"], done.figures["small"]) == (8, 20)
