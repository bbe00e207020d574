"""A snapshot served to DuckDB clients: what its process may do, how it is renewed, and that it fails in words.

The extension itself is not on every machine, so where it would be loaded and asked to listen, another is and answers a
row; process, copy and limits are the real ones.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import duckdb
import pytest

from qa import Metadata, Store
from qa.errors import SettingsProblem
from qa.store import quack, quack_process
from tests.waiting import until

WITHOUT = quack.Serving(extension="json", serve="SELECT ?, 'http://' || ?")


def _copies(store: Store) -> list[Path]:
    return sorted(store.snapshots.folder.glob("quack-*.duckdb"))


def _calls(path: Path) -> int:
    with duckdb.connect(path, read_only=True) as con:
        found = con.execute("SELECT count(*) FROM calls").fetchone()
    assert found is not None
    return int(found[0])


def test_without_the_extension_it_fails_at_once_in_one_line(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which says what to do; nothing is left of the try."""
    monkeypatch.setenv("HOME", str(tmp_path))  # an installed one lies below it
    with pytest.raises(SettingsProblem) as caught, quack.serving(store.snapshots, store.path):
        pass
    assert "--quack: DuckDB's extension quack cannot be used" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [path.name for path in store.snapshots.folder.iterdir() if path.name.startswith("quack")] == []
    assert not store.path.with_name("qa.duckdb.quack").exists()
    assert store.snapshots.served == []


def test_what_is_served_is_a_copy_that_is_renewed_when_a_call_is_erased(store: Store, tmp_path: Path) -> None:
    """So that its bytes are in no file; at the end process, copy and token are gone. The token is this user's alone."""
    (tmp_path / "sound").write_bytes(b"sound")
    said = Metadata(team="North", agent="Ada Lovelace of Ockham Park")
    call_id = store.accept(sha256=store.files.keep(tmp_path / "sound"), metadata=said).call_id
    with quack.serving(store.snapshots, store.path, port=4711, how=WITHOUT) as (url, file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert url == f"http://{file.read_text().strip()}"
        (first,) = _copies(store)
        assert _calls(first) == 1
        first_bytes = first.read_bytes()
        store.erase([call_id])
        assert _copies(store) == []
        store.sweep()
        (second,) = _copies(store)
        assert (second != first, _calls(second)) == (True, 0)
        assert b"Ockham Park" in first_bytes
        assert b"Ockham Park" not in second.read_bytes()
    assert _copies(store) == []
    assert not file.exists()


def test_its_process_ends_with_who_started_it(store: Store) -> None:
    """Its stdin is the thread that it hangs by: a server that is killed leaves none."""
    served = quack.Quack(store.snapshots, port=4711, token="of a test", serving=WITHOUT)
    served.renew()
    process = served._process
    assert process is not None
    assert process.poll() is None
    assert process.stdin is not None
    process.stdin.close()
    until(lambda: process.poll() is not None)
    served._end()


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE t (i INTEGER)",
        "DELETE FROM calls",
        "INSERT INTO calls BY NAME SELECT 'x' AS call_id, 'x' AS team, 'x' AS sha256, now() AS received_at",
        "WITH d AS (DELETE FROM calls RETURNING *) SELECT * FROM d",
        "CREATE OR REPLACE MACRO quack_nop_authorization(a, b) AS true",
        "SELECT * FROM read_text('/etc/passwd')",
        "COPY (SELECT 1) TO '{path}.csv'",
        "EXPLAIN ANALYZE COPY (SELECT 1) TO '{path}.csv'",
        "ATTACH '{path}.other' AS other",
        "EXPORT DATABASE '{path}-all'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET memory_limit = '64GB'",
        "SET GLOBAL max_execution_time = '0'",
        "CREATE PERSISTENT SECRET s (TYPE http)",
    ],
)
def test_whoever_has_the_token_reads_the_snapshot_and_nothing_else(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    """By whatever statement: nothing is written, no file is read, and nothing of the configuration changes."""
    monkeypatch.chdir(tmp_path)
    request: dict[str, Any] = {
        "path": str(empty),
        "extension": "json",
        "serve": "SELECT ?, ?",
        "params": ["a", "b"],
        "memory_bytes": 1 << 30,
        "scratch_bytes": 1 << 20,
        "threads": 1,
        "time_s": 30,
    }
    before = empty.read_bytes()
    con, _ = quack_process.serve(request)
    with con:
        assert con.execute("SELECT count(*) FROM calls").fetchall() == [(0,)]
        with pytest.raises(duckdb.Error):
            con.execute(sql.format(path=empty))
    assert empty.read_bytes() == before
    assert os.listdir(empty.parent) == [empty.name]  # noqa: PTH208 - of a few names
