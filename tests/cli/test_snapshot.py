from __future__ import annotations

import zipfile
from pathlib import Path

import duckdb

from tests.cli.conftest import Demo, Run


def test_a_snapshot_is_a_file_for_other_programs(run: Run, demo: Demo, tmp_path: Path) -> None:
    """Both forms hold the calls of the store; what it wrote is said."""
    done = run("snapshot", tmp_path / "calls.duckdb", "--store", demo.store)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Wrote {tmp_path / 'calls.duckdb'}, ")
    with duckdb.connect(str(tmp_path / "calls.duckdb"), read_only=True) as con:
        (calls,) = con.execute("SELECT count(*) FROM calls").fetchall()[0]
    assert calls > 30
    assert run("snapshot", tmp_path / "calls.parquet.zip", "--store", demo.store).code == 0
    with zipfile.ZipFile(tmp_path / "calls.parquet.zip") as packed:
        assert "calls.parquet" in packed.namelist()


def test_a_file_that_is_there_is_left_alone(run: Run, demo: Demo) -> None:
    """The store itself, for one."""
    done = run("snapshot", demo.store, "--store", demo.store)
    assert (done.code, done.out) == (3, "")
    assert done.err == f"qa: {demo.store} is there already; name another file, or remove it first\n"
