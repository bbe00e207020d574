"""`qa backup`: store and recordings in a folder of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.cli.conftest import Demo, Run


def test_a_backup_answers_as_the_store_does(run: Run, demo: Demo) -> None:
    """Whole where it lies; with --json, what it is."""
    shutil.copy(demo.store, "qa.duckdb")
    shutil.copytree(demo.store.with_name("demo.duckdb.files"), "qa.duckdb.files")
    done = run("backup", "kept", "--json")
    assert (done.code, done.json["calls"], done.json["recordings"]) == (0, 35, 3)
    copy = Path(done.json["path"]) / "qa.duckdb"
    assert run("compare", "--json", "--store", copy).out == run("compare", "--json").out
    assert "35 calls, 3 recordings; " in run("backup", "kept").out
    assert len(list(Path("kept").iterdir())) == 2


def test_no_store_no_backup(run: Run) -> None:
    """One line, exit code 3, and no folder."""
    done = run("backup", "kept")
    assert (done.code, "there is no store" in done.err) == (3, True)
    assert not Path("kept").exists()
