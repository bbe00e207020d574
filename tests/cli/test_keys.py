"""`qa keys`: made, listed, revoked."""

from __future__ import annotations

from pathlib import Path

from qa import Store
from tests.cli.conftest import Run


def test_a_key_is_shown_once_and_is_good_until_it_is_revoked(run: Run) -> None:
    """Its secret stands nowhere else, neither in the list nor in the store's file."""
    made = run("keys", "create", "phones", "--role", "upload", "--role", "read", "--team", "North", "--json").json
    text, key_id = made["text"], made["key"]["key_id"]
    listed = run("keys", "list").out
    assert "phones" in listed
    assert "upload, read" in listed
    secret = text.split("_", 2)[2]
    assert secret not in listed
    assert secret.encode() not in Path("qa.duckdb").read_bytes()
    with Store.open("qa.duckdb") as store:
        key = store.key(text)
        assert key is not None
        assert (key.key_id, key.access.teams) == (key_id, frozenset({"North"}))
        assert store.key(text + "x") is None
    assert "is revoked" in run("keys", "revoke", key_id).out
    with Store.open("qa.duckdb") as store:
        assert store.key(text) is None
        assert [row[0] for row in store.sql("SELECT action FROM audit ORDER BY done_at").rows] == [
            "create key",
            "revoke key",
        ]


def test_a_key_for_people_is_alone_on_its_line(run: Run) -> None:
    """So that it can be copied."""
    lines = run("keys", "create", "lead", "--role", "read").out.splitlines()
    assert lines[0].endswith("(read; all teams), shown once:")
    assert lines[-1].startswith("qa_")


def test_no_key_of_that_id(run: Run) -> None:
    """One line, exit code 2."""
    assert run("keys", "list").code == 3
    run("keys", "create", "lead", "--role", "read")
    done = run("keys", "revoke", "none")
    assert (done.code, "qa keys list" in done.err) == (2, True)
