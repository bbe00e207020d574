"""The short form of a long trial: the interface answers as it is described."""

from __future__ import annotations

from pathlib import Path

from benchmarks.soak.contract import contract


def test_no_answer_is_a_5xx_or_undocumented(tmp_path: Path) -> None:
    """A few requests to each operation that fit its description, and a few that do not."""
    done = contract(tmp_path, count=2, seed=1, say=lambda _: None)
    assert done.broken == ()
    assert int(done.figures["asked"]) > int(done.figures["operations"])
