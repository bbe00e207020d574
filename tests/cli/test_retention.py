"""`qa retention`: what a policy will erase, before anything is served with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from qa import Metadata, Store
from tests.cli.conftest import Run


def test_it_shows_what_a_policy_will_do_and_erases_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """By team, now and within seven days; a team that no call has is named."""
    with Store.open("qa.duckdb") as store:
        for team, days in (("North", 100), ("North", 85), ("South", 100)):
            started_at = datetime.now(UTC) - timedelta(days=days)
            store.accept(sha256=f"{team} {days}", metadata=Metadata(team=team, started_at=started_at))
    monkeypatch.setenv("QA_RETENTION_DAYS", "365")
    monkeypatch.setenv("QA_RETENTION_DAYS_BY_TEAM", '{"North": 90, "Nroth": 90}')
    out = run("retention").out
    assert " ".join(out.split()).startswith(
        "Calls are kept for 365 days, of team North for 90 days, of team Nroth for 90 days."
    )
    assert out.rstrip().endswith("No call has the team Nroth.")
    assert run("retention", "--json").json_lines == [
        {"team": "North", "days": 90, "calls": 2, "due": 1, "due_within_7_days": 2},
        {"team": "Nroth", "days": 90, "calls": 0, "due": 0, "due_within_7_days": 0},
        {"team": "South", "days": 365, "calls": 1, "due": 0, "due_within_7_days": 0},
    ]
    with Store.open("qa.duckdb") as store:
        assert len(store.calls().calls) == 3


def test_a_store_that_another_holds_says_so(run: Run) -> None:
    """In one line, as every command does."""
    with Store.open("qa.duckdb"):
        done = run("retention")
    assert done.code == 3
    assert done.err.startswith("qa: the store qa.duckdb is open in this process in another way")
