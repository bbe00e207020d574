"""The short form of a long trial."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.soak.lacks import lacks


@pytest.mark.soak
def test_nothing_that_was_acknowledged_is_lost_for_want_of_room_or_of_the_model(tmp_path: Path) -> None:
    """A disk that fills up amid traffic, a model that goes and one that is damaged; all is scored in the end."""
    done = lacks(tmp_path, count=3, seed=1, say=lambda _: None)
    assert done.broken == ()
    assert done.figures["rounds"] == 3
