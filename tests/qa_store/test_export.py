"""Snapshots to take away: what may be read, in files that other programs open."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from qa.errors import StoreProblem
from qa.metadata import Metadata
from qa.store import Store, copying, readable
from rubric import Rubric
from tests.qa_store.examples import scored, sha256


@pytest.fixture
def filled(store: Store, rubric: Rubric) -> Store:
    store.save_all([scored(rubric, recording=f"{number}.wav", team="North") for number in range(3)])
    store.accept(sha256=sha256("later"), metadata=Metadata(recording="later.wav", team="North"))
    return store


def test_a_duckdb_file_has_every_readable_table_and_view(filled: Store, tmp_path: Path) -> None:
    filled.snapshot(tmp_path / "away.duckdb")
    with duckdb.connect(str(tmp_path / "away.duckdb"), read_only=True) as con:
        for name in (*readable.TABLES, *readable.VIEWS):
            columns = "* EXCLUDE (job_id)" if name == "calls" else "*"
            there = filled.sql(f"SELECT {columns} FROM {name}").rows
            assert sorted(con.execute(f"FROM {name}").fetchall(), key=repr) == sorted(there, key=repr)
        tables = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        assert tables == {*readable.TABLES, "snapshot"}
        assert con.execute(
            "SELECT count(*) FROM duckdb_constraints() WHERE constraint_type != 'NOT NULL'"
        ).fetchall() == [(0,)]
    assert [path.name for path in tmp_path.glob("*away*")] == ["away.duckdb"]


def test_a_file_is_written_while_the_snapshot_is(
    filled: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two copies at once are nothing to each other."""
    make = copying._make

    def meanwhile(copy: Any) -> None:
        monkeypatch.setattr(copying, "_make", make)
        filled.snapshots.refresh()
        make(copy)

    monkeypatch.setattr(copying, "_make", meanwhile)
    filled.snapshot(tmp_path / "away.duckdb")
    with duckdb.connect(str(tmp_path / "away.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM calls").fetchall() == [(4,)]


def test_parquet_files_come_with_a_word_on_every_column(filled: Store, tmp_path: Path) -> None:
    filled.snapshot(tmp_path / "away.parquet.zip")
    with zipfile.ZipFile(tmp_path / "away.parquet.zip") as packed:
        packed.extractall(tmp_path)
        assert set(packed.namelist()) == {"README.md", *(f"{table}.parquet" for table in readable.TABLES)}
    readme = (tmp_path / "README.md").read_text()
    for table in readable.TABLES:
        found = duckdb.read_parquet(str(tmp_path / f"{table}.parquet"))
        assert len(found.fetchall()) == len(filled.sql(f"FROM {table}").rows)
        section = readme.split(f"## `{table}.parquet`")[1].split("\n## ")[0]
        for column in found.columns:
            assert f"| `{column}` | " in section
    assert duckdb.read_parquet(str(tmp_path / "turns.parquet")).aggregate("sum(len(words))").fetchall() == [(6,)]


@pytest.mark.parametrize("name", ["away.csv", "away", "away.parquet", "none/away.duckdb", "there.duckdb"])
def test_what_cannot_be_written_is_said_and_leaves_nothing(filled: Store, tmp_path: Path, name: str) -> None:
    (tmp_path / "there.duckdb").write_text("somebody's")
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(StoreProblem) as caught:
        filled.snapshot(tmp_path / name)
    assert Path(name).name in str(caught.value)
    assert {path.name for path in tmp_path.iterdir()} == before
    assert (tmp_path / "there.duckdb").read_text() == "somebody's"


@pytest.mark.soak
@pytest.mark.parametrize("version", ["1.0.0", "1.2.2", "1.4.4"])
def test_older_programs_open_it(filled: Store, tmp_path: Path, version: str) -> None:
    """DuckDB of these versions, each in a folder of its own, reads tables, views and comments."""
    filled.snapshot(tmp_path / "away.duckdb")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--only-binary", ":all:"]
    got = subprocess.run([*install, "--target", str(tmp_path / "old"), f"duckdb=={version}", "pytz"], check=False)
    if got.returncode:
        pytest.skip(f"pip has no duckdb {version} for this Python")
    code = """
import sys
sys.path.insert(0, sys.argv[1])
import duckdb
assert duckdb.__version__ == sys.argv[3], duckdb.__version__
con = duckdb.connect(sys.argv[2], read_only=True)
names = [name for (name,) in con.execute("SHOW TABLES").fetchall()]
rows = {name: len(con.execute(f"FROM {name}").fetchall()) for name in names}
comment, = con.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'calls'").fetchone()
print(rows["calls"], rows["words"], rows["team_comparison"], len(names), comment[:14])
"""
    command = [sys.executable, "-I", "-c", code, str(tmp_path / "old"), str(tmp_path / "away.duckdb"), version]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert said == f"4 6 2 {len(readable.TABLES) + len(readable.VIEWS) + 1} One row a call\n"
