"""Limits of requests, and a clock that is put back."""

from __future__ import annotations

import pytest
from litestar import get
from litestar.testing import create_test_client

from qa.http import limits


@get("/", sync_to_thread=False)
def answer() -> str:
    return "there"


@pytest.mark.parametrize("away_s", [-86_400, 86_400])
def test_a_clock_that_jumps_shuts_nobody_out(monkeypatch: pytest.MonkeyPatch, away_s: int) -> None:
    """Two a minute: two more at once where the clock says another day, and then no more."""
    now_s = 1_800_000_000
    for module in ("litestar.middleware.rate_limit", "qa.http.limits"):
        monkeypatch.setattr(f"{module}.time", lambda: now_s)
    with create_test_client([answer], middleware=[limits.requests(2).middleware]) as client:
        assert [client.get("/").status_code for _ in range(3)] == [200, 200, 429]
        now_s += away_s
        assert [client.get("/").status_code for _ in range(3)] == [200, 200, 429]
