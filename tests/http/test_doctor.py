"""`qa doctor` while a server has the store."""

from __future__ import annotations

import signal
from pathlib import Path

from qa.announcement import Announcement
from qa.doctor import store as checks
from qa.doctor import subject
from tests.http.conftest import Start


def test_a_server_that_has_the_store_is_asked_how_it_is(start: Start, tmp_path: Path) -> None:
    """Ready, not ready for want of room, and not answering; each in words."""
    import msgspec

    path = tmp_path / "qa.duckdb"
    for environment, state, words in (
        ({}, "ok", "is ready; its rows cannot be looked at"),
        ({"QA_MIN_FREE_BYTES": str(10**18)}, "wrong", "is not ready: only"),
    ):
        server = start(path, **environment)
        said = Announcement(str(server.client.base_url), server.process.pid)
        path.with_name("qa.duckdb.server").write_bytes(msgspec.json.encode(said))
        with subject(store=str(path)) as given:
            found = checks.opens(given)
        assert (found.state, words in found.found) == (state, True), found
        assert f"held by process {server.process.pid}" in found.found
        if state == "wrong":
            server.process.send_signal(signal.SIGSTOP)
            with subject(store=str(path)) as given:
                found = checks.opens(given)
            server.process.send_signal(signal.SIGCONT)
            assert (found.state, "does not answer" in found.found) == ("wrong", True), found
        server.stop()
