"""The short form of a long trial: recordings that are none, or none any more."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.soak.damaged import damaged, fault
from benchmarks.soak.wrecks import KINDS


def test_wrecks_end_with_a_cause_and_good_recordings_after_them_are_done(tmp_path: Path) -> None:
    """Whatever they are; the server's memory stays bounded."""
    done = damaged(tmp_path, count=6, seed=2, say=lambda _: None)
    assert done.broken == ()
    assert done.figures["sent"] == 6
    assert done.figures["server_peak_mb"] != 0


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("bomb", "empty")])
def test_a_wreck_is_the_same_for_the_same_seed_alone(kind: str) -> None:
    """So that what was found can be made again."""
    make = KINDS[kind]
    assert make(random.Random(1)) == make(random.Random(1)) != make(random.Random(2))


@pytest.mark.parametrize(
    ("error", "wrong"),
    [
        (None, "no cause"),
        ("something went wrong that should not (KeyError); the server's log has the cause", "not for people"),
        ("its worker was lost (SIGSEGV) while transcribing it; it can be tried again", "took its worker"),
        ("/srv/qa.duckdb.files/ab/ab12: holds no sound", "where the server keeps it"),
    ],
)
def test_a_cause_that_is_not_for_people_is_seen(error: str | None, wrong: str) -> None:
    """Or one that names where the server keeps the recording."""
    assert wrong in str(fault(error))
    assert fault("a.wav: holds no sound; the header is there but nothing after it") is None
