"""The short form of a long trial, and that the ledger sees what was broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks.soak.kills import kills
from benchmarks.soak.ledger import Call, Ledger

SAID = {"recording": "a.wav", "team": "North", "agent": "Ana", "contact_id": "1", "queue": None, "extra": None}
LISTED = SAID | {"state": "done", "error": None, "scored_at": "2026-03-01T10:00:00Z"}


def test_nothing_that_was_acknowledged_is_lost_by_a_kill(tmp_path: Path) -> None:
    """A kill and a restart amid uploads, corrections, cancels and keys; all is compared, and scored in the end."""
    done = kills(tmp_path, count=1, seed=3, say=lambda _: None)
    assert done.broken == ()
    assert done.figures["server_kills"] == 1
    assert int(done.figures["asked"]) > 0
    assert int(done.figures["calls"]) > 0


def taken() -> Call:
    return Call(allowed=[dict(SAID)], data=b"", is_recording=True)


@pytest.mark.parametrize(
    ("found", "log_whole", "broken"),
    [
        ({"c1": LISTED}, True, ""),
        ({}, False, "call c1 is gone"),
        ({"c1": LISTED, "c2": LISTED | {"recording": "b.wav"}}, True, "call c2 is there, and nobody sent it"),
        ({"c1": LISTED | {"agent": "Ben"}}, True, "is said of it, and not"),
        ({"c1": LISTED | {"state": "cancelled"}}, True, "it is cancelled, and cancelled was False"),
        ({"c1": LISTED | {"scored_at": "2026-03-01T11:00:00Z"}}, True, "and again at 2026-03-01T11:00:00Z"),
        ({"c1": LISTED | {"scored_at": "2026-03-01T11:00:00Z"}}, False, ""),
        ({"c1": LISTED | {"state": "failed", "error": "odd"}}, True, "no kill explains it: odd"),
        ({"c1": LISTED | {"state": "failed", "error": "its worker was lost (SIGKILL)"}}, True, ""),
    ],
)
def test_a_ledger_says_what_a_restart_has_changed(found: dict[str, Any], log_whole: bool, broken: str) -> None:
    """A call that is gone, or strange, or otherwise; scored twice only where the log was left alone."""
    ledger = Ledger()
    ledger.calls["c1"] = taken()
    ledger.compare({"c1": LISTED}, log_whole=True)
    ledger.compare(found, log_whole=log_whole)
    assert [broken in sentence for sentence in ledger.broken] == ([True] if broken else [])


def test_what_was_asked_and_not_answered_may_be_either(tmp_path: Path) -> None:
    """An upload, a correction and a cancel: what is found is taken as it is, and holds from then on."""
    ledger = Ledger()
    ledger.unanswered["a.wav"] = taken()
    ledger.compare({}, log_whole=True)
    ledger.compare({"c1": LISTED}, log_whole=True)
    call = ledger.calls["c1"]
    call.allowed.append(SAID | {"agent": "Ben"})
    call.cancelled = None
    ledger.compare({"c1": LISTED | {"agent": "Ben", "state": "cancelled"}}, log_whole=True)
    assert ledger.broken == []
    ledger.compare({"c1": LISTED}, log_whole=True)
    assert len(ledger.broken) == 2
