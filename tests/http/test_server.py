"""Starting a server, and what keeps one from starting."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qa import Settings, http
from qa.errors import SettingsProblem, StoreHeld
from qa.http.server import _listen

if TYPE_CHECKING:
    from tests.http.conftest import Server


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    """One line with the address, and no store made."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsProblem, match=f"cannot listen on 127.0.0.1, port {port}.*--port"):
            http.serve(settings=Settings(store=str(tmp_path / "qa.duckdb")), port=port)
    assert list(tmp_path.iterdir()) == []


def test_a_host_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A name that leads nowhere."""
    with pytest.raises(SettingsProblem, match=r"cannot listen on no-such-host\.invalid"):
        http.serve(settings=Settings(store=str(tmp_path / "qa.duckdb")), host="no-such-host.invalid")


def test_a_store_has_one_owner(server: Server) -> None:
    """A second server on the same store is refused at once."""
    with pytest.raises(StoreHeld):
        http.serve(settings=Settings(store=str(server.store)), port=0)


def test_an_answers_body_does_not_wait_for_its_head_to_be_acknowledged() -> None:
    """A connection sends at once what is written to it: else each answer takes 40 ms more."""
    with _listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
